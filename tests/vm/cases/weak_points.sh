# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Where the kernel's own sched_ext of 6.12 hangs, starves or leaks: docs/weak-points.md has what
# both print. Waits are bounded as everywhere; the figures are counts, or guest time of guests
# whose clock counts instructions.

# Until the loaded scheduler is ended by SysRq-S, in ms of guest time.
time_to_end() {
	local start end
	start=$(milliseconds)
	echo S >/proc/sysrq-trigger
	while ! is_disabled; do :; done
	end=$(milliseconds)
	echo $((end - start))
}

# COUNT threads on CPUS, computing.
crowd() {
	mkfifo "$scratch/word"
	build/vm/crowd "$1" "$2" <"$scratch/word" >"$scratch/crowd" 2>&1 &
	crowd=$!
	exec 8>"$scratch/word"
	wait_until grep -q ready "$scratch/crowd"
}
let_crowd_go() { echo >&8; }
crowd_runs() { (($(ps -L -o state= -p "$crowd" | grep -c R) >= $1)); }
end_crowd() {
	kill -KILL "$crowd"
	wait "$crowd" 2>/dev/null || true
	exec 8>&-
}

# ---- Kicks ----

case_kick_wait_ring() {
	local cpu round task tasks=()
	need_cpus 3
	for cpu in 0 1 2; do
		hog taskset -c $cpu &
		tasks+=($!)
	done
	begin kick_ring
	for round in 1 2 3; do
		for task in "${tasks[@]}"; do progresses "$task"; done
	done
	leave
	kill "${tasks[@]}"
	info "3 tasks in a ring of 3 CPUs went on $round times each"
}

interrupts_to_reschedule() { awk '$1 == "RES:" { print $3 }' /proc/interrupts; }

# CPU 0 kicks CPU 1, which runs a FIFO task, at each tick: NAME says how.
kick_higher() {
	local name=$1 rt task before ran
	need_cpus 2
	hog chrt --fifo 10 taskset -c 1 &
	rt=$!
	ext_on 0 bash -c 'while :; do :; done' &
	task=$!
	begin "$name"
	progresses "$task"
	before=$(interrupts_to_reschedule) ran=$(cpu_time "$task")
	wait_until ran_more_than "$task" $((ran + 500000000))
	ran=$((($(cpu_time "$task") - ran) / 1000000))
	info "$(($(interrupts_to_reschedule) - before)) reschedule interrupts to CPU 1 in $ran ms of kicking"
	(($(interrupts_to_reschedule) - before < ran / 5)) || fail "the CPU of the FIFO task was rescheduled needlessly"
	leave
	kill "$rt" "$task"
}

case_kick_of_higher_class() { kick_higher kick_higher; }
case_kick_wait_for_higher_class() { kick_higher kick_higher_wait; }

# ---- Flags of more than 32 bits ----

case_preempting_move() {
	local hog mover
	need_cpus 2
	ext_on 1 bash -c 'while :; do :; done' &
	hog=$!
	ext_on 0-1 python3 -c 'import time
while True:
    time.sleep(0.01)' &
	mover=$!
	begin preempt_remote
	progresses "$hog"
	for _ in 1 2 3; do progresses_or_over "$mover"; done
	leave
	kill "$hog" "$mover"
	info "a task moved with SCX_ENQ_PREEMPT runs on a CPU whose task has a slice without end"
}

# ---- Departures ----

# Yields again and again, on the CPUs of a list as a task of policy SCHED_EXT called NAME.
yielder() {
	ext_on "$1" python3 -c 'import os, sys
open("/proc/self/comm", "w").write(sys.argv[1])
while True:
    os.sched_yield()' "$2"
}

case_taken_while_it_leaves() {
	local tasks=()
	need_cpus 2
	yielder 0 stays & tasks+=($!)
	yielder 1 stays & tasks+=($!)
	begin leaves_slowly
	yielder 0-1 leaver & tasks+=($!)
	wait_until grep -q leaver "/proc/${tasks[2]}/comm"
	for _ in 1 2 3; do progresses "${tasks[2]}"; done
	leave
	kill "${tasks[@]}"
	info "a task that is taken while it leaves its CPU goes on elsewhere"
}

# ---- Crowds ----

crowded_end() {
	local name=$1 count=$2 cpus=$3 limit=$4 took
	crowd "$count" "$cpus"
	begin "$name"
	# What is measured is not to wait for its turn in the crowd.
	chrt --fifo -p 50 $BASHPID >/dev/null
	let_crowd_go
	sleep 3
	took=$(time_to_end)
	info "$count threads on CPUs $cpus under $name: ended in $took ms"
	all_back_but_crowd
	end_crowd
	wait_until is_gone "$scheduler"
	((took < limit)) || fail "ending the scheduler took $took ms"
}

all_back_but_crowd() { holds "$state/switch_all" 0 || fail "switch_all is $(<"$state/switch_all")"; }

case_end_with_pinned_crowd() { need_cpus 2 && crowded_end one_queue "$(repeated 5000 2000)" 0 5000; }
case_end_with_crowd_on_one_cpu() { need_cpus 2 && crowded_end cpu0_only "$(repeated 1000)" "0-$(($(nproc) - 1))" 10000; }

# ---- Groups ----

case_exit_task_after_its_cgroup() {
	local group=/sys/fs/cgroup/weak parent
	echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
	mkdir $group
	begin late_exit_task
	# A zombie: its parent does not ask for it.
	python3 - "$group" <<'PARENT' >"$scratch/zombie" &
import os, sys, time
child = os.fork()
if child == 0:
    with open(sys.argv[1] + "/cgroup.procs", "w") as procs:
        procs.write("0")
    os._exit(0)
print(child, flush=True)
time.sleep(100000)
PARENT
	parent=$!
	wait_until is_zombie_of "$parent"
	wait_until rmdir $group
	# The group goes offline after a grace period or two.
	sleep 2
	kill "$parent"
	wait_until is_gone "$(<"$scratch/zombie")"
	sleep 1
	leave
	echo -cpu >/sys/fs/cgroup/cgroup.subtree_control
	info "a zombie's exit_task came before the cgroup_exit of its group"
}

is_zombie_of() { [[ -s $scratch/zombie && $(ps -o state= -p "$(<"$scratch/zombie")") == Z ]]; }

dying_groups() { awk '/^nr_dying_descendants/ { print $2 }' /sys/fs/cgroup/cgroup.stat; }
no_more_dying_than() { (($(dying_groups) <= $1)); }

case_refused_groups_go_away() {
	local round before rounds
	rounds=$(repeated 100 30)
	echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
	before=$(dying_groups)
	for ((round = 0; round < rounds; round++)); do
		mkdir "/sys/fs/cgroup/refused$round"
		build/vm/loader build/vm/cgroup_refuses.bpf.o >"$scratch/out" 2>"$scratch/err" && fail "was not refused"
		rmdir "/sys/fs/cgroup/refused$round"
	done
	[[ $(last_words) == "EXIT: runtime error"* ]] || fail "$(last_words)"
	echo -cpu >/sys/fs/cgroup/cgroup.subtree_control
	for ((round = 0; round < 50; round++)); do
		no_more_dying_than "$before" && break
		sleep 0.2
	done
	info "$(($(dying_groups) - before)) of $rounds refused cgroups are left as dying ones"
	no_more_dying_than "$before" || fail "references to cgroups are lost"
}

# ---- Iterators ----

case_parked_iterator() {
	local task other
	# Two, or the scheduler would not be asked: a task that is alone goes on.
	hog taskset -c 0 &
	task=$!
	hog taskset -c 0 &
	other=$!
	build/vm/loader build/vm/parked_iterator.bpf.o >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	until is_gone "$scheduler"; do sleep 0.01; done
	ended 0 "EXIT: unregistered from BPF (all queues are destroyed)"
	progresses "$task"
	kill "$task" "$other"
	info "64 queues destroyed with an iterator parked on each"
}

# ---- Real-time hogs ----

case_rt_hog() {
	local rt task start ran=0 passed
	need_cpus 2
	hog taskset -c 1 &
	task=$!
	begin plain_local
	progresses "$task"
	hog chrt --fifo 10 taskset -c 1 &
	rt=$!
	progresses "$rt"
	start=$(milliseconds) ran=$(cpu_time "$task")
	while is_enabled && (($(milliseconds) - start < 20000)); do sleep 0.5; done
	passed=$(($(milliseconds) - start))
	# In hundredths of a percent: ns over ms.
	ran=$((($(cpu_time "$task") - ran) / 100 / passed))
	info "beside a FIFO hog: $((ran / 100)).$(printf %02d $((ran % 100))) % of $passed ms"
	kill "$rt"
	is_enabled || fail "was ejected: $(wait_until is_gone "$scheduler" && last_words)"
	leave
	kill "$task"
	((ran >= 400)) || fail "that is less than 4 %"
}

# ---- Lockups ----

# unloads_on CPUS: where the thread that unloads may run. The kernel's own sched_ext has none of this name.
unloads_on() {
	local thread
	for thread in $(pgrep -x scx_disable); do taskset -pc "$1" "$thread" >/dev/null; done
}

# The thread that unloads would wait for the CPU that is locked up if it went where it was last.
case_soft_lockup_ejects() {
	(($(nproc) > 1)) || { echo "one CPU is not enough (--cpus 2)" && exit 77; }
	echo 5 >/proc/sys/kernel/watchdog_thresh
	cp "$(command -v bash)" "$scratch/culprit"
	unloads_on 1
	begin plain_local
	leave
	unloads_on 0-1
	begin locks_up
	taskset -c 1 "$scratch/culprit" -c '/bin/true; :'
	wait_until is_gone "$scheduler"
	ended 1 "EXIT: runtime error (soft lockup is near: CPU *)"
	info "$(last_words)"
}

case_rcu_stall_ejects() {
	# Who is in RCU's way for half a second is boosted out of the class there.
	if pgrep rcub/ >/dev/null; then echo "this kernel boosts RCU readers" && exit 77; fi
	echo 8 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
	start_searchers
	build/vm/loader build/vm/parks_rcu_reader.bpf.o >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	until is_gone "$scheduler"; do sleep 0.1; done
	ended 1 "EXIT: runtime error (RCU stall is near: CPU *)"
	info "$(last_words)"
}

# Long paths, which the kernel walks inside an RCU read section.
start_searchers() {
	local _
	for _ in 1 2 3 4; do
		python3 -c 'import os
path = "/" + "usr/../" * 500 + "nothing"
while True:
    os.path.exists(path)' &
	done
}

# ---- The dump ----

# The CPU that writes the dump goes on to take its timer's interrupts between the tasks.
case_dump_leaves_interrupts_on() {
	local taken tasks
	cp "$(command -v sleep)" "$scratch/errs"
	crowd 2000 0
	begin dumps_much
	let_crowd_go
	wait_until crowd_runs 2000
	"$scratch/errs" 0.1 || true
	wait_until is_gone "$scheduler"
	end_crowd
	head -n 2 "$scratch/err" | grep -q 'errs\[[0-9]*\] wants a dump' || fail "no culprit: $(head -n 3 "$scratch/err")"
	read -r taken tasks < <(sed -nE 's/.* interrupts=([0-9]+) tasks=([0-9]+)$/\1 \2/p' /sys/kernel/tracing/trace)
	info "$taken timer interrupts while a dump of $tasks tasks was written"
	((tasks >= 2000 && taken >= 10)) || fail "too few"
}
