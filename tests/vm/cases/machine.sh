# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# What happens to the machine below a scheduler.

restarted() { (($(grep -c '^RESTART: ' "$scratch/out") >= $1)); }

# scx_simple does not follow CPUs that come and go: each time it starts anew by itself.
case_cpu_hotplug() {
	local cpu=/sys/devices/system/cpu/cpu1/online task round
	[[ -e $cpu ]] || { echo "one CPU is not enough (--cpus 2)" && exit 77; }
	hog env &
	task=$!
	start
	for round in 0 1 2 3; do
		echo $((round % 2)) >$cpu
		wait_until restarted $((round + 1))
		wait_until is_enabled
		progresses "$task"
	done
	grep -q '^EXIT: unregistered from the main kernel (cpu 1 going offline' "$scratch/out" ||
		fail "the exit line does not name the CPU: $(grep EXIT "$scratch/out")"
	stop
	kill "$task"
}

# Freezing every task and thawing it again is what suspend asks of a scheduler.
case_suspend() {
	local task
	[[ -w /sys/power/pm_test ]] || { echo "the kernel has no suspend tests (CONFIG_PM_DEBUG)" && exit 77; }
	hog env &
	task=$!
	start
	echo freezer >/sys/power/pm_test
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
	echo freeze >/sys/power/state
	is_enabled || fail "the scheduler is gone: $(tail -n 1 "$scratch/out")"
	progresses "$task"
	stop
	kill "$task"
}

case_isolcpus_refused() {
	local status=0
	"$simple" >"$scratch/out" 2>"$scratch/err" || status=$?
	((status == 1)) || fail "status $status: $(cat "$scratch/out" "$scratch/err")"
	[[ $(wc -l <"$scratch/err") -eq 1 ]] || fail "says more than one line: $(cat "$scratch/err")"
	dmesg | grep -q 'sched_ext: "simple" cannot be loaded: isolcpus=' || fail "the kernel log does not say why"
	all_back
}
