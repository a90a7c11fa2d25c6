"""What an analyst sees of the shared corpus in Sentinel: `make entities`. Prints tables in Markdown.

    python -m benchmarks.entities

Of the native analytics rules: how many have an entity mapping, by the table that they read, and of which types.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml

import converter
from benchmarks.corpus import RULES, table
from converter.api import catalogue
from converter.diagnostics.errors import ConverterError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def main() -> None:
    """Convert every rule and count."""
    having: Counter[str] = Counter()
    all_of: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    known = catalogue()
    for path in sorted(RULES.rglob("*.toml")):
        try:
            artifact = converter.convert(converter.read_rule(path, known), to="sentinel", format="yaml", known=known)
        except ConverterError:
            continue
        if not artifact.text or artifact.fields == "ecs":
            continue
        rule: Mapping[str, Any] = yaml.load(artifact.text, Loader=_LOADER)  # noqa: S506 - safe loaders
        found = {entity["entityType"] for entity in rule.get("entityMappings", ())}
        all_of[artifact.place] += 1
        having[artifact.place] += bool(found)
        kinds.update(found)
    share = 100 * having.total() / max(1, all_of.total())
    sys.stdout.write(
        f"{having.total()} of {all_of.total()} native analytics rules have an entity mapping: {share:.1f} %\n\n"
    )
    table(("table", "rules", "with an entity"), ((name, n, having[name]) for name, n in all_of.most_common()))
    table(("entity", "rules"), kinds.most_common())


if __name__ == "__main__":
    main()
