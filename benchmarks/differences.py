"""How a run that looks for differences ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence

SHOWN = 20


def told(found: Sequence[str]) -> int:
    """Print how many differences were found, and the first of them. The exit code: 1 if there are any."""
    sys.stdout.write(f"{len(found)} differ\n")
    for one in found[:SHOWN]:
        sys.stdout.write(f"{one}\n")
    return 1 if found else 0
