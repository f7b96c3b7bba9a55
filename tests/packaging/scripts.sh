# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154  # `top`, `scratch` are the sourcing script's
# Sourced by tests/packaging/run: the scripts in packaging/, in a checkout that is made up. What takes
# long there is done by stubs.

# made_up_checkout DIRECTORY: kernel, module and toolchain are there already.
made_up_checkout() {
	local name
	mkdir -p "$1"/{kernel/lib,module,userspace}
	cp -r "$top"/{.gitignore,Kbuild,dkms.conf,packaging} "$1/"
	cp "$top"/kernel/lib/*.sh "$1/kernel/lib/"
	for name in kernel/build module/build userspace/toolchain; do
		write_command "$1/$name" 'echo /nowhere/hooks-1'
	done
	git -C "$1" init -q
	git -C "$1" add .
	git -C "$1" -c user.name=nobody -c user.email=nobody@example.org commit -q -m 'made up'
}

# write_command FILE COMMAND...
write_command() {
	mkdir -p "${1%/*}"
	{
		echo '#!/bin/sh'
		printf '%s\n' "${@:2}"
	} >"$1"
	chmod +x "$1"
}

# As PATH has them in what follows: every package is installed, and building takes no time.
write_stubs() {
	write_command "$scratch/stubs/dpkg-query" 'echo installed'
	write_command "$scratch/stubs/lintian" :
	# shellcheck disable=SC2016 # for the stub
	write_command "$scratch/stubs/dpkg-buildpackage" \
		'version=$(sed -n "s/^sched-ext (\(.*\)) .*/\1/p" debian/changelog)' \
		'for package in $(sed -n "s/^Package: //p" debian/control); do touch "../${package}_${version}_amd64.deb"; done' \
		'touch "../sched-ext_${version}_amd64.changes" "../sched-ext_${version}_amd64.buildinfo"'
}

# is_left FILE...: nobody removed it.
is_left() {
	local file
	for file; do
		[[ -e $file ]] || {
			echo "gone: $file"
			return 1
		}
	done
}

# Packages of others, those of an earlier version, and a directory with the packages' name.
packages_replace_their_own() {
	local checkout=$scratch/checkout output=$scratch/packages
	rm -rf "$checkout" "$output"
	made_up_checkout "$checkout"
	mkdir -p "$output/sched-ext"
	touch "$output"/{linux-image-6.12.1_6.12.1-1_amd64.deb,other_1_amd64.changes,other_1_amd64.buildinfo,log} \
		"$output"/sched-ext{-dkms,-tools,-dev}_0.0.1_amd64.deb "$output"/sched-ext_0.0.1_amd64.changes \
		"$output/sched-ext-other_1_amd64.deb" "$output/sched-ext/precious"
	echo mine >"$output/log"
	PATH=$scratch/stubs:$PATH "$checkout/packaging/deb" --version 0.0.2 --output "$output" >"$scratch/said" || return
	is_left "$output"/{linux-image-6.12.1_6.12.1-1_amd64.deb,other_1_amd64.changes,other_1_amd64.buildinfo} \
		"$output"/sched-ext{-dkms,-tools,-dev}_0.0.2_amd64.deb "$output"/sched-ext_0.0.2_amd64.{changes,buildinfo} \
		"$output/sched-ext-other_1_amd64.deb" "$output/sched-ext/precious" || return
	diff <(echo mine) "$output/log" && diff <(printf '%s\n' "$output"/sched-ext-{dev,dkms,tools}_0.0.2_amd64.deb) "$scratch/said" &&
		! ls "$output"/*_0.0.1_* 2>/dev/null
}

packages_beside_the_checkout() {
	local checkout=$scratch/around/sched-ext
	rm -rf "$scratch/around"
	made_up_checkout "$checkout"
	(cd "$checkout" && PATH=$scratch/stubs:$PATH packaging/deb --output ..) || return
	is_left "$checkout"/{Kbuild,.git/HEAD,packaging/deb} "$scratch/around/sched-ext-dkms_${version}_amd64.deb"
}

# It would be removed together with what is built there.
output_where_they_are_built() {
	local checkout=$scratch/checkout
	rm -rf "$checkout"
	made_up_checkout "$checkout"
	! PATH=$scratch/stubs:$PATH "$checkout/packaging/deb" --output "$checkout/build/packages/mine"
}

# Packed before, in a cache of its own.
small_kernel_is_for_qemu() {
	local checkout=$scratch/checkout packed=$scratch/cache/sched-ext/kernel-deb/packages-hooks-1-1
	rm -rf "$checkout" "$packed"
	made_up_checkout "$checkout"
	mkdir -p "$packed"
	touch "$packed/linux-image-6.12.1_6.12.1-1_amd64.deb"
	PATH=$scratch/stubs:$PATH XDG_CACHE_HOME=$scratch/cache "$checkout/packaging/kernel-deb" >"$scratch/said" 2>"$scratch/warned" || return
	cat "$scratch/said" "$scratch/warned"
	grep -q 'boots in QEMU only.*make kernel-deb CONFIG=local' "$scratch/warned" &&
		[[ $(cat "$scratch/said") == */linux-image-6.12.1_6.12.1-1_amd64.deb && -e $(cat "$scratch/said") ]] &&
		! ls "$checkout"/build/deb/linux-image-* 2>/dev/null
}

# warned_of_secure_boot STATE: it ends where it would unpack the kernel's source.
warned_of_secure_boot() {
	write_command "$scratch/stubs/mokutil" "echo 'SecureBoot $1'"
	! PATH=$scratch/stubs:$PATH XDG_CACHE_HOME=$scratch/cache LINUX_SOURCE=$scratch/none \
		"$scratch/checkout/packaging/kernel-deb" --config local 2>"$scratch/warned" || return
	cat "$scratch/warned"
	grep -q 'LINUX_SOURCE names' "$scratch/warned" && grep -q 'Secure Boot is on' "$scratch/warned"
}

secure_boot_is_told() {
	rm -rf "$scratch/checkout"
	made_up_checkout "$scratch/checkout"
	warned_of_secure_boot enabled && ! warned_of_secure_boot disabled
}

# On Debian 13, where libraries have other names, all that a module is built with is installed. What
# is built against has no makefile.
debian_13_lacks_nothing() {
	local stubs=$scratch/stubs-13 status=0
	write_command "$stubs/dpkg-query" "echo \"\$*\" >>$scratch/asked" \
		'case "$*" in *" libelf1" | *" libssl3") exit 1 ;; esac' 'echo installed'
	write_command "$stubs/apt-get" "echo \"\$*\" >>$scratch/fetched" 'exit 1'
	rm -f "$scratch"/{asked,fetched}
	made_up_headers "$scratch/h"
	PATH=$stubs:$PATH "$top/module/build" --kernel-tree "$scratch/h" made-up || status=$?
	rm -rf "$top"/build/module/made-up{,.log,.lock}
	((status != 0)) && grep -q ' dwarves$' "$scratch/asked" || return
	! cat "$scratch/fetched"
}

# As tests/vm/devbox does before it walks it.
readme_is_walked() {
	# shellcheck source=tests/vm/devbox.d/root.sh
	(root=$top parts=$top/tests/vm/devbox.d && . "$parts/root.sh" && chapter_is_walked)
}

# Built into the kernel, or by insmod from a file: the unit's preparations, as systemd reads them, where
# modprobe knows no such module. When there is none at all `scxctl run` says so (tests/scxctl).
unit_wants_no_module_file() {
	local command prefix
	# shellcheck disable=SC2016 # for the stub
	write_command "$scratch/stubs/modprobe" 'case " $* " in *" -q "*) ;; *) echo "FATAL: not found" >&2 ;; esac' 'exit 1'
	while read -r command; do
		prefix=${command%%/*}
		command=${command##*/}
		echo "$prefix $command"
		# shellcheck disable=SC2086 # words of a command
		PATH=$scratch/stubs:$PATH $command 2>"$scratch/said" || [[ $prefix == *-* ]] || return
		! grep . "$scratch/said" || return
	done < <(sed -n 's/^ExecStartPre=//p' "$top/packaging/tools/sched-ext.service")
}

scripts() {
	write_stubs
	check "packages come beside others, and replace their own" packages_replace_their_own
	check "packages beside a checkout that has their name" packages_beside_the_checkout
	check "no packages where they are built" output_where_they_are_built
	check "the small kernel is said to be for QEMU, and not put where the others are" small_kernel_is_for_qemu
	check "who packs a kernel for a real machine is told of Secure Boot" secure_boot_is_told
	check "the README's chapter is what tests/vm/devbox walks through" readme_is_walked
	check "a module's build finds its packages on Debian 13" debian_13_lacks_nothing
	check "the unit starts where no module's file is found" unit_wants_no_module_file
}
