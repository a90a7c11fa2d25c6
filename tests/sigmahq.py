"""SigmaHQ's rules and the events of their regression tests, as the shared folder holds them."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from shared import SHARED

from converter.api import catalogue
from converter.model.metadata import LogSource
from converter.model.predicate import OneOf
from converter.model.walk import leaves
from converter.readers.sigma.events import of_source

FOLDER = SHARED / "more" / "sigmahq"
EVENTS = FOLDER / "regression_events.ndjson.gz"

needs_sigmahq = pytest.mark.skipif(not EVENTS.is_file(), reason=f"SigmaHQ's rules are not at {FOLDER}")


def sigmahq_rules(every: int = 1) -> Iterator[Path]:
    """Every rule file (or each n-th), in a stable order; none where the folder is absent."""
    yield from sorted(FOLDER.rglob("*.yml"))[::every]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A real event that a rule finds: its values by the names that Windows gives them."""

    rule: Path
    values: Mapping[str, object]


@functools.cache
def recorded() -> tuple[Recorded, ...]:
    """Every event of the regression tests with the file of its rule."""
    files = {}
    for path in sigmahq_rules():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("id: "):
                files[line.removeprefix("id: ").strip()] = path
    found = []
    with gzip.open(EVENTS, "rt", encoding="utf-8") as lines:
        for line in lines:
            held = json.loads(line)
            found.append(Recorded(files[held["rule"]], _values(held["event"]["Event"])))
    return tuple(found)


def _values(event: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    system = event["System"]
    provider = system["Provider"]
    assert isinstance(provider, dict)
    data = event.get("EventData") or next(iter(event.get("UserData", {}).values()), None) or {}
    assert isinstance(data, dict)
    values = {name: str(value) for name, value in data.items() if value is not None and not isinstance(value, dict)}
    named = {"EventID": str(system["EventID"]), "Channel": str(system["Channel"]), "Computer": str(system["Computer"])}
    return {**values, **named, "Provider_Name": provider["#attributes"]["Name"]}


def in_elastics_words(values: Mapping[str, object], source: LogSource) -> dict[str, object]:
    """The event as a document with Elastic's fields, as the taxonomy reads the names of the log source."""
    known = catalogue()
    words = known.vocabulary(source)
    event: dict[str, object] = {}
    for leaf in leaves(of_source(words, known.schema)):
        assert isinstance(leaf, OneOf)
        event[leaf.field.path] = leaf.values[0]
    for name, value in values.items():
        event[words.plain(name)] = value
        event[words.path(name)] = value
    return event


def sigma_document(path: Path) -> dict[str, object]:
    """The rule as pySigma takes it."""
    text = path.read_text(encoding="utf-8")
    (document,) = (one for one in yaml.safe_load_all(text) if one)
    assert isinstance(document, dict)
    return document
