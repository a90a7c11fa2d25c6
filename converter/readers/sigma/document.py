"""The text of a Sigma document as a tree: searches by name, the conditions over them, and where everything stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.code import Code
from converter.diagnostics.errors import QuerySyntaxError
from converter.languages.cursor import LONGEST_QUERY
from converter.languages.sigma.codes import S003, S006, S007
from converter.languages.sigma.condition import parse as parse_condition
from converter.languages.sigma.syntax import (
    And,
    Condition,
    Entry,
    Every,
    Item,
    Named,
    Not,
    Or,
    Picked,
    Scalar,
    Search,
    Some,
)
from converter.rulefile import yamltext
from converter.rulefile.positions import Path

_SCALARS = (str, int, float, bool, type(None))
_DEEPEST = 20
"""Levels of lists and maps in a search; SigmaHQ's rules have three."""
_BESIDE = ("condition", "timeframe", "rules")
"""Keys of a detection or filter that are no search."""


@dataclass(frozen=True, slots=True)
class Detection:
    """`detection` or `filter`: searches by name, and conditions of which one must hold."""

    searches: Mapping[str, Search]
    places: Mapping[str, Span | None]
    conditions: tuple[Condition, ...]
    condition_span: Span | None = None


class Document:
    """One document of a Sigma file, and what is wrong with it: every slip at its place in the text."""

    def __init__(self, text: str, name: str = "") -> None:
        """Raises QuerySyntaxError for a text that is no document."""
        self.text = text
        if len(text) > LONGEST_QUERY:
            raise QuerySyntaxError(Diagnostic(S003, f"the document has {len(text):,} characters", span=Span(0, 0)))
        found = next(iter(yamltext.documents(Source(name, text))), None)
        if isinstance(found, Diagnostic):
            raise QuerySyntaxError(Diagnostic(found.code, found.message, span=found.span, hint=found.hint))
        value, self._positions = found or ({}, yamltext.YamlPositions())
        self.keys: Mapping[str, object] = value if isinstance(value, dict) else {}
        self.found: list[Diagnostic] = []

    def key(self, *path: str | int) -> Span | None:
        """Where a key stands, or the nearest one above it."""
        return self._positions.key(path)

    def say(self, code: Code, message: str, span: Span | None, hint: str = "") -> None:
        """Keep an error."""
        self.found.append(Diagnostic(code, message, span=span, hint=hint))

    def check(self) -> None:
        """Raise QuerySyntaxError if anything is wrong so far."""
        if self.found:
            raise QuerySyntaxError(sorted(self.found, key=lambda d: d.span.start if d.span else 0))

    def detection(self, section: str) -> Detection:
        """The searches and conditions of `detection` or `filter`: a map, as the reader of the file has seen to."""
        given = self.keys.get(section)
        body = given if isinstance(given, dict) else {}
        searches: dict[str, Search] = {}
        places: dict[str, Span | None] = {}
        for name, value in body.items():
            if name not in _BESIDE:
                places[name] = self.key(section, name)
                made = self._search(value, (section, name), 0)
                if made is not None:
                    searches[name] = made
        if not places:
            hint = "add selection: and a map of fields and values"
            self.say(S006, f"{section} has no search", self.key(section), hint)
        return Detection(searches, places, self._conditions(body, section), self.key(section, "condition"))

    # ---- searches

    def _search(self, value: object, path: Path, depth: int) -> Search | None:
        if value in ({}, []):
            hint = "write field: value, or take the search out"
            self.say(S006, f"the search {path[1]} is empty", self._positions.key(path), hint)
            return None
        if depth > _DEEPEST:
            self.say(S007, f"a search nests deeper than {_DEEPEST} levels", self._positions.key(path))
            return None
        if isinstance(value, dict):
            items = [self._item(key, one, (*path, key)) for key, one in value.items()]
            return _joined([i for i in items if i is not None], every=True)
        if isinstance(value, list):
            parts = [self._element(one, (*path, i), depth) for i, one in enumerate(value)]
            return _joined(_merged([p for p in parts if p is not None]), every=False)
        return self._element(value, path, depth)

    def _element(self, value: object, path: Path, depth: int) -> Search | None:
        """A part of a list: a map, or a text to look for in the whole event."""
        if isinstance(value, dict | list):
            return self._search(value, path, depth + 1)
        if value is None:
            hint = "write field: null for a field that is not there"
            self.say(S007, f"the search {path[1]} has nothing to look for", self._positions.key(path), hint)
            return None
        span = self._positions.value(path)
        assert isinstance(value, _SCALARS)  # noqa: S101 - YAML has nothing else
        return Item("", (), (Entry(value, span),), span)

    def _item(self, key: str, value: object, path: Path) -> Search | None:
        """`key: value`; a map below a key has no meaning in Sigma."""
        span = self._positions.key(path)
        if isinstance(value, dict):
            self.say(S007, f"the value of {key} is a map", span, f"{key}: a value or a list of values")
            return None
        values = value if isinstance(value, list) else [value]
        name, *modifiers = key.split("|")
        entries: list[Entry] = []
        for number, one in enumerate(values):
            at = (*path, number) if isinstance(value, list) else path
            if isinstance(one, dict | list):
                self.say(S007, f"a value of {key} is a {'map' if isinstance(one, dict) else 'list'}", span)
                return None
            entries.append(Entry(_scalar(one), self._positions.value(at)))
        if not entries:
            self.say(S006, f"{key} has an empty list of values", span, "write null for a field that is not there")
            return None
        return Item(name, tuple(modifiers), tuple(entries), span)

    # ---- conditions

    def _conditions(self, body: Mapping[str, object], section: str) -> tuple[Condition, ...]:
        given = body.get("condition")
        texts = given if isinstance(given, list) else [given]
        if given is None or not texts:
            hint = "condition: selection"
            self.say(S006, f"{section} has no condition", self.key(section, "condition"), hint)
            return ()
        found: list[Condition] = []
        for number, text in enumerate(texts):
            path: Path = (section, "condition", number) if isinstance(given, list) else (section, "condition")
            if not isinstance(text, str):
                self.say(S007, "the condition must be a text", self._positions.key(path), "condition: selection")
                continue
            made = self._condition(text, path)
            if made is not None:
                found.append(made)
        return tuple(found)

    def _condition(self, text: str, path: Path) -> Condition | None:
        span = self._positions.value(path)
        start = self.text.find(text, span.start, span.end) if span else -1
        try:
            found = parse_condition(text)
        except QuerySyntaxError as error:
            for d in error.diagnostics:
                at = d.span.shifted(start) if d.span and start >= 0 else span
                self.found.append(Diagnostic(d.code, d.message, span=at, hint=d.hint))
            return None
        # A text of several lines does not stand in the file as it is: its words have the place of the whole.
        whole = span or Span(0, 0)
        return _placed(found, lambda found: found.shifted(start) if start >= 0 else whole)


def _placed(condition: Condition, place: Callable[[Span], Span]) -> Condition:
    """The condition with its spans counting from the document's start."""
    match condition:
        case Named() | Picked():
            return replace(condition, span=place(condition.span))
        case Not(term):
            return Not(_placed(term, place))
        case And(terms):
            return And(tuple(_placed(term, place) for term in terms))
        case Or(terms):
            return Or(tuple(_placed(term, place) for term in terms))
        case _:
            assert_never(condition)


def _joined(parts: list[Search], *, every: bool) -> Search | None:
    if len(parts) <= 1:
        return parts[0] if parts else None
    return Every(tuple(parts)) if every else Some(tuple(parts))


def _merged(parts: list[Search]) -> list[Search]:
    """Plain texts of a list as one item with several values."""
    plain = [p for p in parts if isinstance(p, Item) and not p.name and not p.modifiers]
    if len(plain) < 2:  # noqa: PLR2004 - one stays as it is
        return parts
    first = plain[0]
    one = Item("", (), tuple(entry for p in plain for entry in p.entries), first.span)
    return [one if p is first else p for p in parts if p is first or p not in plain]


def _scalar(value: object) -> Scalar:
    assert isinstance(value, _SCALARS)  # noqa: S101 - YAML has nothing else
    return value
