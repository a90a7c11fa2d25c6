"""Tests that stand beside a rule: events that it must find and must not, judged by the reference meaning.

`tests/NAME.yml` beside `NAME.toml` holds `tests`: each a `name`, `events` (a list of `found` and `event`), and if
needed `now` (the moment of the run, which puts the rule's window over the events) and `indicators`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import ConverterError
from converter.engine.codes import V009
from converter.model.rule import Rule
from converter.reference import evaluate
from converter.reference.event import Event, instant
from converter.rulefile import read_bounded
from converter.rulefile.yamltext import YamlPositions, documents

_KEYS = frozenset({"name", "events", "now", "indicators"})


@dataclass(frozen=True, slots=True)
class Case:
    """Events of one run, and whether each belongs to an alert."""

    name: str
    events: tuple[Event, ...]
    wanted: tuple[bool, ...]
    now: int | None = None
    indicators: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An event (from 1) on which rule and test differ; `wanted`: what the test says."""

    number: int
    wanted: bool


def tests_of(path: Path) -> Path | None:
    """The file of tests beside a rule file, if it has one."""
    found = (path.parent / "tests" / f"{path.stem}{suffix}" for suffix in (".yml", ".yaml"))
    return next((one for one in found if one.is_file()), None)


def read_cases(path: Path) -> tuple[Case, ...]:
    """The tests of a file. Raises ConverterError with the place of a slip."""
    source = Source(path.as_posix(), read_bounded(path))
    for document in documents(source):
        if isinstance(document, Diagnostic):
            raise ConverterError(document)
        return _File(source, document[1]).cases(document[0])
    raise ConverterError(Diagnostic(V009, "the file holds no tests", source=source, hint=_HINT))


_HINT = "`siemglot witness RULE` writes a file to start from"


@dataclass(frozen=True, slots=True)
class _File:
    source: Source
    positions: YamlPositions

    def cases(self, value: object) -> tuple[Case, ...]:
        if not isinstance(value, dict) or set(value) != {"tests"} or not isinstance(value["tests"], list):
            raise self._slip("a file of tests has the one key `tests` with a list", ())
        if not value["tests"]:
            raise self._slip("there is no test in the list", ("tests",))
        return tuple(self._case(one, ("tests", number)) for number, one in enumerate(value["tests"]))

    def _case(self, value: object, path: tuple[str | int, ...]) -> Case:
        if not isinstance(value, dict):
            raise self._slip("a test has `name` and `events`", path)
        for key in value:
            if key not in _KEYS:
                raise self._slip(f"there is no key {key!r} in a test", (*path, key))
        events, wanted = self._events(value.get("events"), (*path, "events"))
        now = instant(value["now"]) if "now" in value else None
        if "now" in value and now is None:
            raise self._slip("`now` is a moment as 2026-03-01T12:00:00Z", (*path, "now"))
        indicators = value.get("indicators", [])
        if not isinstance(indicators, list) or not all(isinstance(one, dict) for one in indicators):
            raise self._slip("`indicators` is a list of documents", (*path, "indicators"))
        return Case(str(value.get("name", f"test {cast('int', path[-1]) + 1}")), events, wanted, now, tuple(indicators))

    def _events(self, value: object, path: tuple[str | int, ...]) -> tuple[tuple[Event, ...], tuple[bool, ...]]:
        if not isinstance(value, list) or not value:
            raise self._slip("a test needs `events`: a list of `found` and `event`", path)
        events: list[Event] = []
        wanted: list[bool] = []
        for number, one in enumerate(value):
            if not isinstance(one, dict) or set(one) != {"found", "event"}:
                raise self._slip("an entry has `found` and `event`", (*path, number))
            if not isinstance(one["found"], bool) or not isinstance(one["event"], dict):
                raise self._slip("`found` is true or false, and `event` an object", (*path, number))
            events.append(cast("Mapping[str, object]", one["event"]))
            wanted.append(one["found"])
        return tuple(events), tuple(wanted)

    def _slip(self, message: str, path: tuple[str | int, ...]) -> ConverterError:
        span = self.positions.key(path)
        return ConverterError(Diagnostic(V009, message, span=span, source=self.source, hint=_HINT))


def judge_case(rule: Rule, case: Case) -> tuple[Failure, ...]:
    """The events on which the rule's meaning and the test differ."""
    found = evaluate(rule, case.events, case.now, case.indicators)
    pairs = enumerate(zip(found, case.wanted, strict=True), 1)
    return tuple(Failure(number, wanted) for number, (is_found, wanted) in pairs if is_found != wanted)
