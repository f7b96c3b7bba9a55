# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154  # linux_source, trees, label and build_command are the sourcing script's
# Sourced by kernel/build: a source tree unpacked or copied, with exactly the wanted patches in it.
# Every tree carries `.sched-ext/`: `inputs` (what it was made from), `patches/` with its `series`, so
# that a copy can be turned into another flavour without knowing what the repository holds today, and
# `unpacked`, whose time tells sources from what a build wrote.

series_entries() {
	sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$1"
}

patched_files() {
	sed -nE 's,^(\+\+\+|---) [ab]/([^[:space:]]+).*,\2,p' "$@" | sort -u
}

# The file in which patch's own report first mentions a failure.
first_failing_file() {
	awk '
		/^checking file / { file = $3 }
		/^\|\+\+\+ / { file = $2; sub(/^[^\/]*\//, "", file) }
		/FAILED|ignored|already exists/ { print file; exit }' <<<"$1"
}

# apply_patch DIRECTORY PATCH VERSION: tried dry first, so that a failure names one patch and one file.
apply_patch() {
	local directory=$1 patch=$2 version=$3 report
	local -a options=(-d "$directory" -p1 --force --fuzz=2 --no-backup-if-mismatch)
	if ! report=$(LC_ALL=C patch "${options[@]}" --dry-run <"$patch" 2>&1); then
		die "${patch##*/} does not apply to Linux $version: first failure in" \
			"$(first_failing_file "$report"); refresh it as kernel/README.md says" \
			"under \"A later 6.12.y\""
	fi
	if grep -q 'with fuzz' <<<"$report"; then
		say "${patch##*/} needed fuzz on Linux $version: it applies, but refresh it"
	fi
	patch "${options[@]}" --silent <"$patch"
}

# repatch BASE RESULT [PATCH...]: fills RESULT with every file that BASE's patches or the given ones
# name, as it reads with only the given ones applied. Touches nothing in BASE.
repatch() {
	local base=$1 result=$2 version file index
	shift 2
	local -a old=() new=("$@") touched=()
	version=$(make -s --no-print-directory -C "$base" kernelversion)
	if [[ -f $base/.sched-ext/patches/series ]]; then
		mapfile -t old < <(series_entries "$base/.sched-ext/patches/series" |
			sed "s,^,$base/.sched-ext/patches/,")
	fi
	((${#old[@]} + ${#new[@]})) || return 0
	mapfile -t touched < <(patched_files "${old[@]}" "${new[@]}")
	for file in "${touched[@]}"; do
		[[ ! -e $base/$file ]] || (cd "$base" && cp --parents "$file" "$result")
	done
	for ((index = ${#old[@]} - 1; index >= 0; index--)); do
		patch -d "$result" -p1 --force --reverse --silent --no-backup-if-mismatch <"${old[index]}" ||
			die "cannot take ${old[index]##*/} out of ${base##*/}: remove $base and build again"
	done
	for file in "${new[@]}"; do
		apply_patch "$result" "$file" "$version"
	done
	for file in "${touched[@]}"; do
		[[ -e $result/$file ]] || printf '%s\n' "$file" >>"$result/.gone"
	done
}

# install_patched TREE RESULT: a file that already reads so keeps its time, so that make does not
# rebuild everything that includes it.
install_patched() {
	local tree=$1 result=$2 file
	if [[ -f $result/.gone ]]; then
		while IFS= read -r file; do
			rm -f "${tree:?}/$file"
		done <"$result/.gone"
		rm "$result/.gone"
	fi
	while IFS= read -r file; do
		cmp -s "$result/$file" "$tree/$file" || install -D -m 644 "$result/$file" "$tree/$file"
	done < <(find "$result" -type f -printf '%P\n')
}

# record_tree TREE INPUTS [PATCH...]
record_tree() {
	local tree=$1 inputs=$2 name
	shift 2
	rm -rf "$tree/.sched-ext/patches"
	mkdir -p "$tree/.sched-ext/patches"
	for name; do
		cp "$name" "$tree/.sched-ext/patches/"
		printf '%s\n' "${name##*/}" >>"$tree/.sched-ext/patches/series"
	done
	printf '%s\n' "$inputs" >"$tree/.sched-ext/inputs"
}

# copy_tree FROM TO: source files become hard links, which halves the time and room a tree costs; all
# that a build wrote, being newer than the unpacking, is copied, because make writes over it in place.
copy_tree() {
	local from=$1 to=$2
	cp -al "$from" "$to" &&
		(cd "$from" && find . \( -type f -o -type l \) -newer .sched-ext/unpacked -print0 |
			xargs -0 cp -a --reflink=auto --parents --remove-destination -t "$to")
}

# nearest_tree INPUTS: the tree whose inputs differ in the fewest lines among those of the same
# source and compiler; of equals the newest. Prints nothing when there is none.
nearest_tree() {
	local wanted=$1 tree difference distance best='' best_distance=1000
	while IFS= read -r tree; do
		tree=${tree%/.sched-ext/inputs}
		[[ ${tree##*/} != .* || ${tree##*/} == ".stopped-$label" ]] || continue
		difference=$(comm -3 <(sort <<<"$wanted") <(sort "$tree/.sched-ext/inputs"))
		! grep -qE $'^\t?(source|compiler|llvm) ' <<<"$difference" || continue
		distance=$(wc -l <<<"$difference")
		if ((distance < best_distance)); then
			best=$tree best_distance=$distance
		fi
	done < <(find "$trees" -mindepth 3 -maxdepth 3 -path '*/.sched-ext/inputs' -printf '%T@ %p\n' |
		sort -rn | cut -d ' ' -f 2-)
	printf '%s' "$best"
}

# prepare_source TREE INPUTS [PATCH...]: makes TREE from the nearest cached tree, else from the
# archive, and sets `started_from` to that tree's name or to nothing.
prepare_source() {
	local tree=$1 inputs=$2 nearest result
	shift 2
	rm -rf "$tree"
	nearest=$(nearest_tree "$inputs")
	if [[ -z $nearest ]]; then
		say "unpacking ${linux_source##*/}"
		mkdir -p "$tree/.sched-ext"
		touch "$tree/.sched-ext/unpacked"
		unpack_source "$tree"
		[[ -f $tree/kernel/sched/ext.c ]] ||
			die "$linux_source holds no kernel/sched/ext.c: Linux 6.12 is needed"
	fi
	result=$(mktemp -d)
	repatch "${nearest:-$tree}" "$result" "$@"
	if [[ ${nearest##*/} == ".stopped-$label" ]]; then
		say "going on in the tree of the build that failed or was stopped"
		mv "$nearest" "$tree"
	elif [[ -n $nearest ]]; then
		say "starting from a copy of ${nearest##*/}"
		copy_tree "$nearest" "$tree" || die "copying $nearest failed: run $build_command again"
	fi
	install_patched "$tree" "$result"
	rm -rf "$result"
	record_tree "$tree" "$inputs" "$@"
	# shellcheck disable=SC2034  # read by the sourcing script
	started_from=${nearest##*/}
}
