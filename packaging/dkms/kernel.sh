# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154  # tree and release are the sourcing script's
# Sourced by check and build: questions to a kernel's headers. `tree` is their directory, `release`
# what `uname -r` says on that kernel.

option_is_set() {
	grep -qx "CONFIG_$1=[ym]" "$tree/.config"
}

option_value() {
	sed -n "s/^CONFIG_$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" "$tree/.config"
}

built_with_clang() { option_is_set CC_IS_CLANG; }

compiler_major() {
	if built_with_clang; then
		echo $(($(option_value CLANG_VERSION) / 10000))
	else
		echo $(($(option_value GCC_VERSION) / 10000))
	fi
}

# The first of the named compilers that is of the kernel's major version.
first_of_major() {
	local name
	for name; do
		if [[ $("$name" -dumpversion 2>/dev/null) =~ ^$(compiler_major)(\.|$) ]]; then
			echo "$name"
			return 0
		fi
	done
	return 1
}

# The kernel's own name for its compiler goes first, so that Kbuild does not call it another one.
c_compiler() {
	local named
	named=$(option_value CC_VERSION_TEXT)
	if built_with_clang; then
		first_of_major "clang-$(compiler_major)" clang
	else
		first_of_major "${named%% *}" "gcc-$(compiler_major)" gcc
	fi
}

cxx_compiler() {
	if built_with_clang; then
		first_of_major "clang++-$(compiler_major)" clang++
	else
		first_of_major "g++-$(compiler_major)" g++
	fi
}

# Prints the file that holds the kernel's types: of the headers; of the running kernel, when that is
# the one; else its image, out of which they can be taken. Fails when there is none.
types_file() {
	local file
	for file in "$tree/vmlinux" "${SYS_BTF:-/sys/kernel/btf/vmlinux}" "${BOOT:-/boot}/vmlinuz-$release"; do
		if [[ $file == */btf/vmlinux && $(uname -r) != "$release" ]]; then
			continue
		fi
		if [[ -s $file && -r $file ]]; then
			echo "$file"
			return 0
		fi
	done
	return 1
}
