# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Evidence that repeating something keeps no memory. Per-CPU memory is followed exactly: every
# allocation traced must be freed. Slabs and vmalloc areas are compared: what grows in each half
# by one or more per repetition leaks. (The debug flavour has kmemleak besides.)

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

halfway() { count_memory >"$scratch/memory.1"; }

# Lines `name objects`. Shrinking gives back what a CPU or node keeps in reserve.
count_memory() {
	local cache
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache" 2>/dev/null || true
	done
	awk 'NR > 2 && $1 ~ /^(kmalloc|kernfs|task_struct|bpf|percpu|vmap|cred|pid|signal|cpumask)/ { print $1, $2 }' /proc/slabinfo
	echo "vmalloc_areas $(grep -c . /proc/vmallocinfo)"
}

# Traced per-CPU allocations that are not freed; BPF frees its maps a moment later.
unfreed_percpu() {
	awk '{ ptr = ""; for (i = 1; i <= NF; i++) if ($i ~ /^ptr=/) ptr = $i }
		/percpu_alloc_percpu:/ { live[ptr] = $0; next }
		/percpu_free_percpu:/ { delete live[ptr] }
		END { for (p in live) print live[p] }' $tracing/trace
}

all_percpu_freed() { [[ -z $(unfreed_percpu) ]]; }

judge_memory() {
	local repetitions=$1 grown allocations tries
	# First of all: the programs that look have memory of their own.
	echo 0 >$tracing/events/percpu/percpu_alloc_percpu/enable
	count_memory >"$scratch/memory.2"
	allocations=$(grep -c percpu_alloc_percpu: $tracing/trace)
	((allocations > 0)) || fail "no per-CPU allocation was traced"
	! grep -q 'LOST' $tracing/trace || fail "the trace buffer was too small"
	for ((tries = 0; tries < 100; tries++)); do
		all_percpu_freed && break
		sleep 0.2
	done
	echo 0 >$tracing/tracing_on
	all_percpu_freed || fail "$(unfreed_percpu | wc -l) of $allocations per-CPU allocations are not freed: $(unfreed_percpu | head -n 3)"
	grown=$(join "$scratch/memory.0" "$scratch/memory.1" | join - "$scratch/memory.2" |
		awk -v n="$repetitions" '$3 - $2 >= n && $4 - $3 >= n { printf "%s %d, %d, %d; ", $1, $2, $3, $4 }')
	[[ -z $grown ]] || fail "grew in each half of $repetitions: $grown"
	info "$allocations per-CPU allocations all freed"
}
