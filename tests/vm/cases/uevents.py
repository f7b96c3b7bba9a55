# SPDX-License-Identifier: GPL-2.0
"""Print the kernel's uevents about sched_ext until killed: ACTION PATH SCXOPS."""

import os
import socket

KOBJECT_UEVENT, KERNEL_GROUP = 15, 1

events = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, KOBJECT_UEVENT)
events.bind((0, KERNEL_GROUP))
print("listening", flush=True)
while True:
    fields = events.recv(65536).decode().split("\0")
    values = dict(field.split("=", 1) for field in fields if "=" in field)
    if "sched_ext" in values.get("DEVPATH", ""):
        # In one write: the reader looks at the file at any time.
        os.write(1, f"{values['ACTION']} {values['DEVPATH']} {values.get('SCXOPS', '-')}\n".encode())
