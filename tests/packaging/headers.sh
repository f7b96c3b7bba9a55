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
	"$top/packaging/dkms/hook-exports" |
		sed 's/^\([^ ]*\).*/0x00000000\t\1\tvmlinux\tEXPORT_SYMBOL_GPL\tSCHED_EXT_HOOKS/' >"$directory/Module.symvers"
}

# packaged_kernel DIRECTORY: what packaging/kernel-deb packs, unpacked: the headers as DIRECTORY/headers
# without their types, the image as DIRECTORY/vmlinuz-RELEASE. Prints the release.
packaged_kernel() {
	local release
	"$top/packaging/kernel-deb" --output "$1/packages" >/dev/null || return
	dpkg-deb -x "$1"/packages/linux-headers-*.deb "$1/unpacked" &&
		dpkg-deb -x "$1"/packages/linux-image-*.deb "$1/unpacked" || return
	release=$(basename "$1"/unpacked/boot/vmlinuz-*)
	release=${release#vmlinuz-}
	mv "$1/unpacked/usr/src/linux-headers-$release" "$1/headers"
	mv "$1/unpacked/boot/vmlinuz-$release" "$1/"
	readelf -SW "$1/headers/vmlinux" | grep -q ' \.BTF ' || {
		echo "the headers package has no BTF" >&2
		return 1
	}
	mv "$1/headers/vmlinux" "$1/types"
	echo "$release"
}
