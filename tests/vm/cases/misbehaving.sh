# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Schedulers that do wrong (tests/vm/bpf): each ends with the right reason, takes no task with it,
# and the next scheduler finds everything in order.

# Runs the scheduler NAME under load to its end, which must be STATUS, LINE (a pattern), CODE.
ends_by_itself() {
	local name=$1 status=$2 line=$3 code=${4:-0} task
	hog env &
	task=$!
	build/vm/loader "build/vm/$name.bpf.o" >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	# Wakeups are what makes most of them fail.
	until is_gone "$scheduler"; do sleep 0.01; done
	ended "$status" "$line"
	[[ $(sed -n 's/^code=//p' "$scratch/out") == "$code" ]] || fail "exit code: $(grep ^code= "$scratch/out"), not $code"
	((status == 0)) || grep -q ' triggered exit kind ' "$scratch/err" || fail "no dump came with the error"
	progresses "$task"
	kill "$task"
	start
	stop
}

# The watchdog is a task too: either it finds one that waits, or the clock finds it missing.
case_never_dispatches() {
	ends_by_itself never_dispatches 1 \
		"EXIT: runnable task stall (@(*\[+([0-9])\] failed to run|watchdog failed to check in) for +([0-9]).+([0-9])s)"
}

case_missing_queue() {
	ends_by_itself missing_queue 1 \
		"EXIT: runtime error (dispatch of *\[+([0-9])\] to queue 0xbad, which does not exist*)"
}

case_vtime_to_local() {
	ends_by_itself vtime_to_local 1 "EXIT: runtime error (dispatch of *\[+([0-9])\] by vtime to queue *)"
}

case_reports_error() {
	ends_by_itself reports_error 1 "EXIT: scx_bpf_error (enough after 100 enqueues, says the test)"
}

case_init_fails() { ends_by_itself init_fails 1 "EXIT: runtime error (ops.init() failed (-12))"; }

case_init_task_fails() {
	local task
	cp /bin/sleep "$scratch/unwanted"
	"$scratch/unwanted" 1000 &
	task=$!
	wait_until holds "/proc/$task/comm" unwanted
	ends_by_itself init_task_fails 1 "EXIT: runtime error (ops.init_task() failed (-12) for unwanted\[$task\])"
	is_gone "$task" && fail "the refused task is gone"
	kill "$task"
}

case_leaves_with_code() {
	ends_by_itself leaves_with_code 0 "EXIT: unregistered from BPF (done after 100 enqueues)" 42
}
