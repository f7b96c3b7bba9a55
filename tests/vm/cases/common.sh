# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the cases share. Waiting is bounded by a number of looks, never decides how fast things are.
# shellcheck disable=SC2154 # state and scratch come from in-guest

simple=build/schedulers/scx_simple
module=${MODULE:-build/module/hooks/sched_ext.ko}
scheduler= # Process id of the one that start() started.

fail() {
	echo "$*" >&2
	exit 1
}

info() { echo "INFO $*"; }

# Until COMMAND succeeds, for a minute or more.
wait_until() {
	local tries
	for ((tries = 0; tries < 600 * ${SLOWER:-1}; tries++)); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	fail "waited in vain for: $*"
}

# repeated WHOLE [SHORT]: how often something is to be done: WHOLE with --long, SHORT without, and a third
# of that where the kernel checks so much that it is slow.
repeated() {
	local times=${2:-$1}
	if ((${LONG:-0})); then times=$1; fi
	if ((${SLOWER:-1} > 1)); then times=$((times / 3)); fi
	echo "$times"
}

holds() { [[ $(cat "$1" 2>/dev/null) == "$2" ]]; }
is_enabled() { holds "$state/state" enabled; }
is_disabled() { holds "$state/state" disabled; }
is_gone() { [[ ! -e /proc/$1 || $(ps -o state= -p "$1") == Z ]]; }

# Starts scx_simple and returns when it schedules.
start() {
	: >"$scratch/out"
	"$simple" --interval 0.5 "$@" >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	wait_until is_enabled_or_over
	is_enabled || fail "scx_simple did not come up: $(cat "$scratch/err")"
}

is_enabled_or_over() { is_enabled || is_gone "$scheduler"; }

# Waits for the scheduler's process; it must end with STATUS and LINE as the last it says.
ended() {
	local wanted=$1 line=$2 status=0 last
	wait "$scheduler" || status=$?
	last=$(grep -v '^code=' "$scratch/out" | tail -n 1)
	((status == wanted)) || fail "status $status instead of $wanted; it said: $last $(tail -n 3 "$scratch/err")"
	# shellcheck disable=SC2053 # LINE is a pattern
	[[ $last == $line ]] || fail "the last line is '$last' instead of '$line'"
	all_back
}

# Starts the scheduler NAME of tests/vm/bpf and returns when it schedules.
begin() {
	: >"$scratch/out"
	build/vm/loader "build/vm/$1.bpf.o" >"$scratch/out" 2>"$scratch/err" &
	scheduler=$!
	wait_until is_enabled_or_over
	is_enabled || fail "$1 did not come up: $(tail -n 1 "$scratch/out") $(head -n 3 "$scratch/err")"
}

# Asks it to leave.
leave() {
	is_enabled || fail "was ejected: $(last_words)"
	kill -INT "$scheduler"
	wait_until is_gone "$scheduler"
	wait "$scheduler" || fail "ended with status $?: $(last_words)"
	all_back
	[[ $(last_words) == "EXIT: unregistered from user space" ]] || fail "$(last_words)"
}

last_words() { grep -v '^code=' "$scratch/out" | tail -n 1; }
need_cpus() { (($(nproc) >= $1)) || { echo "needs $1 CPUs (--cpus $1)" && exit 77; }; }
milliseconds() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }

# Asks scx_simple to leave.
stop() {
	is_enabled || fail "was ejected: $(tail -n 1 "$scratch/out")"
	kill -INT "$scheduler"
	ended 0 "EXIT: unregistered from user space"
}

# Nothing of a scheduler is left.
all_back() {
	wait_until is_disabled
	[[ ! -e "$state/root" ]] || fail "$state/root is still there"
	holds "$state/switch_all" 0 || fail "switch_all is $(<"$state/switch_all")"
	local left
	left=$(tasks_in_class | wc -l)
	((left == 0)) || fail "$left tasks are still in the class: $(tasks_in_class | tr '\n' ' ')"
}

# Thread ids. Tasks that end meanwhile do not matter.
tasks_in_class() {
	grep -l '^ext\.enabled *: *1$' /proc/[0-9]*/task/[0-9]*/sched 2>/dev/null | cut -d/ -f5 || true
}

in_class() { grep -q '^ext\.enabled *: *1$' "/proc/$1/sched"; }
policy_of() { awk '/^policy / { print $3 }' "/proc/$1/sched"; }

# CPU time of a task in ns.
cpu_time() {
	local ran
	read -r ran _ <"/proc/$1/schedstat"
	echo "$ran"
}
# Of several.
cpu_time_of() {
	local sum=0 task
	for task; do sum=$((sum + $(cpu_time "$task"))); done
	echo "$sum"
}

ran_more_than() { (($(cpu_time "$1") > $2)); }

# The task gets CPU time from now on.
progresses() {
	local now
	now=$(cpu_time "$1")
	wait_until ran_more_than "$1" $((now + 20000000))
}

# The task runs again, if only for a moment, or the scheduler has gone.
progresses_or_over() {
	local now
	now=$(cpu_time "$1")
	wait_until ran_more_or_over "$1" "$now"
	is_enabled || fail "was ejected: $(wait_until is_gone "$scheduler" && last_words)"
}
ran_more_or_over() { ran_more_than "$1" "$2" || ! is_enabled; }

# COMMAND on the CPUs of a list as a task of policy SCHED_EXT, which Debian 12's chrt does not know.
ext_on() {
	exec taskset -c "$1" python3 -c 'import os, sys
os.sched_setscheduler(0, 7, os.sched_param(0))
os.execvp(sys.argv[1], sys.argv[1:])' "${@:2}"
}

all_cpus() { cat /sys/devices/system/cpu/online; }
all_cpus_but_first() { echo "1-$(($(nproc) - 1))"; }

# A task that never sleeps, with COMMAND in front (for example nice -n 5).
hog() { exec "$@" bash -c 'while :; do :; done'; }

# Keeps waking, forking and sleeping going until the case ends.
background_load() {
	while :; do
		perf bench sched messaging -g 2 -l $((20 / ${LIGHTER:-1} + 1)) >/dev/null 2>&1
	done &
	background=$!
}

end_background() {
	kill "$background"
	wait "$background" 2>/dev/null || true
	wait_until background_is_gone
}

# A child that was born while the list was made is met the next time.
background_is_gone() {
	local child children
	children=$(pgrep -f 'perf bench sched') || return 0
	for child in $children; do
		kill "$child" 2>/dev/null || true
	done
	return 1
}
