"""The rules of the shared corpus that can be evaluated."""

from __future__ import annotations

from benchmarks.bench import SHARED
from converter import api
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Match, Rule


def rules_of_corpus() -> list[Rule]:
    """All of them."""
    found = []
    for path in sorted((SHARED / "corpus").rglob("*.toml")):
        try:
            rule = api.read_rule(path)
        except ConverterError:
            continue
        if not api.errors_of(rule):
            found.append(rule)
    return found


def rules_of_events() -> list[Rule]:
    """Those of single events."""
    return [rule for rule in rules_of_corpus() if isinstance(rule.detection, Match)]
