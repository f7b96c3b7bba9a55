# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154  # variables are the sourcing script's
# Sourced by tests/vm/devbox: the packages, the root file system, the image, the boots.

# What the packages depend on, so that apt finds it all there and needs no network in the guest.
base_packages=(systemd systemd-sysv udev dbus kmod procps apt linux-base dkms gcc gcc-12 g++ g++-12 make pahole
	python3 openssl libelf1 libssl3 libfmt9 zlib1g clang-19 cmake libelf-dev zlib1g-dev libfmt-dev pkgconf)
# Raise it when the base is made otherwise from the same packages.
base_recipe=1
base_suite=bookworm
image_gib=6

# Indented lines of the chapter are commands; the first two are for where the project is. The kernel
# of the guest is the small one: QEMU is where that boots.
chapter_is_walked() {
	diff -u --label README.md --label tests/vm/devbox.d/steps.sh \
		<(sed -n '/^## On a real machine/,/^## [^O]/s/^    //p' "$root/README.md" | sort) \
		<({
			printf 'make kernel-deb CONFIG=local\nmake deb\n'
			sed -nE "s/^\treadme '([^']*)'.*/\1/p" "$parts/steps.sh"
		} | sort)
}

make_debs() { packaging/deb --output "$work/deb"; }

build_packages() {
	rm -rf "$work"/{deb,kernel,later,next}
	(cd "$root" && packaging/kernel-deb --output "$work/kernel" &&
		packaging/kernel-deb --local-version -2 --output "$work/later" && make_debs) || return
	mkdir "$work/next"
	next_version "$work"/deb/sched-ext-dkms_*.deb && next_version "$work"/deb/sched-ext-tools_*.deb
}

release_of() {
	local package
	package=$(basename "$1"/linux-image-*.deb)
	package=${package#linux-image-}
	echo "${package%%_*}"
}

# The same package as of a later version: its sources have another directory, and dkms another module.
next_version() {
	local unpacked=$work/unpacked package=$1
	rm -rf "$unpacked"
	dpkg-deb -R "$package" "$unpacked" || return
	if [[ -d $unpacked/usr/src/sched_ext-$VERSION ]]; then
		mv "$unpacked/usr/src/sched_ext-$VERSION" "$unpacked/usr/src/sched_ext-$NEXT"
		sed -i "s/^sched_ext-version := .*/sched_ext-version := $NEXT/" "$unpacked/usr/src/sched_ext-$NEXT/Kbuild"
		sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$NEXT\"/" "$unpacked/usr/src/sched_ext-$NEXT/dkms.conf"
	fi
	sed -i "s/${VERSION//./\\.}/$NEXT/g" "$unpacked"/DEBIAN/{control,p*}
	(cd "$unpacked" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -Zxz -z1 --build "$unpacked" \
		"$work/next/$(basename "$package" | sed "s/_${VERSION//./\\.}_/_${NEXT}_/")" >/dev/null
	rm -rf "$unpacked"
}

make_root() {
	local key tar old list
	key=$(printf '%s\n' "$base_suite" "$base_recipe" "${base_packages[@]}" | digest | cut -c 1-16)
	tar=$cache_root/devbox/$base_suite-$key.tar
	if [[ ! -s $tar ]]; then
		mkdir -p "${tar%/*}"
		need_space "${tar%/*}" 8
		list=$(IFS=, && echo "${base_packages[*]}")
		# No documentation, and no packages that are only recommended.
		mmdebstrap --format=tar --variant=minbase --include="$list" --dpkgopt='path-exclude=/usr/share/doc/*' \
			--dpkgopt='path-exclude=/usr/share/man/*' "$base_suite" "$tar.new" || return
		mv "$tar.new" "$tar"
		for old in "${tar%/*}/$base_suite"-*.tar; do
			[[ $old == "$tar" ]] || rm "$old"
		done
	fi
	rm -rf "$box"
	mkdir -p "$box"
	tar -C "$box" -xf "$tar" || return
	furnish
}

furnish() {
	mkdir -p "$box"/srv/{packages,dev} "$box/usr/lib/devbox"
	cp "$work"/kernel/*.deb "$work"/deb/sched-ext-{dkms,tools}_*.deb "$box/srv/packages/"
	cp -r "$work/next" "$work/later" "$box/srv/"
	cp "$work"/deb/sched-ext-dev_*.deb "$box/srv/dev/"
	cp "$parts"/{walk.sh,steps.sh,in-guest} "$box/usr/lib/devbox/"
	printf '%s=%q\n' KERNEL "$KERNEL" LATER "$LATER" VERSION "$VERSION" NEXT "$NEXT" >"$box/usr/lib/devbox/settings"
	cp "$parts/devbox.service" "$box/etc/systemd/system/"
	mkdir -p "$box/etc/systemd/system/multi-user.target.wants"
	ln -sf ../devbox.service "$box/etc/systemd/system/multi-user.target.wants/devbox.service"
	# The steps have the console to themselves.
	ln -sf /dev/null "$box/etc/systemd/system/serial-getty@ttyS0.service"
	# Nobody is there to answer, and no network to look for newer packages.
	printf 'APT::Get::Assume-Yes "true";\nAPT::Sandbox::User "root";\n' >"$box/etc/apt/apt.conf.d/90devbox"
	echo '/dev/vda / ext4 defaults 0 0' >"$box/etc/fstab"
	echo devbox >"$box/etc/hostname"
	printf '127.0.0.1 localhost devbox\n' >"$box/etc/hosts"
	: >"$box/etc/machine-id"
}

# in_chroot FUNCTION: its steps, in the root; dkms wants /proc and /dev there.
in_chroot() {
	# shellcheck disable=SC2016  # for the inner shells
	follow < <(unshare --mount --pid --fork --kill-child bash -c '
		mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
			chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
				DEBIAN_FRONTEND=noninteractive bash -c "
					. /usr/lib/devbox/settings && . /usr/lib/devbox/walk.sh && . /usr/lib/devbox/steps.sh && $2"
		echo "@@ end"' in_chroot "$box" "$1" 2>&1) || true
}

make_image() {
	rm -f "$work/disk"
	cp "$box/boot/vmlinuz-$KERNEL" "$work/" &&
		mke2fs -q -t ext4 -d "$box" "$work/disk" "${image_gib}G" && rm -rf "$box"
}

# boot PART RELEASE: the image with the kernel that is in its own /boot.
boot() {
	local part=$1 release=$2
	((failed == 0)) || return 0
	debugfs -R "dump /boot/vmlinuz-$release $work/kernel-image" "$work/disk" >/dev/null 2>&1
	title "boot $release"
	if [[ ! -s $work/kernel-image ]]; then
		bad "no /boot/vmlinuz-$release on the disk"
		return
	fi
	# As for the other guests, see tests/vm/guest/machine.py.
	follow < <(timeout --foreground 3000 setpriv --pdeathsig KILL -- qemu-system-x86_64 -machine q35 -bios qboot.rom \
		-nodefaults -display none -no-reboot -accel tcg,thread=single -cpu max,la57=off -smp 2 -m 2G \
		-serial stdio -drive "file=$work/disk,format=raw,if=virtio,cache=unsafe" -kernel "$work/kernel-image" -append \
		"console=ttyS0 quiet panic=-1 root=/dev/vda rw printk.devkmsg=on log_buf_len=4M random.trust_cpu=on \
lpj=4000000 tsc=reliable no_timer_check systemd.show_status=false devbox=$part" 2>&1 </dev/null |
		tee "$work/console-$part") || true
	# The pipe is left at the mark; QEMU ends by itself a moment later.
	wait
}
