# SPDX-License-Identifier: GPL-2.0
"""What the programs in tests/vm share: options, the machine, its session, its kernel log."""
