# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154  # `program` is the sourcing script's
# Sourced: runs a kernel make with its output in a log and its progress on stderr.

# Kbuild's short lines are its only sign of progress; each compiled, assembled or linked file is one.
count_steps() {
	grep -cE '^  (CC|AS|LD|AR|HOSTCC|HOSTLD|BTF|MODPOST)( \[M\])? ' "$1" || true
}

# report_progress FINISHED TOTAL SECONDS: TOTAL is 0 when it is not known how much make will redo.
report_progress() {
	local finished=$1 total=$2 seconds=$3 text
	text="$finished objects"
	if ((total)); then
		# The total is an estimate; never claim more than almost done before make says so.
		((finished < total)) || finished=$total
		text="$text of about $total, $((finished * 99 / total)) %"
	fi
	printf '%s, %d:%02d' "$text" $((seconds / 60)) $((seconds % 60))
}

# run_with_progress LOG TOTAL COMMAND...: returns the command's status. On a terminal one line is
# rewritten; elsewhere a line is printed every 5 % or, with TOTAL 0, every half minute.
run_with_progress() {
	local log=$1 total=$2 started=$SECONDS status=0 finished shown=-1 mark
	shift 2
	"$@" >>"$log" 2>&1 </dev/null &
	progress_child=$!
	while kill -0 "$progress_child" 2>/dev/null; do
		sleep 1
		finished=$(count_steps "$log")
		if [[ -t 2 ]]; then
			printf '\r\033[K%s: %s' "$program" "$(report_progress "$finished" "$total" $((SECONDS - started)))" >&2
			continue
		fi
		mark=$((total ? finished * 20 / total : (SECONDS - started) / 30))
		if ((mark > shown)); then
			say "$(report_progress "$finished" "$total" $((SECONDS - started)))"
			shown=$mark
		fi
	done
	[[ ! -t 2 ]] || printf '\r\033[K' >&2
	wait "$progress_child" || status=$?
	progress_child=
	return "$status"
}

# A background make ignores the terminal's interrupt, so whoever stops must stop it too.
stop_running_child() {
	if [[ -n ${progress_child:-} ]]; then
		kill -TERM "$progress_child" 2>/dev/null || true
		wait "$progress_child" 2>/dev/null || true
		progress_child=
	fi
}
