"""Collects the column types of the platform tables that data set tables use, out of all that a platform has.

`python -m converter.datasets.reading.collect sentinel_tables.json` writes `columns.tsv` anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.columns import TABLE


def main(argv: list[str]) -> int:
    """Usage: python -m converter.datasets.reading.collect SCHEMAS.json."""
    schemas: dict[str, dict[str, str]] = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    used = {
        place.header["table"]
        for one in builtin().listings
        for places in builtin().table(one.name).places.values()
        for place in places
        if place.header.get("table") in schemas
    }
    lines = [
        "# Column types of Microsoft Sentinel and Defender tables, from Microsoft's table reference.",
        "# Written by datasets.reading.collect; a table with columns of its own declares them in its YAML file.",
    ]
    lines += ["\t".join([t, *(f"{c}:{k}" for c, k in sorted(schemas[t].items()))]) for t in sorted(used)]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
