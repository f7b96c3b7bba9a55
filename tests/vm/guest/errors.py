# SPDX-License-Identifier: GPL-2.0
"""The one way in which a guest run reports that it could not be carried out."""


class RunError(Exception):
    """One line for a person: what is wrong, where, what to do. Becomes exit status 125."""


class BrokenOutput(Exception):
    """Whoever read the command's output has gone away."""
