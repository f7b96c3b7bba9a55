# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# The ways in which a scheduler that works well ends, and who else may come meanwhile.

case_second_scheduler_refused() {
	local status=0
	start
	"$simple" >"$scratch/second" 2>&1 || status=$?
	((status == 1)) || fail "the second scx_simple ended with status $status: $(cat "$scratch/second")"
	grep -q 'another scheduler, simple, is loaded' "$scratch/second" ||
		fail "the second scx_simple said: $(cat "$scratch/second")"
	is_enabled || fail "the first one was disturbed"
	# A scheduler of another kind is no exception.
	status=0
	build/vm/loader build/vm/leaves_with_code.bpf.o >"$scratch/second" 2>&1 || status=$?
	grep -q 'another scheduler, simple, is loaded' "$scratch/second" ||
		fail "another kind of scheduler said: $(cat "$scratch/second")"
	stop
}

case_killed_under_load() {
	local round
	background_load
	for round in 1 2 3; do
		start
		kill -KILL "$scheduler"
		wait "$scheduler" 2>/dev/null || true
		all_back
	done
	end_background
	start
	stop
	dmesg | grep -qF 'BPF scheduler "simple" disabled (unregistered from user space)' ||
		fail "the kernel log does not say that the killed scheduler is gone"
}

case_sysrq() {
	echo S >/proc/sysrq-trigger
	start
	echo S >/proc/sysrq-trigger
	ended 1 "EXIT: disabled by sysrq-S"
	start
	stop
}
