# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# scx_simple in its modes: who is in the class, what is counted, what is left afterwards.

# The sum of both counters, one a line.
sums() { sed -nE 's/^local=([0-9]+) global=([0-9]+)$/\1 \2/p' "$scratch/out" | awk '{ print $1 + $2 }'; }

counted() {
	local all
	all=$(sums)
	[[ $(grep -c . <<<"$all") -ge 3 ]] && (($(tail -n 1 <<<"$all") > $(head -n 1 <<<"$all")))
}

whole_mode() {
	start "$@"
	holds "$state/switch_all" 1 || fail "switch_all is $(<"$state/switch_all")"
	in_class $$ || fail "a normal task is not in the class"
	perf bench sched messaging -g 4 -l $((50 / ${LIGHTER:-1} + 1)) >/dev/null
	wait_until counted
	stop
	in_class $$ && fail "a normal task is still in the class"
	return 0
}

case_vtime_mode() { whole_mode; }
case_fifo_mode() { whole_mode --fifo; }

# Fair tasks take a CPU for themselves before the class gets it, with what waits there: each side
# has CPUs of its own here.
case_partial_mode() {
	local ext normal strangers
	(($(nproc) > 1)) || { echo "one CPU is not enough (--cpus 2)" && exit 77; }
	hog taskset -c 0 &
	normal=$!
	ext_on "$(all_cpus_but_first)" bash -c 'while :; do :; done' &
	ext=$!
	wait_until is_bash_with_policy "$ext" 7
	start --partial
	holds "$state/switch_all" 0 || fail "switch_all is $(<"$state/switch_all")"
	wait_until in_class "$ext"
	in_class "$normal" && fail "a normal task is in the class"
	strangers=$(tasks_in_class | grep -vx "$ext" || true)
	[[ -z $strangers ]] || fail "others than the SCHED_EXT task are in the class: $strangers"
	ext_on "$(all_cpus_but_first)" perf bench sched messaging -g 2 -l $((20 / ${LIGHTER:-1} + 1)) >/dev/null &
	wait $!
	wait_until counted
	progresses "$ext"
	progresses "$normal"
	stop
	progresses "$ext"
	kill "$ext" "$normal"
}

is_bash_with_policy() { [[ $(</proc/"$1"/comm) == bash && $(policy_of "$1") == "$2" ]]; }

# With the module but no scheduler, before the first and after the last one.
case_ext_policy_is_normal_without_scheduler() {
	local task
	ext_on "$(all_cpus)" bash -c 'while :; do :; done' &
	task=$!
	wait_until is_bash_with_policy "$task" 7
	for _ in before after; do
		in_class "$task" && fail "is in the class without a scheduler"
		[[ $(policy_of "$task") == 7 ]] || fail "the policy is $(policy_of "$task")"
		progresses "$task"
		start --partial
		wait_until in_class "$task"
		progresses "$task"
		stop
	done
	in_class "$task" && fail "is in the class after the scheduler"
	progresses "$task"
	kill "$task"
}

# Of nice 0 and nice 5 on one CPU the first get 1024/335 = 3.06 times as much, by CPU time. Three of
# each: a task that runs is not in the queue while the next one is chosen, so that of two alone each
# would follow the other whatever their weights.
case_weights() {
	local cpu tasks=() first second first_ran second_ran ratio
	cpu=$(($(nproc) - 1))
	start
	for _ in 1 2 3; do
		hog taskset -c "$cpu" &
		tasks+=($!)
	done
	for _ in 1 2 3; do
		hog nice -n 5 taskset -c "$cpu" &
		tasks+=($!)
	done
	for task in "${tasks[@]}"; do progresses "$task"; done
	first=$(cpu_time_of "${tasks[@]:0:3}") second=$(cpu_time_of "${tasks[@]:3}")
	# Many slices: the first ones go by the order of arrival.
	wait_until ran_more_than "${tasks[3]}" $(($(cpu_time "${tasks[3]}") + 800000000))
	second_ran=$(($(cpu_time_of "${tasks[@]:3}") - second))
	first_ran=$(($(cpu_time_of "${tasks[@]:0:3}") - first))
	kill "${tasks[@]}"
	stop
	ratio=$((first_ran * 100 / second_ran))
	((ratio >= 260 && ratio <= 350)) ||
		fail "nice 0 ran $((first_ran / 1000000)) ms, nice 5 $((second_ran / 1000000)) ms: ratio $ratio/100, not about 306"
	info "ratio $ratio/100"
}
