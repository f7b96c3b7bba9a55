# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# The module comes and goes, with schedulers in between, and leaves nothing.

is_unloaded() { rmmod sched_ext 2>"$scratch/rmmod" || { grep -q 'in use' "$scratch/rmmod" && return 1; }; }

# Right after a scheduler's exit the module is in use for a moment.
unload_module() {
	wait_until is_unloaded
	[[ ! -s $scratch/rmmod ]] || fail "$(cat "$scratch/rmmod")"
}

nothing_left() {
	local place
	for place in /sys/module/sched_ext /sys/kernel/sched_ext /sys/kernel/btf/sched_ext; do
		[[ ! -e $place ]] || fail "$place is left"
	done
	! grep -q '\[sched_ext\]' /proc/kallsyms || fail "symbols are left in /proc/kallsyms"
	! grep -q '^sched_ext ' /proc/modules || fail "the module is left in /proc/modules"
	! ps -eo comm= | grep -E '^(scx|sched_ext)' || fail "kernel threads are left"
}

case_rmmod_refused_while_attached() {
	start
	! rmmod sched_ext 2>"$scratch/err" || fail "rmmod was not refused"
	grep -q 'is in use' "$scratch/err" || fail "rmmod said: $(cat "$scratch/err")"
	is_enabled || fail "the scheduler is gone"
	stop
	unload_module
	nothing_left
	insmod "$module"
}

one_cycle() {
	local refs
	insmod "$module"
	refs=$(awk '$1 == "sched_ext" { print $3 }' /proc/modules)
	[[ $refs == 0 ]] || fail "a fresh module has $refs references"
	if (($1 % 4 == 0)); then
		start
		stop
	fi
	unload_module
}

case_module_cycles() {
	local cycle part
	part=$(($(repeated 45) / 3))
	unload_module
	for ((cycle = 0; cycle < 4; cycle++)); do one_cycle $cycle; done
	watch_memory
	for ((cycle = 1; cycle <= 3 * part; cycle++)); do
		one_cycle $cycle
		((cycle % part)) || part_is_over $((cycle / part))
	done
	nothing_left
	judge_memory "$part"
	insmod "$module"
}

# The scheduler in and out of force 108 times (a third with the debug flavour), six of them from a new
# start of the program.
case_reload_under_load() {
	background_load
	in_and_out 5
	reload
	watch_memory
	reload_and_cycle
	part_is_over 1
	reload_and_cycle
	part_is_over 2
	reload_and_cycle
	end_background
	all_back
	judge_memory $((2 * $(repeated 17)))
}

reload_and_cycle() {
	local round
	for ((round = 0; round < 2; round++)); do
		in_and_out "$(repeated 17)"
		reload
	done
}

in_and_out() {
	build/vm/loader build/schedulers/obj/scx_simple.linked.o "$1" >"$scratch/out" 2>&1 || fail "$(tail -n 1 "$scratch/out")"
	[[ $(tail -n 1 "$scratch/out") == "cycles=$1" ]] || fail "it said: $(cat "$scratch/out")"
}

# The whole program each time, which loads the BPF programs too.
case_reload_whole_under_load() {
	local cycle part=34
	background_load
	for ((cycle = 0; cycle < 5; cycle++)); do reload; done
	watch_memory
	for ((cycle = 1; cycle <= 3 * part; cycle++)); do
		reload
		((cycle % part)) || part_is_over $((cycle / part))
	done
	end_background
	all_back
	judge_memory $part
}

reload() {
	"$simple" >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	wait_until is_enabled_or_over
	stop_in_storm
}
