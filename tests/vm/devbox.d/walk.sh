# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced in the root of tests/vm/devbox, in a chroot and in its guest: runs steps and reports them,
# a line that begins with @@ each, to whoever reads the output outside.

# step TITLE PATTERN COMMAND: must succeed and print what the pattern (grep -E) matches somewhere.
step() { expect 0 "$@"; }

# expect STATUS TITLE PATTERN COMMAND
expect() {
	local wanted=$1 title=$2 pattern=$3 command=$4 output status=0
	echo "@@ begin $title"
	output=$(bash -c "$command" 2>&1 </dev/null) || status=$?
	if ((status == wanted)) && grep -qE -- "$pattern" <<<"$output"; then
		echo "@@ ok $title"
		return
	fi
	echo "$output" | tail -n 40
	echo "status $status, wanted $wanted, and a line like: $pattern"
	echo "@@ FAIL $title"
}

# readme COMMAND PATTERN: a command as the README's chapter "On a real machine" prints it. tests/vm/devbox
# compares all of these with the chapter.
readme() { step "$1" "$2" "$1"; }
