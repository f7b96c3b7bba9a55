# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154  # work is the sourcing script's
# Sourced by tests/vm/devbox: counts steps and prints them with their seconds.

passed=0 failed=0
current='' begun=0

title() {
	current=$1 begun=$SECONDS
}

good() {
	printf 'ok     %4d s  %s\n' $((SECONDS - begun)) "${1:-$current}"
	passed=$((passed + 1))
	current=''
}

bad() {
	printf 'FAIL   %4d s  %s\n' $((SECONDS - begun)) "${1:-$current}"
	failed=$((failed + 1))
	current=''
}

# judge COMMAND...: the current title's; what it printed shows when it failed, and then nothing goes on.
judge() {
	if "$@" >"$work/output" 2>&1; then
		good
	else
		tail -n 30 "$work/output" | sed 's/^/       /'
		bad
		summary
	fi
}

# Reads the output of steps (walk.sh) from a chroot or a serial line. What they print between their
# marks is shown only when they fail. Ends at the mark `end`.
follow() {
	local line held=()
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		*'@@ begin '*) title "${line#*@@ begin }" && held=() ;;
		*'@@ ok '*) good "${line#*@@ ok }" ;;
		*'@@ FAIL '*)
			printf '       %s\n' "${held[@]}"
			bad "${line#*@@ FAIL }"
			;;
		*'@@ log'*) follow_log ;;
		*'@@ end'*) return 0 ;;
		*) held+=("$line") ;;
		esac
	done
	# A guest that died in a step.
	if [[ -n $current ]]; then
		((${#held[@]} == 0)) || printf '       %s\n' "${held[@]: -30}"
		bad "$current (it never ended)"
	fi
	return 1
}

# Records of /dev/kmsg until the mark `end`.
follow_log() {
	local line
	title "the kernel's log"
	: >"$work/kernel-log"
	while IFS= read -r line; do
		line=${line%$'\r'}
		[[ $line != *'@@ end'* ]] || break
		[[ ! $line =~ ^[0-9]+,[0-9]+,[^\;]*\; ]] || printf '%s\n' "$line" >>"$work/kernel-log"
	done
	if "$root/tests/vm/check-kernel-log" "$work/kernel-log" >"$work/output" 2>&1; then
		good
	else
		sed 's/^/       /' "$work/output"
		bad
	fi
}

summary() {
	echo "$passed passed, $failed failed, 0 skipped"
	((failed == 0))
	exit
}
