# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016  # commands are for another shell
# Sourced with walk.sh: what tests/vm/devbox does, in order. KERNEL and LATER are the releases of the
# two kernels, VERSION and NEXT the versions of the packages.

# A scheduler of one's own, with only sched-ext-dev there.
in_chroot_template() {
	cd /srv/dev || return
	step 'install sched-ext-dev' 'Setting up sched-ext-dev' 'apt-get install -y ./sched-ext-dev_*.deb'
	step 'pkg-config knows it' '-lscx' 'pkg-config --cflags --libs sched-ext'
	step 'a copy of the template' '' 'cp -r /usr/share/sched-ext/template /srv/mine'
	step 'cmake -B build' 'Build files have been written' 'cd /srv/mine && cmake -B build'
	step 'cmake --build build' 'Built target scx_mine' 'cd /srv/mine && cmake --build build'
}

in_chroot_install() {
	cd /srv/packages || return
	readme 'apt-get install ./linux-image-*.deb ./linux-headers-*.deb ./sched-ext-dkms_*.deb ./sched-ext-tools_*.deb' \
		'Setting up sched-ext-tools'
	step 'dkms built and signed it' 'sig_key: *[0-9A-F]' "dkms status sched_ext | grep -q installed && modinfo -k $KERNEL sched_ext"
	cd /srv/next || return
	step 'a later version of the packages' 'Setting up sched-ext-dkms' 'apt-get install -y ./sched-ext-*.deb'
	step 'it took the place of the other' "^sched_ext/$NEXT, $KERNEL.*installed" \
		'dkms status sched_ext; test $(dkms status sched_ext | wc -l) = 1; test $(ls -d /usr/src/sched_ext-* | wc -l) = 1'
}

# Of tests/packaging/trixie: dkms 3.2.
in_chroot_trixie() {
	local debian
	debian=$(basename /usr/src/linux-headers-6.12*-amd64)
	debian=${debian#linux-headers-}
	cd /srv/packages || return
	step 'dkms is 3.2' '^dkms-3\.2' 'dkms --version'
	step 'install the kernel and sched-ext-dkms' 'Setting up sched-ext-dkms' \
		'apt-get install -y ./linux-image-*.deb ./linux-headers-*.deb ./sched-ext-dkms_*.deb'
	step 'dkms built and signed it' 'sig_key: *[0-9A-F]' \
		"dkms status sched_ext | grep 'installed' && modinfo -k $KERNEL sched_ext"
	expect 77 "Debian's own headers are refused, with the hooks that are missing" \
		'hooks are missing: sched_ext_attach, sched_ext_detach' "dkms build sched_ext/$VERSION -k $debian"
	step 'autoinstall passes over them' '' "dkms autoinstall -k $debian"
	step 'removal' 'Removing sched-ext-dkms' 'apt-get purge -y sched-ext-dkms'
	step 'nothing is left' '^nothing$' \
		'find /usr/src /var/lib/dkms /lib/modules/ -name "*sched_ext*" ! -path "*/linux-headers-*" | grep . || echo nothing'
}

in_guest_first() {
	step 'systemd is up, and nothing failed' '^0$' 'systemctl list-units --failed --no-legend | wc -l'
	readme 'dkms status sched_ext' "^sched_ext/$NEXT, $KERNEL.*installed"
	expect 3 'the unit is not running of itself' inactive 'systemctl is-active sched-ext'
	readme 'modprobe sched_ext' ''
	readme 'scxctl doctor' 'loaded +version'
	readme 'scxctl list' '^  simple'
	expect 1 'not for everybody' 'needs root' 'setpriv --reuid 65534 --regid 65534 --clear-groups scxctl start simple'
	readme 'scxctl start simple' '^simple is loaded'
	readme 'scxctl status' '^held by +scx_simple, .* of sched-ext.service'
	step 'a workload runs under it' 'ext.enabled *: *1' \
		'for i in 1 2 3 4; do (for ((j = 0; j < 20000; j++)); do :; done) & done; wait; cat /proc/self/sched'
	expect 1 'a second one is refused' 'simple is loaded; end it first' 'scxctl start simple'
	readme 'scxctl log' 'sched_ext: BPF scheduler "simple" enabled'
	readme 'scxctl dump' '^CPU '
	step 'what the unit may do' 'Overall exposure level' 'systemd-analyze security --no-pager sched-ext.service'
	readme 'scxctl stop' '^simple has ended'
	expect 3 'and nothing is loaded' 'no scheduler is loaded' 'scxctl status'
	readme 'systemctl enable --now sched-ext' 'Created symlink'
	step 'the configured one is loaded' '^held by +scx_simple' \
		'until scxctl status >/dev/null; do sleep 0.2; done; scxctl status'
	step 'its program is killed, and the unit says so' '^failed' \
		'kill -9 $(pidof scx_simple); until systemctl is-failed sched-ext >/dev/null; do sleep 0.2; done; systemctl is-failed sched-ext'
	step 'options through the unit' '--fifo' \
		'systemctl reset-failed; scxctl start simple -- --fifo >/dev/null; tr "\0" " " </proc/$(pidof scx_simple)/cmdline'
	expect 1 'options that the scheduler refuses' 'ended: scx_simple: .*--nonsense' \
		'scxctl stop >/dev/null; scxctl start simple -- --nonsense'
	step 'a scheduler made from the template' '^scheduler +mine' \
		'systemctl reset-failed; scxctl --schedulers /srv/mine/build run mine >/dev/null & until scxctl status 2>/dev/null | grep -q mine; do sleep 0.2; done; scxctl status; scxctl stop; wait'
	step 'a later kernel, for which dkms builds' 'Setting up linux-headers' \
		'cd /srv/later && apt-get install -y ./linux-image-*.deb ./linux-headers-*.deb'
	step 'it has the module' "$LATER.*installed" 'dkms status sched_ext'
}

in_guest_second() {
	step 'the later kernel runs' "^$LATER\$" 'uname -r'
	step 'the enabled unit has loaded the scheduler' '^held by +scx_simple' \
		'for ((i = 0; i < 100; i++)); do scxctl status >/dev/null && break; sleep 0.2; done; scxctl status'
	readme 'apt-get purge sched-ext-dkms sched-ext-tools' 'Purging configuration files for sched-ext-tools'
	step 'the scheduler has ended, the module is gone' '^gone$' '! lsmod | grep sched_ext && test ! -e /sys/kernel/sched_ext && echo gone'
	step 'and the older kernel can go' 'Removing linux-image' "apt-get purge -y linux-image-$KERNEL linux-headers-$KERNEL"
	step 'nothing is left of them' '^nothing$' \
		'find /boot /etc /usr /lib /run /var/lib/dkms -xdev \( -iname "*sched_ext*" -o -iname "*sched-ext*" -o -name "scx*" \) ! -path "/usr/src/linux-headers-*" ! -path "*sched-ext-dev*" ! -path "*/usr/include/sched-ext*" ! -path "/usr/share/sched-ext*" ! -path "/usr/lib/*/sched-ext*" ! -path "*/pkgconfig/*" ! -path "*/cmake/*" ! -path "/usr/lib/devbox*" | grep . || echo nothing'
}
