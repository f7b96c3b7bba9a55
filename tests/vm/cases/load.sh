# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Everyday load to its end under scx_simple.

load_on() {
	[[ $(nproc) == "$1" ]] || fail "the guest has $(nproc) CPUs, not $1"
	tests/vm/load "$simple" >"$scratch/load" 2>&1 || fail "$(tail -n 3 "$scratch/load")"
	all_back
	info "$(sed -nE 's/^load: ([0-9]+ s): (perf bench sched )?([a-z-]+).*/\3 \1/p' "$scratch/load" | paste -sd,)"
}

case_load_on_1_cpu() { load_on 1; }
case_load_on_2_cpus() { load_on 2; }
case_load_on_4_cpus() { load_on 4; }
case_load_on_8_cpus() { load_on 8; }
