# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# What a person looks at, in every state of the machine.

summary=/sys/kernel/debug/sched/ext

summary_says() { sed -nE "s/^$1 *: ?//p" $summary; }

# shows STATE SWITCHING_ALL ENABLED SWITCHED_ALL NAME: all files say so; without NAME none is loaded.
shows() {
	local seen wanted listed
	wanted="state $1, switching $2 $2, enabled $3, switched $4, $1, name '${5:-}' '${5:-}'"
	seen="state $(<"$state/state"), switching $(<"$state/switch_all") $(summary_says switching_all),"
	seen+=" enabled $(summary_says enabled), switched $(summary_says switched_all), $(summary_says enable_state),"
	seen+=" name '$(summary_says ops)' '$(cat "$state/root/ops" 2>/dev/null || true)'"
	[[ $seen == "$wanted" ]] || fail "shown: $seen; wanted: $wanted"
	[[ $(wc -l <$summary) == 5 ]] || fail "$summary has not five lines: $(<$summary)"
	listed=$(userspace/bpftool struct_ops list)
	if [[ ${5:-} ]]; then
		[[ $listed == *"${5}_ops"* ]] || fail "bpftool does not list $5 while $1: $listed"
	fi
}

nothing_shown() {
	shows disabled 0 0 0
	[[ ! -e $state/root ]] || fail "$state/root is there"
	wait_until no_struct_ops
}
no_struct_ops() { [[ -z $(userspace/bpftool struct_ops list) ]]; }

# Lets the scheduler `stages` go on: open GATE.
open() {
	local key
	case $1 in init) key=0 ;; exit) key=1 ;; esac
	"$BPFTOOL" map update name gates key $key 0 0 0 value 1 0 0 0
}

# While it stands at a gate a thread of the module's keeps a CPU to itself: not the one of this shell. The
# one that loads goes where the loader is.
load_stages() {
	(($(nproc) > 1)) || { echo "one CPU is not enough (--cpus 2)" && exit 77; }
	taskset -pc 0 $$ >/dev/null
	taskset -pc 1 "$(pgrep -x scx_disable)" >/dev/null
	taskset -c 1 build/vm/loader build/vm/stages.bpf.o >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
}

count_of() { cat "$state/$1"; }

case_state_files() {
	local file sequence task
	for file in state switch_all nr_rejected hotplug_seq enable_seq; do
		[[ $(stat -c %a "$state/$file") == 444 ]] || fail "mode of $file: $(stat -c %a "$state/$file")"
	done
	nothing_shown
	sequence=$(count_of enable_seq)
	cp /bin/sleep "$scratch/unwanted"
	ext_on 0 "$scratch/unwanted" 1000 &
	task=$!
	wait_until holds "/proc/$task/comm" unwanted

	load_stages
	wait_until holds "$state/state" enabling
	shows enabling 0 0 0 stages
	[[ $(count_of enable_seq) == "$sequence" ]] || fail "enable_seq counts what is not enabled"
	open init
	wait_until is_enabled
	wait_until holds "$state/enable_seq" $((sequence + 1))
	shows enabled 1 1 1 stages
	[[ $(stat -c %a "$state/root/ops") == 444 ]] || fail "mode of root/ops: $(stat -c %a "$state/root/ops")"
	in_class $$ || fail "ext.enabled is not 1 in /proc/$$/sched"
	holds "$state/nr_rejected" 1 || fail "nr_rejected is $(count_of nr_rejected), not 1"
	[[ $(policy_of "$task") == 0 ]] || fail "the rejected task has policy $(policy_of "$task")"

	kill -INT "$scheduler"
	wait_until holds "$state/state" disabling
	shows disabling 0 0 0 stages
	in_class $$ && fail "ext.enabled is 1 while disabling"
	open exit
	ended 0 "EXIT: unregistered from user space"
	nothing_shown
	holds "$state/nr_rejected" 1 || fail "nr_rejected is $(count_of nr_rejected) after the end"

	start --partial
	shows enabled 0 1 0 simple
	holds "$state/nr_rejected" 0 || fail "nr_rejected is $(count_of nr_rejected) with the next scheduler"
	stop
	nothing_shown
	holds "$state/enable_seq" $((sequence + 2)) || fail "enable_seq is $(count_of enable_seq), not $((sequence + 2))"
	kill "$task"
}

# The same after an error, which names the task that caused it and how it came to it.
case_error_report() {
	local task dump=$scratch/err
	load_stages
	wait_until holds "$state/state" enabling
	open init
	wait_until is_enabled
	python3 -c 'import os
open("/proc/self/comm", "w").write("culprit")
os.sched_yield()' &
	task=$!
	wait_until holds "$state/state" disabling
	shows disabling 0 0 0 stages
	open exit
	ended 1 "EXIT: scx_bpf_error (task $task asked for it)"
	nothing_shown
	wait "$task" || fail "the culprit came to harm"

	grep -v '^ *$' "$dump" | head -n 2 >"$scratch/head"
	# scx_exit_kind: SCX_EXIT_ERROR_BPF is 1025.
	grep -qE "^culprit\[$task\] on CPU [0-9]+ triggered exit kind 1025:\$" "$scratch/head" ||
		fail "the dump does not begin with the culprit: $(<"$scratch/head")"
	grep -qxF "  scx_bpf_error (task $task asked for it)" "$scratch/head" ||
		fail "the dump does not say why: $(<"$scratch/head")"
	sed -n '/^Backtrace:/,/^$/p' "$dump" >"$scratch/backtrace"
	grep -q 'bpf_prog_.*_stages_yield' "$scratch/backtrace" || fail "not in the backtrace: the callback: $(<"$scratch/backtrace")"
	grep -q 'sched_yield' "$scratch/backtrace" || fail "not in the backtrace: the system call: $(<"$scratch/backtrace")"
	grep -q '^CPU 0 *: nr_run=' "$dump" || fail "the dump does not show the CPUs"
	dmesg | grep -qF 'BPF scheduler "stages" disabled (scx_bpf_error)' || fail "the kernel log does not tell"
	dmesg | grep -qF "stages: task $task asked for it" || fail "the kernel log does not say why"
}

uevents_are() { [[ $(paste -sd, "$scratch/uevents") == "$1" ]]; }

case_uevents() {
	local listener
	python3 tests/vm/cases/uevents.py >"$scratch/uevents" &
	listener=$!
	wait_until holds "$scratch/uevents" listening
	start
	wait_until uevents_are "listening,add /kernel/sched_ext/root simple"
	stop
	wait_until uevents_are "listening,add /kernel/sched_ext/root simple,remove /kernel/sched_ext/root simple"
	kill "$listener"
}

tracing=/sys/kernel/tracing

dumped() { [[ $(grep -c 'sched_ext_dump: Debug dump triggered by SysRq-D' $tracing/trace) -ge $1 ]]; }

case_sysrq_dump() {
	echo 1 >$tracing/events/sched_ext/sched_ext_dump/enable
	echo >$tracing/trace
	echo D >/proc/sysrq-trigger
	start
	! dumped 1 || fail "a dump without a scheduler"
	echo D >/proc/sysrq-trigger
	wait_until dumped 1
	grep -qE 'sched_ext_dump: CPU [0-9]+ *: nr_run=' $tracing/trace || fail "no CPU in the dump"
	is_enabled || fail "the dump ended the scheduler"
	# Switched off it stays out of the buffer, and costs the scheduler nothing.
	echo 0 >$tracing/events/sched_ext/sched_ext_dump/enable
	echo D >/proc/sysrq-trigger
	stop
	[[ $(grep -c 'Debug dump triggered' $tracing/trace) == 1 ]] || fail "a dump while the event is off"
}

# The kernel's own report about a task says which scheduler had it.
case_task_reports() {
	local task
	hog env &
	task=$!
	wait_until holds "/proc/$task/comm" bash
	reported "$task" && fail "a scheduler is named where none is loaded: $line"
	start
	wait_until in_class "$task"
	reported "$task" || fail "no scheduler is named for task $task"
	[[ $line =~ Sched_ext:\ simple\ \(enabled\+all\),\ task:\ runnable_at=[+-][0-9]+ms$ ]] ||
		fail "for a task of the class: $line"
	reported 2 || fail "no scheduler is named for kthreadd"
	cpus_report
	grep -q 'Sched_ext: simple (enabled+all)' "$scratch/cpus" || fail "not in the report about CPUs: $(<"$scratch/cpus")"
	stop
	cpus_report
	! grep 'Sched_ext: ' "$scratch/cpus" || fail "a scheduler is named after its end"
	kill "$task"
}

# Sets line to what SysRq-T says of a task. The kernel's further remarks have no level of their own;
# as warnings they would fail the run.
reported() {
	local levels
	levels=$(</proc/sys/kernel/printk)
	echo "${levels%%[[:space:]]*} 6" >/proc/sys/kernel/printk
	dmesg --clear
	echo t >/proc/sysrq-trigger
	echo "$levels" >/proc/sys/kernel/printk
	line=$(dmesg --notime | sed -nE "/^task:.* pid:$1 +/,/^task:/p" | sed 1d | grep -m 1 -E 'Sched_ext: |^task:' || true)
	[[ $line == *Sched_ext:* ]]
}

# An oops prints the same head about its CPU as SysRq-L does for each.
cpus_report() {
	dmesg --clear
	echo l >/proc/sysrq-trigger
	dmesg --notime >"$scratch/cpus"
	grep -q 'RIP: ' "$scratch/cpus" || fail "SysRq-L reports no CPU: $(<"$scratch/cpus")"
}
