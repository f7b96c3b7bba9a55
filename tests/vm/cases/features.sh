# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# What the kernel's features ask of a scheduling class, each seen from the outside. removals has, for
# each, the line of the module without which its case fails. Times are those of guests whose clock
# counts instructions, or counts of interrupts.

# A task called NAME that never sleeps, with COMMAND in front.
hog_called() {
	cp -n "$(command -v bash)" "$scratch/$1"
	exec "${@:2}" "$scratch/$1" -c 'while :; do :; done'
}

is_called() { holds "/proc/$1/comm" "$2"; }

# ---- Groups ----

case_groups_are_followed() {
	echo 1 >/proc/sys/kernel/sched_autogroup_enabled
	python3 -B tests/vm/cases/groups.py "$BPFTOOL" build/vm/loader build/vm/follows_groups.bpf.o >"$scratch/said" ||
		fail "$(<"$scratch/said")"
	all_back
}

# ---- CPUs that come and go ----

# cpus_in MAP: what follows_cpus counts of CPU 1.
times_of_cpu1() {
	"$BPFTOOL" -j map lookup name "$1" key 1 0 0 0 |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["formatted"]["value"])'
}

case_cpu_callbacks() {
	local cpu=/sys/devices/system/cpu/cpu1/online task tasks=() round
	need_cpus 2
	for _ in 1 2 3; do
		hog_called patient taskset -c 0-1 &
		tasks+=($!)
		wait_until is_called $! patient
	done
	begin follows_cpus
	for ((round = 1; round <= 2; round++)); do
		for task in "${tasks[@]}"; do taskset -pc 1 "$task" >/dev/null; done
		progresses_or_over "$task"
		for task in "${tasks[@]}"; do taskset -pc 0-1 "$task" >/dev/null; done
		echo 0 >$cpu
		for task in "${tasks[@]}"; do progresses_or_over "$task"; done
		[[ $(times_of_cpu1 went) == "$round" ]] || fail "CPU 1 went $round times, cpu_offline was called $(times_of_cpu1 went) times"
		echo 1 >$cpu
		[[ $(times_of_cpu1 came) == "$round" ]] || fail "CPU 1 came $round times, cpu_online was called $(times_of_cpu1 came) times"
	done
	leave
	kill "${tasks[@]}"
}

# SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG
RESTART_AFTER_HOTPLUG=$(((1 << 48) | (1 << 32)))

case_hotplug_exit_codes() {
	local cpu=/sys/devices/system/cpu/cpu1/online
	need_cpus 2
	begin plain_local
	echo 0 >$cpu
	wait_until restarted 1
	wait_until is_enabled
	echo 1 >$cpu
	wait_until restarted 2
	wait_until is_enabled
	leave
	grep '^EXIT: ' "$scratch/out" | head -n 2 >"$scratch/exits"
	printf 'EXIT: unregistered from the main kernel (cpu 1 going %s, exiting scheduler)\n' offline online |
		cmp -s - "$scratch/exits" || fail "it said: $(<"$scratch/exits")"
	[[ $(grep -cx "code=$RESTART_AFTER_HOTPLUG" "$scratch/out") == 2 ]] || fail "the codes are: $(grep ^code= "$scratch/out")"
}

# A scheduler that was made for the CPUs as they were before they changed.
case_stale_hotplug_seq() {
	build/vm/loader build/vm/stale_topology.bpf.o >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	wait_until was_refused_or_loaded
	restarted 1 || fail "was taken: $(tail -n 1 "$scratch/out")"
	# It would start anew for ever.
	kill -INT "$scheduler"
	wait_until is_gone "$scheduler"
	all_back
	grep -q '^EXIT: unregistered from the main kernel (.*hotplug' "$scratch/out" || fail "it said: $(grep EXIT "$scratch/out")"
	grep -qx "code=$RESTART_AFTER_HOTPLUG" "$scratch/out" || fail "the code is: $(grep ^code= "$scratch/out")"
}

was_refused_or_loaded() { restarted 1 || is_enabled || is_gone "$scheduler"; }

# ---- Core scheduling ----

# Two threads of one core, and a task on each that trusts nobody else.
start_strangers() {
	local own_cookie='import ctypes, os, sys
PR_SCHED_CORE, PR_SCHED_CORE_CREATE = 62, 1
if ctypes.CDLL(None, use_errno=True).prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, 0, 0):
    raise OSError(ctypes.get_errno(), "prctl(PR_SCHED_CORE)")
os.execvp(sys.argv[1], sys.argv[1:])'

	[[ $(</sys/devices/system/cpu/cpu0/topology/thread_siblings_list) == 0-1 ]] ||
		{ echo "CPUs 0 and 1 are not one core (--topology cores=1,threads=2)" && exit 77; }
	hog_called "$1" taskset -c 0 python3 -c "$own_cookie" &
	first=$!
	hog_called "$2" taskset -c 1 python3 -c "$own_cookie" &
	second=$!
	wait_until is_called $first "$1"
	wait_until is_called $second "$2"
}

# Sets first_ran and second_ran: who ran how long of some time, in ms.
measure_strangers() {
	local first_before second_before
	# What one was ahead of the other while they started is made up for.
	progresses_or_over "$first"
	progresses_or_over "$second"
	first_before=$(cpu_time "$first") second_before=$(cpu_time "$second")
	wait_until strangers_ran $((first_before + second_before + 600000000))
	first_ran=$((($(cpu_time "$first") - first_before) / 1000000))
	second_ran=$((($(cpu_time "$second") - second_before) / 1000000))
	is_enabled || fail "was ejected: $(last_words)"
}

strangers_ran() { (($(cpu_time_of "$first" "$second") >= $1)); }

case_strangers_take_turns() {
	local first second first_ran second_ran started took
	begin plain_local
	start_strangers one other
	started=$(milliseconds)
	measure_strangers
	took=$(($(milliseconds) - started))
	leave
	kill "$first" "$second"
	info "two strangers on one core: $first_ran and $second_ran ms of $took"
	((first_ran + second_ran <= took + 20)) || fail "they ran at the same time"
	((first_ran * 4 > second_ran && second_ran * 4 > first_ran)) || fail "one of them hardly ran"
}

# own_order wants four times as much for `early` as for `late`, whichever CPU each is on.
case_strangers_in_own_order() {
	local first second first_ran second_ran early late
	begin own_order
	start_strangers early late
	measure_strangers
	kill "$first" "$second"
	early=$first_ran late=$second_ran
	start_strangers late early
	measure_strangers
	kill "$first" "$second"
	leave
	late=$((late + first_ran)) early=$((early + second_ran))
	info "early $early ms, late $late ms"
	((early * 10 > late * 25 && early * 10 < late * 60)) || fail "that is not four times as much"
}

# ---- CPUs without a tick ----

timer_interrupts() { awk '$1 == "LOC:" { print $3 }' /proc/interrupts; }

# ticks_per_second TASK: of CPU 1, while TASK runs there.
ticks_per_second() {
	local before ran
	before=$(timer_interrupts) ran=$(cpu_time "$1")
	wait_until ran_more_than "$1" $((ran + 500000000))
	echo $((($(timer_interrupts) - before) * 1000 / (($(cpu_time "$1") - ran) / 1000000)))
}

need_tickless_cpu() {
	[[ $(cat /sys/devices/system/cpu/nohz_full 2>/dev/null) == 1 ]] ||
		{ echo "CPU 1 does not run without a tick (--append nohz_full=1)" && exit 77; }
}

case_endless_slice_stops_tick() {
	local task ticks
	need_tickless_cpu
	begin endless_slices
	hog_called endless taskset -c 1 &
	task=$!
	wait_until is_called $task endless
	progresses_or_over $task
	ticks=$(ticks_per_second $task)
	info "$ticks ticks a second under a slice without end"
	# First: BPF's end waits for RCU, and that for a task whose CPU has no tick.
	kill $task
	leave
	((ticks < 100)) || fail "the tick goes on"
}

case_finite_slice_keeps_tick() {
	local one other ticks
	need_tickless_cpu
	begin endless_slices
	hog_called finite taskset -c 1 &
	one=$!
	wait_until is_called $one finite
	progresses_or_over $one
	ticks=$(ticks_per_second $one)
	# Nobody but the tick ends the slice of the one for the other.
	hog_called finite taskset -c 1 &
	other=$!
	for _ in 1 2 3; do
		progresses_or_over $one
		progresses_or_over $other
	done
	info "$ticks ticks a second under slices that end"
	kill $one $other
	leave
	((ticks > 500)) || fail "the tick stands still"
}

# A kick takes even a slice without end, and who is alone gets one of the usual length then.
case_tick_comes_back() {
	local task ticks
	need_tickless_cpu
	begin endless_slices
	hog_called endless taskset -c 1 &
	task=$!
	wait_until is_called $task endless
	progresses_or_over $task
	taskset -c 0 python3 -c 'import os
open("/proc/self/comm", "w").write("breaker")
os.sched_yield()'
	ticks=$(ticks_per_second $task)
	info "$ticks ticks a second after the slice without end"
	kill $task
	leave
	((ticks > 500)) || fail "the tick does not come back"
}

# ---- Frequency ----

case_frequency_follows() {
	local policy=/sys/devices/system/cpu/cpufreq/policy0 task
	insmod "$FAKE_CPUFREQ"
	echo schedutil >$policy/scaling_governor
	begin sets_frequency
	for _ in 1 2; do
		hog_called fast taskset -c 0 &
		task=$!
		wait_until runs_at "$(<$policy/cpuinfo_max_freq)"
		kill $task
		hog_called slow taskset -c 0 &
		task=$!
		wait_until runs_at "$(<$policy/cpuinfo_min_freq)"
		kill $task
	done
	leave
	echo performance >$policy/scaling_governor
	rmmod fake_cpufreq
}

runs_at() {
	is_enabled || fail "was ejected: $(last_words)"
	holds /sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq "$1"
}

# ---- Suspend ----

# Freezing stops the very process that the scheduler needs to let tasks run. It must not ask for it.
# Who sleeps is frozen where it is: only tasks that want to run show it, more than the agent's last
# ration lets through. Who freezes them needs no scheduler.
case_suspend_without_agent() {
	local tasks=() agent
	[[ -w /sys/power/pm_test ]] || { echo "the kernel has no suspend tests (CONFIG_PM_DEBUG)" && exit 77; }
	python3 -c 'import time
open("/proc/self/comm", "w").write("agent")
while True:
    time.sleep(0.005)' &
	agent=$!
	wait_until is_called $agent agent
	for _ in {1..8}; do
		hog env &
		tasks+=($!)
	done
	begin needs_agent
	progresses_or_over "${tasks[-1]}"
	echo 3000 >/sys/power/pm_freeze_timeout
	echo freezer >/sys/power/pm_test
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
	chrt --fifo 1 bash -c 'echo freeze >/sys/power/state' || fail "the tasks could not be frozen"
	progresses_or_over "${tasks[-1]}"
	leave
	kill $agent "${tasks[@]}"
}

# ---- Memory nodes ----

case_global_queue_of_each_node() {
	local home task tasks=()
	[[ -d /sys/devices/system/node/node1 ]] || { echo "one memory node is not enough (--numa 2)" && exit 77; }
	need_cpus 4
	begin two_nodes
	for home in 0 1; do
		for _ in 1 2 3; do
			hog_called home$home taskset -c $((home * 2)) &
			task=$!
			wait_until is_called $task home$home
			tasks+=("$task")
		done
	done
	for task in "${tasks[@]}"; do taskset -pc 0-3 "$task" >/dev/null; done
	for _ in 1 2; do
		for task in "${tasks[@]}"; do progresses_or_over "$task"; done
	done
	leave
	kill "${tasks[@]}"
}
