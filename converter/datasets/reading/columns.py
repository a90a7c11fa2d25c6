"""Column types of the platform tables that data set tables use: a generated list (`columns.tsv`) and its reader.

`python -m converter.datasets.reading.columns sentinel_tables.json` writes the list anew for the tables in use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

TABLE = Path(__file__).parent.parent / "columns.tsv"


def read_columns() -> Mapping[str, Mapping[str, str]]:
    """Table name -> column name -> type."""
    found: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            table, *columns = line.split("\t")
            found[table] = dict(column.split(":", 1) for column in columns)
    return found


def main(argv: list[str]) -> int:
    """Usage: python -m converter.datasets.reading.columns SCHEMAS.json."""
    # Imported here: the tables are only needed to write the list, which they never read.
    from converter.datasets.reading.catalogue import builtin

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
        "# Written by datasets.reading.columns; a table with columns of its own declares them in its YAML file.",
    ]
    lines += ["\t".join([t, *(f"{c}:{k}" for c, k in sorted(schemas[t].items()))]) for t in sorted(used)]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
