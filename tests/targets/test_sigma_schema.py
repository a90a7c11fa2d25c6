"""Sigma artifacts have the shape that the specification gives rules and correlations."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from engines.sigma_schema import slips
from shared import ROOT, corpus_rules, needs_shared, some_or_all

import converter
from converter.diagnostics.errors import ConverterError


class _Loader(yaml.CSafeLoader):
    """YAML whose dates are texts, as the specification has them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in of if not tag.endswith(":timestamp")]
    for first, of in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def documents(rule: Path, fields: str | None = None) -> Iterator[dict[str, Any]]:
    """The documents that a rule becomes; none where it is refused."""
    try:
        text = converter.convert(converter.read_rule(rule), "sigma", fields=fields).text
    except ConverterError:
        return
    yield from yaml.load_all(text, Loader=_Loader) if text else ()


def test_samples() -> None:
    found = [
        (path.name, document)
        for path in sorted((ROOT / "rules").rglob("*.toml"))
        for document in documents(path, "ecs")
    ]
    assert [(name, said) for name, document in found if (said := slips(document))] == []
    kinds = {document["correlation"]["type"] for _, document in found if "correlation" in document}
    assert kinds == {"event_count", "value_count", "temporal", "temporal_ordered"}
    assert len(found) > 60


@needs_shared
@some_or_all
def test_the_corpus(everything: bool) -> None:
    counts = {"correlation": 0, "detection": 0}
    for path in corpus_rules(1 if everything else 25):
        for document in documents(path):
            assert slips(document) == [], path.name
            counts["correlation" if "correlation" in document else "detection"] += 1
    assert counts["detection"] > (900 if everything else 20)
    assert counts["correlation"] > (60 if everything else -1)


CORRELATION: dict[str, Any] = {
    "title": "t",
    "id": "11111111-1111-4111-8111-111111111111",
    "correlation": {
        "type": "value_count",
        "rules": ["a", "b"],
        "group-by": ["host"],
        "timespan": "5m",
        "aliases": {"host": {"a": "Computer", "b": "Host"}},
        "condition": {"gte": 3, "field": "user"},
    },
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), "x" * 257),
        (("id",), "no uuid"),
        (("logsource",), {"product": "windows"}),
        (("level",), "severe"),
        (("correlation", "type"), "count"),
        (("correlation", "rules"), []),
        (("correlation", "rules"), ["a", "a"]),
        (("correlation", "group-by"), ["host", "host"]),
        (("correlation", "group-by"), ["other"]),
        (("correlation", "timespan"), "5 minutes"),
        (("correlation", "timespan"), "0m"),
        (("correlation", "condition"), {"field": "user"}),
        (("correlation", "condition"), {"gte": 3}),
        (("correlation", "condition"), {"gte": "3", "field": "user"}),
        (("correlation", "condition"), {"at least": 3, "gte": 3, "field": "user"}),
        (("correlation", "aliases"), {"host": {"c": "Host"}}),
        (("correlation", "window"), "5m"),
    ],
)
def test_a_wrong_shape_is_seen(path: tuple[str, ...], value: object) -> None:
    assert slips(CORRELATION) == []
    wrong = copy.deepcopy(CORRELATION)
    place = wrong
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert slips(wrong)
