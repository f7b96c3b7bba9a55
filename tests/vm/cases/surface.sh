# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# What a scheduler's author may call and implement: everything works, under each of its names.

# Wakes, forks, sleeps and yields until the scheduler's process is gone.
load_until_over() {
	local tries
	for ((tries = 0; tries < 200 * ${SLOWER:-1}; tries++)); do
		! is_gone "$scheduler" || return 0
		perf bench sched messaging -g 2 -l 20 >/dev/null 2>&1 || true
	done
	fail "the scheduler did not come to its end: $(tail -n 3 "$scratch/err")"
}

case_both_names() {
	build/vm/loader build/vm/both_names.bpf.o >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	wait_until is_enabled_or_over
	grep -q '^SCX_EV_BYPASS_ACTIVATE 1$' "$state/root/events" || fail "events: $(cat "$state/root/events")"
	info "$(tr '\n' ' ' <"$state/root/events")"
	load_until_over
	ended 0 "EXIT: unregistered from BPF (all was right)"
	grep -qx 'code=43' "$scratch/out" || fail "exit code: $(grep ^code= "$scratch/out")"
}

case_every_callback() {
	python3 -B tests/vm/cases/every_callback.py "$BPFTOOL" build/vm/loader build/vm/every_callback.bpf.o
	all_back
}
