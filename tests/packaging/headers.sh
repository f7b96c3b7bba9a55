# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154  # `top` is the sourcing script's
# Sourced by tests: directories as packages of kernel headers have them.

# Prints the directory of Debian's real headers for its own 6.12, unpacked into the cache, not
# installed; fails after one line when they cannot be had.
debian_headers() {
	local package cache
	package=$(apt-cache depends linux-headers-6.12-amd64 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-headers-6\.12\..*-amd64\)$/\1/p' | head -n 1)
	[[ $package ]] || {
		echo "apt knows no linux-headers-6.12-amd64" >&2
		return 1
	}
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/sched-ext/packages
	mkdir -p "$cache"
	if [[ ! -d $cache/$package ]]; then
		(cd "$cache" && apt-get download -q "$package" >/dev/null 2>&1 && dpkg-deb -x "$package"_*.deb "$package.new" &&
			rm "$package"_*.deb && mv "$package.new" "$package") || {
			echo "apt-get download $package failed" >&2
			return 1
		}
	fi
	echo "$cache/$package/usr/src/$package"
}

# made_up_headers DIRECTORY [LINE...]: as of a kernel with the hooks, enough for packaging/dkms/check.
# A LINE goes into the configuration after the usual ones.
made_up_headers() {
	local directory=$1 major
	shift
	major=$(g++ -dumpversion)
	rm -rf "$directory"
	mkdir -p "$directory/include" "$directory/kernel/sched"
	touch "$directory/kernel/sched/sched.h"
	echo types >"$directory/vmlinux"
	{
		printf 'CONFIG_%s=y\n' SCHED_CLASS_EXT SCHED_CLASS_EXT_HOOKS BPF_JIT DEBUG_INFO_BTF \
			DEBUG_INFO_BTF_MODULES CC_IS_GCC
		printf 'CONFIG_CC_VERSION_TEXT="gcc (Debian) %s"\n' "$major"
		[[ $* == *GCC_VERSION* ]] || printf 'CONFIG_GCC_VERSION=%d0200\n' "${major%%.*}"
		printf '%s\n' "$@"
	} >"$directory/.config"
	grep -ohE '(EXPORT_SYMBOL_NS_GPL|SCX_EXPORT)\([A-Za-z0-9_]+' "$top"/kernel/patches/6.12/*.patch |
		sed 's/.*(/0x00000000\t/; s/$/\tvmlinux\tEXPORT_SYMBOL_GPL\tSCHED_EXT_HOOKS/' >"$directory/Module.symvers"
}

# headers_without_types TREE DIRECTORY: a view of a built tree in which only vmlinux is missing.
headers_without_types() {
	local name
	rm -rf "$2"
	mkdir "$2"
	for name in "$1"/* "$1"/.config; do
		[[ ${name##*/} == vmlinux* ]] || ln -s "$name" "$2/"
	done
}
