"""Exit codes, a documented part of the command line."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The worst thing that happened; a larger code outranks a smaller one."""

    CONVERTED = 0  # everything asked for was converted (with --check: and is up to date)
    REFUSED = 1  # some rule was refused, or approximate under --strict; with --check: some file differs
    USAGE = 2  # the command line asks for something that does not exist
    INTERNAL = 3  # the converter itself failed on some rule
    UNDECIDED = 4  # `compare` neither shows that two rules are the same nor finds an event that tells them apart
