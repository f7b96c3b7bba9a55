# SPDX-License-Identifier: GPL-2.0
"""How kunit.py boots the hooks kernel: on this machine's own root, with tests/kunit/init.

kunit.py executes this file as if it lay in its own qemu_configs. tests/kunit/run says by the
environment what depends on the machine.
"""

import os

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch="x86_64",
    kconfig="",
    qemu_arch="x86_64",
    kernel_path=os.environ["SCX_KUNIT_KERNEL"],
    kernel_command_line=" ".join([
        "console=ttyS0 quiet panic=-1 lpj=4000000 tsc=reliable no_timer_check random.trust_cpu=on",
        "root=root rootfstype=9p ro",
        "rootflags=trans=virtio,version=9p2000.L,msize=262144,cache=loose",
        # In quotes: a path may hold a blank.
        f'init="{os.environ["SCX_KUNIT_INIT"]}"',
    ]),
    extra_qemu_params=[
        "-machine", "q35", "-bios", "qboot.rom", "-cpu", "max,la57=off", "-smp", "4",
        "-accel", os.environ["SCX_KUNIT_ACCELERATION"],
        "-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap",
    ],
)
