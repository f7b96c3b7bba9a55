# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154  # variables cross between the sourced files
# Sourced by packaging/kernel-deb: the trees that the packages come from. Each function sets `tree`.

jobs=${JOBS:-$(($(nproc) + 1))}

# relabelled_tree TREE: the same kernel with another local version, without compiling it again: what
# names the version is compiled, and the image linked.
relabelled_tree() {
	tree=$trees/.relabelled
	local log=$tree.log
	rm -rf "$tree"
	copy_tree "$1" "$tree" || die "copying $1 failed: is there room?"
	say "linking the kernel as $LOCALVERSION; the log is $log"
	: >"$log"
	run_with_progress "$log" 0 make -C "$tree" -j "$jobs" ||
		die "linking failed: see $log"
}

# Prints the configuration to start from.
starting_config() {
	local file
	case $1 in
	debian)
		need_packages linux-config-6.12 xz-utils
		xz -dc /usr/src/linux-config-6.12/config.amd64_none_amd64.xz
		;;
	local)
		for file in "/boot/config-$(uname -r)" /proc/config.gz; do
			[[ -r $file ]] || continue
			case $file in
			*.gz) gzip -dc "$file" ;;
			*) cat "$file" ;;
			esac
			return
		done
		die "the running kernel's configuration is neither in /boot/config-$(uname -r) nor in /proc/config.gz"
		;;
	esac
}

# configured_tree local|debian: the patched source, configured.
configured_tree() {
	local config=$1 name series=$root/kernel/patches/6.12/series wanted patches=() log
	label=$config
	tree=$trees/$config
	log=$tree.log
	need_source "packaging/kernel-deb"
	while IFS= read -r name; do
		patches+=("${series%/*}/$name")
	done < <(series_entries "$series")
	wanted=$(printf 'source %s\n' "$(remembered_digest "$linux_source")" && cat "${patches[@]}" | digest)
	if [[ $(cat "$tree/.sched-ext/inputs" 2>/dev/null) != "$wanted" ]]; then
		need_space "$trees" 20
		# prepare_source looks for a tree to start from in `trees`; none there has these inputs.
		prepare_source "$tree" "$wanted" "${patches[@]}"
	fi
	starting_config "$config" >"$tree/.config"
	{
		# Debian's build has keys and certificates that are not here.
		"$tree/scripts/config" --file "$tree/.config" --set-str SYSTEM_TRUSTED_KEYS '' \
			--set-str SYSTEM_REVOCATION_KEYS '' --set-str MODULE_SIG_KEY certs/signing_key.pem \
			--set-str LOCALVERSION '' --disable LOCALVERSION_AUTO \
			--enable SCHED_CLASS_EXT --enable EXT_GROUP_SCHED --enable SCHED_CLASS_EXT_HOOKS \
			--enable SCHED_CORE --disable DEBUG_INFO_NONE --enable DEBUG_INFO_DWARF5 --enable DEBUG_INFO_BTF \
			--enable DEBUG_INFO_BTF_MODULES --disable DEBUG_INFO_REDUCED
		if [[ $config == local ]]; then
			yes '' | make -C "$tree" localmodconfig
		fi
		make -C "$tree" olddefconfig
	} >"$log" 2>&1 || die "configuring failed: see $log"
	for name in SCHED_CLASS_EXT SCHED_CLASS_EXT_HOOKS DEBUG_INFO_BTF_MODULES; do
		grep -qx "CONFIG_$name=y" "$tree/.config" ||
			die "the configuration does not take CONFIG_$name=y: it needs CONFIG_BPF_SYSCALL and CONFIG_BPF_JIT"
	done
}

build_tree() {
	local log=$1.log
	say "compiling; the log is $log"
	run_with_progress "$log" 0 make -C "$1" -j "$jobs" || die "the build failed: see $log"
}

# Which sources a configuration compiles is known only to the makefiles: they are asked what they
# would do, which ends in an error where something is linked that is not there. Each object's compile
# command is one line of that.
objects_to_build() {
	{ make -C "$1" -nk all 2>/dev/null || true; } | { grep -oE -- ' -c -o [^ ]+\.o ' || true; } | sort -u | wc -l
}

# estimate_build TREE: compiles for three minutes and extrapolates; what was compiled stays.
estimate_build() {
	local tree=$1 log=$1.log part=180 all before after objects seconds kib
	say "asking make what it would compile"
	make -C "$tree" -j "$jobs" prepare modules_prepare >>"$log" 2>&1 || die "preparing failed: see $log"
	all=$(objects_to_build "$tree")
	((all > 0)) || die "make did not say what it would compile: see $log"
	before=$(built_objects "$tree") seconds=$SECONDS
	kib=$(du -sk "$tree" | cut -f 1)
	say "compiling for $part s of what is $all objects"
	timeout --foreground -s INT "$part" make -C "$tree" -j "$jobs" >>"$log" 2>&1 || true
	seconds=$((SECONDS - seconds)) after=$(built_objects "$tree")
	objects=$((after - before)) kib=$(($(du -sk "$tree" | cut -f 1) - kib))
	((objects > 0)) || die "nothing was compiled in $part s: see $log"
	printf 'compiled %d of %d objects in %d s, which take %d MiB\n' "$objects" "$all" "$seconds" $((kib / 1024))
	printf 'extrapolated from that, for %d jobs on %d processors: %d min, %d GiB (linking and BTF not counted)\n' \
		"$jobs" "$(nproc)" $((seconds * all / objects / 60)) $((kib * all / objects / 1024 / 1024 + 1))
}

built_objects() { find "$1" -name '*.o' | wc -l; }
