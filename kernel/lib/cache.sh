# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154  # variables cross between the sourced files
# Sourced by what builds into the cache: messages, digests, locks, free space.
# The sourcing script sets `program` to the name its messages start with.

cache_root=${XDG_CACHE_HOME:-$HOME/.cache}/sched-ext
linux_source=${LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz}

say() {
	printf '%s: %s\n' "$program" "$*" >&2
}

die() {
	say "$@"
	exit 1
}

# need_source COMMAND: COMMAND is what installs the archive.
need_source() {
	[[ ! -r $linux_source ]] || return 0
	[[ -z ${LINUX_SOURCE:-} ]] || die "LINUX_SOURCE names $LINUX_SOURCE, which cannot be read"
	die "no kernel source at $linux_source: run $1, which installs linux-source-6.12"
}

# unpack_source DIRECTORY [MEMBER...]: members are below the archive's one top directory.
unpack_source() {
	local directory=$1
	shift
	mkdir -p "$directory"
	tar -xf "$linux_source" -C "$directory" --strip-components=1 \
		--wildcards --no-wildcards-match-slash "${@/#/*/}" 2>/dev/null ||
		die "cannot unpack $linux_source under $directory: is it whole, and is there room?"
}

# sha256 of a large file. Remembered by size and modification time, because reading the kernel's
# archive takes longer than everything else a cached call does.
remembered_digest() {
	local file=$1 stamp remembered
	stamp=$(stat -L -c '%s-%Y' "$file") || return 1
	remembered=$cache_root/digests/$(basename "$file").$stamp
	if [[ ! -s $remembered ]]; then
		mkdir -p "${remembered%/*}"
		digest <"$file" >"$remembered.$$"
		mv "$remembered.$$" "$remembered"
	fi
	cat "$remembered"
}

digest() {
	sha256sum | cut -d ' ' -f 1
}

# First line of a tool's --version, or "none": a tool that is not installed is an input too.
tool_version() {
	if command -v "$1" >/dev/null; then
		"$1" --version 2>&1 | sed -n 1p
	else
		echo none
	fi
}

# Holds FILE's lock until the script and all it started have ended.
hold_lock() {
	local file=$1 waiting=$2 descriptor
	mkdir -p "${file%/*}"
	exec {descriptor}>"$file"
	if ! flock -n "$descriptor"; then
		say "$waiting"
		flock "$descriptor"
	fi
}

need_space() {
	local directory=$1 needed_gib=$2 free_kib
	mkdir -p "$directory"
	free_kib=$(df -Pk "$directory" | awk 'NR == 2 { print $4 }')
	if ((free_kib < needed_gib * 1024 * 1024)); then
		die "only $((free_kib / 1024 / 1024)) GiB free under $directory, $needed_gib GiB needed:" \
			"make room there or set XDG_CACHE_HOME to a larger place"
	fi
}
