# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Evidence that repeating something keeps no memory. Per-CPU memory is followed exactly: every
# allocation traced must be freed. Slabs and vmalloc areas are compared: what grows in each of three
# parts by one or more per repetition leaks. (Two parts are too few: half-empty pages of objects make
# a count go up and down by a page's worth. The debug flavour has kmemleak besides.)

tracing=/sys/kernel/tracing

watch_memory() {
	echo 0 >$tracing/tracing_on
	echo 4096 >$tracing/buffer_size_kb
	echo >$tracing/trace
	echo 1 >$tracing/events/percpu/percpu_alloc_percpu/enable
	echo 1 >$tracing/events/percpu/percpu_free_percpu/enable
	count_memory >"$scratch/memory.0"
	echo 1 >$tracing/tracing_on
}

# part_is_over NUMBER, from 1.
part_is_over() { count_memory >"$scratch/memory.$1"; }

# Lines `name objects`. Shrinking gives back what a CPU keeps in reserve, which would count as used;
# nothing may be started between it and the reading, or the reserves are back, a page of objects
# each. What waits for RCU to be freed gets its time first.
count_memory() {
	local cache slabs areas
	sleep 0.5
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 2>/dev/null >"$cache" || true
	done
	mapfile -t slabs </proc/slabinfo
	mapfile -t areas </proc/vmallocinfo
	printf '%s\n' "${slabs[@]:2}" |
		awk '$1 ~ /^(kmalloc|kernfs|task_struct|bpf|percpu|vmap|cred|pid|signal|cpumask)/ { print $1, $2 }'
	echo "vmalloc_areas ${#areas[@]}"
}

# KASAN keeps what was freed for a while; there kmemleak is the evidence.
keeps_freed_objects() { [[ -e /sys/kernel/debug/kmemleak ]]; }

# What grew by REPETITIONS or more in each part.
grown_memory() {
	join "$scratch/memory.0" "$scratch/memory.1" | join - "$scratch/memory.2" | join - "$scratch/memory.3" |
		awk -v n="$1" '$3 - $2 >= n && $4 - $3 >= n && $5 - $4 >= n { printf "%s %d, %d, %d, %d; ", $1, $2, $3, $4, $5 }'
}

# Traced per-CPU allocations that are not freed; BPF frees its maps a moment later.
unfreed_percpu() {
	awk '{ ptr = ""; for (i = 1; i <= NF; i++) if ($i ~ /^ptr=/) ptr = $i }
		/percpu_alloc_percpu:/ { live[ptr] = $0; next }
		/percpu_free_percpu:/ { delete live[ptr] }
		END { for (p in live) print live[p] }' $tracing/trace
}

all_percpu_freed() { [[ -z $(unfreed_percpu) ]]; }

# judge_memory REPETITIONS in each part. The third ends here: what happened since its last repetition counts.
judge_memory() {
	local repetitions=$1 grown allocations tries
	# First of all: the programs that look have memory of their own.
	echo 0 >$tracing/events/percpu/percpu_alloc_percpu/enable
	part_is_over 3
	allocations=$(grep -c percpu_alloc_percpu: $tracing/trace)
	((allocations > 0)) || fail "no per-CPU allocation was traced"
	! grep -q 'LOST' $tracing/trace || fail "the trace buffer was too small"
	for ((tries = 0; tries < 100; tries++)); do
		all_percpu_freed && break
		sleep 0.2
	done
	echo 0 >$tracing/tracing_on
	all_percpu_freed || fail "$(unfreed_percpu | wc -l) of $allocations per-CPU allocations are not freed: $(unfreed_percpu | head -n 3)"
	grown=$(keeps_freed_objects || grown_memory "$repetitions")
	[[ -z $grown ]] || fail "grew in each part of $repetitions: $grown"
	info "$allocations per-CPU allocations all freed"
}

# The rule itself, on processes: 25 that stay are seen in each part, 50 that end are not.
case_memory_rule() {
	local number name sleepers=()
	count_memory >"$scratch/memory.0"
	for ((number = 1; number <= 75; number++)); do
		sleep 1000 &
		sleepers+=($!)
		((number % 25)) || part_is_over $((number / 25))
	done
	for name in task_struct pid cred; do
		has_grown $name || fail "25 processes more were not seen in $name: $(grown_memory 25)"
	done
	kill "${sleepers[@]}"
	wait "${sleepers[@]}" || true
	if keeps_freed_objects; then return; fi
	count_memory >"$scratch/memory.0"
	for ((number = 1; number <= 150; number++)); do
		sleep 0
		((number % 50)) || part_is_over $((number / 50))
	done
	# Their stacks stay mapped until somebody needs the addresses: no word about vmalloc areas.
	for name in task_struct pid cred; do
		! has_grown $name || fail "processes that ended are taken for a leak: $(grown_memory 25)"
	done
}

has_grown() { [[ "; $(grown_memory 25)" == *"; $1 "* ]]; }
