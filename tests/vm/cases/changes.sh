# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Tasks that are changed, moved, born and buried while a scheduler runs, comes and goes.

case_attributes() {
	local mode rounds
	rounds=$(repeated 1000 400)
	background_load
	for mode in --verbose --fifo --partial; do
		start $mode
		python3 tests/vm/cases/attributes.py "$rounds"
		stop
	done
	end_background
}

case_groups() {
	local root=/sys/fs/cgroup round rounds task moved
	rounds=$(repeated 24 9)
	echo +cpu >$root/cgroup.subtree_control
	hog env &
	task=$!
	background_load
	start
	for ((round = 0; round < rounds; round++)); do
		mkdir -p $root/a/b $root/c
		((round)) || echo +cpu >$root/a/cgroup.subtree_control
		echo $((1 + round * 400)) >$root/a/cpu.weight
		for moved in a/b c a/b .; do
			[[ $moved == a/b ]] && ! [[ -e $root/a/cgroup.subtree_control ]] && continue
			echo "$task" >"$root/$moved/cgroup.procs"
			echo $((10 + round)) >$root/c/cpu.weight
		done
		rmdir $root/a/b $root/c
		((round % 8)) || { stop && start; }
	done
	progresses "$task"
	stop
	end_background
	kill "$task"
	rmdir $root/a
	echo -cpu >$root/cgroup.subtree_control
}

case_fork_storm() {
	local round storm
	stress-ng --quiet --fork 4 --exec 1 --timeout 600 &
	storm=$!
	for ((round = 0; round < 5; round++)); do
		start
		sleep 0.5
		stop_in_storm
	done
	is_gone "$storm" && fail "the storm was over early"
	kill "$storm"
	wait "$storm" 2>/dev/null || true
	all_back
}

# Tasks come and go: stop() without a look at each.
stop_in_storm() {
	is_enabled || fail "was ejected: $(tail -n 1 "$scratch/out")"
	kill -INT "$scheduler"
	wait "$scheduler" || fail "ended with status $?"
	wait_until is_disabled
}
