# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Schedulers written to the API of July 2023.

# start_v4 NAME [OPTION...]: returns when it schedules.
start_v4() {
	build/vm/v4/"$1" "${@:2}" >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	wait_until is_enabled_or_over
	is_enabled || fail "$1 did not come up: $(tail -n 5 "$scratch/err")"
}

# ended_v4 LINE: the scheduler's process ends well, with this as the last line it says.
ended_v4() {
	wait "$scheduler" || fail "status $? at the end: $(tail -n 5 "$scratch/err")"
	[[ $(tail -n 1 "$scratch/out") == "$1" ]] || fail "the last line is '$(tail -n 1 "$scratch/out")' instead of '$1'"
	all_back
}

stop_v4() {
	is_enabled || fail "was ejected: $(tail -n 1 "$scratch/out")"
	kill -INT "$scheduler"
	ended_v4 "$1"
}

# As the document shows it.
summary_is() {
	local wanted
	wanted=$(printf '%-30s: %s\n' ops "$1" enabled "$2" switching_all "$3" switched_all "$4" enable_state "$5")
	[[ $(</sys/kernel/debug/sched/ext) == "$wanted" ]] || fail "shown: $(</sys/kernel/debug/sched/ext); wanted: $wanted"
}

some_load() { perf bench sched messaging -g 2 -l $((20 / ${LIGHTER:-1} + 1)) >/dev/null; }

# The program that the document prints, untouched, and what it says that a person sees.
case_document_program() {
	local task
	cp /bin/sleep "$scratch/ext"
	ext_on "$(all_cpus)" "$scratch/ext" 1000 &
	task=$!
	wait_until holds "/proc/$task/comm" ext
	[[ $(policy_of "$task") == 7 ]] || fail "policy of the SCHED_EXT task: $(policy_of "$task")"
	in_class "$task" && fail "a SCHED_EXT task is in the class without a scheduler"
	summary_is "" 0 0 0 disabled

	start_v4 simple
	wait_until holds /sys/kernel/sched_ext/switch_all 1
	summary_is simple 1 1 1 enabled
	[[ $(grep ext /proc/self/sched) =~ ^ext\.enabled\ *:\ +1$ ]] || fail "grep ext /proc/self/sched: $(grep ext /proc/self/sched)"
	in_class "$task" || fail "the SCHED_EXT task is not in the class"
	some_load
	stop_v4 exit_type=64
	summary_is "" 0 0 0 disabled

	start_v4 simple -p
	summary_is simple 1 0 0 enabled
	in_class "$task" || fail "the SCHED_EXT task is not in the class in partial mode"
	in_class $$ && fail "a normal task is in the class in partial mode"
	some_load
	stop_v4 exit_type=64
	kill "$task"
}

# Back to normal: with the loader, by a person, and not because of a CPU.
case_document_program_ends() {
	local cpu=/sys/devices/system/cpu/cpu1/online
	start_v4 simple
	echo S >/proc/sysrq-trigger
	ended_v4 exit_type=65
	start_v4 simple
	kill -KILL "$scheduler"
	wait "$scheduler" || true
	all_back
	# The table as it stands there has no link.
	start_v4 simple -k
	kill -KILL "$scheduler"
	wait "$scheduler" || true
	is_enabled || fail "a table without a link ended with its loader"
	userspace/bpftool struct_ops unregister name simple_ops >/dev/null
	all_back
	start_v4 simple
	echo 0 >$cpu
	some_load
	echo 1 >$cpu
	some_load
	stop_v4 exit_type=64
}

# Which callbacks are called in which order, and which queue a free CPU looks at first.
case_document_cycle() {
	start_v4 cycle
	python3 -B tests/vm/cases/document_cycle.py "$scratch/out"
	kill -INT "$scheduler"
	wait "$scheduler" || fail "status $? at the end: $(tail -n 5 "$scratch/err")"
	ends_with "EXIT: BPF scheduler unregistered"
}

# ends_with PATTERN: the last line to standard error.
ends_with() {
	# shellcheck disable=SC2053 # a pattern
	[[ $(tail -n 1 "$scratch/err") == $1 ]] || fail "it ended with: $(tail -n 1 "$scratch/err")"
	all_back
}

case_complete_of_2023() {
	python3 -B tests/vm/cases/complete_of_2023.py build/vm/v4/complete
	all_back
}

# faulty FAULT TYPE PATTERN: complete does something wrong, because of a task called victim.
faulty() {
	local victim=
	cp "$(command -v bash)" "$scratch/victim"
	# Works and sleeps; of policy SCHED_EXT, for the others are left alone.
	ext_on "$(all_cpus)" "$scratch/victim" -c 'while :; do read -r -t 0.05 || true; done' < <(sleep 1000) &
	victim=$!
	wait_until holds "/proc/$victim/comm" victim
	build/vm/v4/complete -p -f "$1" >"$scratch/out" 2>"$scratch/err" || fail "status $?: $(tail -n 5 "$scratch/err")"
	[[ $(tail -n 1 "$scratch/out") == "type=$2" ]] || fail "$(tail -n 1 "$scratch/out") instead of type=$2"
	ends_with "$3"
	progresses "$victim"
	kill "$victim"
}

case_stall_of_2023() { faulty 1 1026 'EXIT: runnable task stall (victim\[*\] failed to run for [1-9].*s*)'; }
case_error_of_2023() { faulty 2 1025 'EXIT: scx_bpf_error (task * asked for it)'; }

# What was prepared before the one that is refused is cancelled.
case_refusal_of_2023() {
	local counts
	faulty 3 1024 'EXIT: runtime error (ops.prep_enable() failed (-11) for victim\[*\])'
	counts=$(grep '^counts' "$scratch/out" | tail -n 1)
	[[ $counts =~ \ cancel_enable=([1-9][0-9]*)\  ]] || fail "nothing was cancelled: $counts"
	[[ $counts =~ \ enable=0\  ]] || fail "something was enabled: $counts"
}

case_missing_queue_of_2023() { faulty 4 1024 'EXIT: runtime error (dispatch of victim\[*\] to queue 0xbad, which does not exist*)'; }
case_select_cpu_of_2023() { faulty 5 1024 'EXIT: runtime error (scx_bpf_dispatch() called from a callback that may not *)'; }
