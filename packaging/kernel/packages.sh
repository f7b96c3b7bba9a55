# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by packaging/kernel-deb: two packages out of a built tree, in which nothing is written.
# Kbuild's own bindeb-pkg leaves .config and vmlinux out of the headers, so a module built with them
# has no BTF; and kernel/sched/sched.h, which this module cannot do without.

# control_file PACKAGE RELEASE DEPENDS DESCRIPTION
control_file() {
	cat <<-TEXT
		Package: $1
		Source: linux-sched-ext
		Version: $2-1
		Architecture: amd64
		Maintainer: sched_ext as a module <sched-ext-module@example.org>
		Section: kernel
		Priority: optional
		Depends: $3
		Description: $4
	TEXT
}

# As every kernel package in Debian does it: boot loader, initramfs and dkms hook themselves in there.
hook_script() {
	local moment=$1 release=$2
	cat <<-TEXT
		#!/bin/sh
		set -e
		export DEB_MAINT_PARAMS="\$*" INITRD=Yes
		if [ -d /etc/kernel/$moment.d ]; then
			run-parts --report --exit-on-error --arg=$release --arg=/boot/vmlinuz-$release /etc/kernel/$moment.d
		fi
	TEXT
}

image_files() {
	local tree=$1 release=$2 into=$3 moment
	mkdir -p "$into/boot" "$into/DEBIAN"
	make -s -C "$tree" INSTALL_MOD_PATH="$into" INSTALL_MOD_STRIP=1 DEPMOD=true modules_install
	rm -f "$into/lib/modules/$release/build" "$into/lib/modules/$release/source"
	cp "$tree/arch/x86/boot/bzImage" "$into/boot/vmlinuz-$release"
	cp "$tree/System.map" "$into/boot/System.map-$release"
	cp "$tree/.config" "$into/boot/config-$release"
	control_file "linux-image-$release" "$release" "kmod, linux-base" "Linux $release with the hooks of sched_ext
 Debian's kernel source, with the scheduling class whose implementation is the
 module in sched-ext-dkms. Without the module SCHED_EXT tasks are normal ones." >"$into/DEBIAN/control"
	for moment in preinst postinst prerm postrm; do
		hook_script "$moment" "$release" >"$into/DEBIAN/$moment"
	done
	# depmod's lists are no file of the package, and would keep the directory.
	sed -i "2a depmod $release" "$into/DEBIAN/postinst"
	cat >>"$into/DEBIAN/postrm" <<-TEXT
		if [ "\$1" = remove ] || [ "\$1" = purge ]; then
			rm -f /lib/modules/$release/modules.*
			rmdir --ignore-fail-on-non-empty /lib/modules/$release 2>/dev/null || true
		fi
	TEXT
	chmod 755 "$into"/DEBIAN/{preinst,postinst,prerm,postrm}
}

header_files() {
	local tree=$1 release=$2 into=$3 directory=$3/usr/src/linux-headers-$2 major
	mkdir -p "$directory/kernel/sched" "$into/lib/modules/$release" "$into/DEBIAN"
	(cd "$tree" && srctree=. SRCARCH=x86 CC=gcc HOSTCC=gcc MAKE=make scripts/package/install-extmod-build "$directory")
	cp "$tree/.config" "$directory/"
	cp "$tree"/kernel/sched/*.h "$directory/kernel/sched/"
	cp "$tree/kernel/workqueue_internal.h" "$directory/kernel/"
	# .comment says to dkms which compiler it was. objcopy warns of the segments that become empty.
	objcopy --only-section=.BTF --only-section=.BTF_ids --only-section=.comment \
		"$tree/vmlinux" "$directory/vmlinux" 2>/dev/null || true
	readelf -SW "$directory/vmlinux" | grep -q ' \.BTF ' || die "no BTF came out of $tree/vmlinux"
	ln -s "/usr/src/linux-headers-$release" "$into/lib/modules/$release/build"

	major=$(($(sed -n 's/^CONFIG_GCC_VERSION=//p' "$tree/.config") / 10000))
	control_file "linux-headers-$release" "$release" \
		"libc6, libelf1, libssl3 | libssl3t64, pahole, gcc-$major, g++-$major" "Headers of Linux $release with the hooks of sched_ext
 What modules are built with, the scheduler's private headers and the kernel's
 types (BTF) included." >"$into/DEBIAN/control"
	# As of Debian's own kernels: modules that came before their headers are built now.
	cat >"$into/DEBIAN/postinst" <<-TEXT
		#!/bin/sh
		set -e
		if [ "\$1" = configure ] && [ -d /etc/kernel/header_postinst.d ]; then
			run-parts --report --exit-on-error --arg=$release /etc/kernel/header_postinst.d
		fi
	TEXT
	chmod 755 "$into/DEBIAN/postinst"
}

# make_packages TREE DIRECTORY
make_packages() {
	local tree=$1 packages=$2 release kind work
	release=$(cat "$tree/include/config/kernel.release")
	work=$packages.new
	rm -rf "$work"
	mkdir -p "$work"
	say "packing Linux $release"
	image_files "$tree" "$release" "$work/image" >"$work/log" 2>&1 || die "packing the image failed: see $work/log"
	header_files "$tree" "$release" "$work/headers" >>"$work/log" 2>&1 || die "packing the headers failed: see $work/log"
	for kind in image headers; do
		chmod -R u+rwX,go+rX,go-w "$work/$kind"
		dpkg-deb --root-owner-group -Zxz -z1 --build "$work/$kind" \
			"$work/linux-$kind-${release}_$release-1_amd64.deb" >/dev/null
		rm -rf "${work:?}/$kind"
	done
	mv "$work" "$packages"
}
