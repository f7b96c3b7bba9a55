# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced before each case of the transcripts: scxctl in PATH, a directory of made-up schedulers, and
# functions that make a directory look like a system.
# KERNEL in the environment is a built kernel tree with the hooks.

scxctl_program=$SCXCTL
scxctl() { "$scxctl_program" --schedulers "$PWD/bin" "$@"; }
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$scxctl_program" --schedulers "$PWD/bin" "$@"; }

# made_up NAME COMMANDS: a scheduler of that name which only does that.
made_up() {
	mkdir -p bin
	cat >"bin/scx_$1" <<-TEXT
		#!/bin/sh
		[ "\$1" != --help ] || { echo "$1 does nothing"; exit; }
		$2
	TEXT
	chmod +x "bin/scx_$1"
}

put() {
	mkdir -p "root/${1%/*}"
	printf '%s\n' "${@:2}" >"root/$1"
}

# A system as root sees it, of a kernel that lacks the hooks.
system() {
	put proc/sys/kernel/osrelease "$1"
	put proc/self/status 'CapEff:	000001ffffffffff'
	put proc/kallsyms '0 T schedule' '0 r __ksymtab__printk'
	put sys/fs/cgroup/cgroup.controllers 'cpuset cpu io memory pids'
	put sys/fs/cgroup/cgroup.subtree_control 'cpu memory pids'
	mkdir -p root/sys/kernel/btf
	ln -s "$KERNEL/vmlinux" root/sys/kernel/btf/vmlinux
}

# A kernel that has sched_ext itself: its types are struct sched_ext_ops alone, in BTF's raw form.
built_in() {
	rm root/sys/kernel/btf/vmlinux
	{
		printf '\x9f\xeb\x01\x00\x18\x00\x00\x00' # magic, version, flags, the header's length
		printf '%b' '\x'{00,0c,0c,0f}'\x00\x00\x00'  # where types and strings are, and their lengths
		printf '\x01\x00\x00\x00\x00\x00\x00\x04'  # the string at 1 names a structure
		printf '\x00\x00\x00\x00\x00sched_ext_ops\x00'
	} >root/sys/kernel/btf/vmlinux
	put sys/kernel/sched_ext/state disabled
}

hooks() {
	# shellcheck disable=SC2046 # names of symbols
	put proc/kallsyms '0 r __ksymtab__printk' $("$TOP/packaging/dkms/hook-exports" |
		sed 's/ .*//; s/^/0@r@__ksymtab_/')
	tr @ ' ' <root/proc/kallsyms >kallsyms
	mv kallsyms root/proc/kallsyms
}

installed() { put lib/modules/6.12.1/modules.dep 'updates/dkms/sched_ext.ko:'; }

module() {
	put sys/module/sched_ext/version "${1:-$VERSION}"
	put sys/kernel/btf/sched_ext types
	put sys/kernel/sched_ext/state disabled
	put sys/kernel/sched_ext/switch_all 0
	put sys/kernel/sched_ext/nr_rejected 0
	put sys/kernel/sched_ext/enable_seq 2
}

scheduler() {
	put sys/kernel/sched_ext/state enabled
	put sys/kernel/sched_ext/switch_all 1
	put sys/kernel/sched_ext/root/ops simple
	put sys/kernel/sched_ext/root/events 'SELECT_CPU_FALLBACK 0' 'DISPATCH_KEEP_LAST 12'
	put proc/uptime '500.00 1.00'
	put proc/77/comm scx_simple
	put proc/77/stat "77 (scx simple)) S 1 77 77 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 43500 1 1"
	put proc/77/cgroup '0::/system.slice/sched-ext.service'
	put proc/77/fdinfo/3 'link_type:	struct_ops' 'map_id:	5'
}

# unit STATE [COMMANDS]: systemd runs, and the unit is in that state. It knows as much of starting and
# stopping as here is needed: COMMANDS are what a start does, in this directory, with the file that
# the unit reads in `told`; and it notes what it was asked to do in `asked`.
unit() {
	put run/systemd/system/there ''
	put lib/systemd/system/sched-ext.service '[Unit]'
	echo "$1" >unit
	mkdir -p tools
	cat >tools/systemctl <<-TEXT
		#!/bin/bash
		cd "$PWD" && export SCXCTL=$SCXCTL && . "$TOP/tests/scxctl/setup.sh"
		was=\$(cat unit)
		[[ \$1 == is-active ]] || echo "\$*" >>asked
		case \$1 in
		is-active) echo "\$was" && [[ \$was == active ]] ;;
		stop) echo inactive >unit ;;
		start)
			[[ \$was == inactive || \$was == failed ]] || exit 0
			cp root/run/sched-ext/start told
			echo active >unit
			${2:-true}
			;;
		esac
	TEXT
	chmod +x tools/systemctl
	PATH=$PWD/tools:$PATH
}

# Commands of a made-up scheduler or of this shell: the system shows the process.
visible() { echo "mkdir -p $PWD/root/proc; ln -s /proc/\$\$ $PWD/root/proc/"; }

# appears FILE: within 20 s.
appears() { timeout 20 bash -c 'until [[ -e $1 || -L $1 ]]; do sleep 0.1; done' appears "$1"; }

# The project's own.
real() {
	mkdir -p bin
	cp "$TOP/build/schedulers/scx_$1" bin/ # a link into a home of root leads nobody nowhere
}
