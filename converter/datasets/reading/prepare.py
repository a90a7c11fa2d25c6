"""Prepares all tables, and removes what is left of tables that are gone: what the build of the package does."""

from __future__ import annotations

import sys

from converter.datasets.reading import kept, prepared
from converter.datasets.reading.catalogue import ALL, builtin


def main() -> int:
    """Leave in `prepared/` what the tables are now, and nothing else."""
    builtin.cache_clear()
    builtin()
    wanted = {ALL, "macros.json", "selectors.json", *(prepared.named(file) for file in prepared.sums())}
    for path in kept.PREPARED.iterdir():
        if path.name not in wanted:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
