"""Write `fields.tsv` from the `ecs_flat` artifact of the Elastic Common Schema repository (elastic/ecs, generated/)."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from converter.fields.ecs import TABLE


def table(flat: dict[str, dict[str, object]], version: str) -> str:
    """The TSV text: path, type, and `array` where ECS says `normalize: array`; multi-fields are left out.

    Children of a nested field are single-valued or not by their own entry, as everywhere.
    """
    lines = [
        "# Elastic Common Schema field types, Apache-2.0, Copyright Elasticsearch B.V. and contributors.",
        (
            f"# Source: elastic/ecs generated/ecs/ecs_flat.yml, version {version}. "
            "Written by converter.fields.ecs.generate."
        ),
    ]
    for path in sorted(flat):
        entry = flat[path]
        normalize = entry.get("normalize")
        many = "\tarray" if isinstance(normalize, list) and "array" in normalize else ""
        lines.append(f"{path}\t{entry['type']}{many}")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    """Usage: python -m converter.fields.ecs.generate FILE [VERSION]."""
    source = Path(argv[0])
    raw = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    TABLE.write_text(table(json.loads(raw), argv[1] if len(argv) > 1 else "9.5"), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
