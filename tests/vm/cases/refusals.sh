# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Modules that a kernel must not take. Each time: insmod fails, the kernel log says why, nothing is
# left, and the machine goes on.

# insmod FILE fails; the kernel log's new lines match PATTERN.
insmod_refused() {
	local file=$1 pattern=$2
	dmesg --clear
	! insmod "$file" 2>"$scratch/err" || fail "insmod succeeded"
	dmesg | grep -qE "$pattern" || fail "the kernel log does not say why: $(dmesg | tail -n 5)"
	nothing_of_the_module
	perf bench sched pipe -l 200 >/dev/null
	info "insmod: $(tail -n 1 "$scratch/err" | sed 's/.*: //')"
}

nothing_of_the_module() {
	! grep -q '^sched_ext ' /proc/modules || fail "the module is in /proc/modules"
	[[ ! -e /sys/module/sched_ext ]] || fail "/sys/module/sched_ext is left"
}

case_insmod_refused_without_hooks_on_stock() { insmod_refused "$module" 'sched_ext: Unknown symbol sched_ext_'; }
case_insmod_refused_without_hooks_on_builtin() { insmod_refused "$module" 'sched_ext: Unknown symbol sched_ext_'; }

# A good module goes in afterwards.
good_module_loads() {
	insmod "$module"
	start
	stop
	unload_module
}

case_module_without_btf_refused() {
	objcopy --remove-section .BTF "$module" "$scratch/sched_ext.ko"
	insmod_refused "$scratch/sched_ext.ko" 'sched_ext: cannot register struct sched_ext_ops .*no BTF of the module'
	good_module_loads
}

# The first type of the module's own is of no kind that exists.
case_module_with_broken_btf_refused() {
	objcopy --dump-section .BTF="$scratch/btf" "$module" "$scratch/copy.ko"
	# The header is 24 bytes long; the first type's second four bytes hold its kind.
	printf '\xff\xff\xff\x1f' | dd of="$scratch/btf" bs=1 seek=28 conv=notrunc status=none
	objcopy --update-section .BTF="$scratch/btf" "$module" "$scratch/sched_ext.ko"
	insmod_refused "$scratch/sched_ext.ko" 'failed to validate module \[sched_ext\] BTF'
	good_module_loads
}

# Built from the same version with another configuration: what the module knows of types is wrong.
case_module_of_another_kernel_refused() {
	local other=debug
	[[ $module != *debug* ]] || other=hooks
	other=build/module/$other/sched_ext.ko
	[[ -e $other ]] || { echo "no $other (kernel/build debug && module/build debug)" && exit 77; }
	insmod_refused "$other" 'failed to validate module \[sched_ext\] BTF|sched_ext: (Unknown symbol|version magic|.*built for another kernel|.*section size must match)'
	good_module_loads
}
