"""The rows of a pipeline's window, on disk: a window of a busy rule holds more of them than memory should.

Rows are written as JSON (a point as an object, which no other value is), and stand under the place of their event and
their number among the rows of that event. Groups are told apart by a hash of 128 bits of their keys.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from converter.engine.stateful.shelf import Scratch, unkept
from converter.reference.esql.value import EVENT, ORIGIN, Row, Value
from converter.reference.event import Event

Position: TypeAlias = tuple[int, int]
"""A row's place in the order of all: the place of its event, and its number among that event's rows."""
_MOST_AT_HAND = 200
_FETCHED = 500
_POINT = "point"
_NUMBERS = itertools.count()


class Rows:
    """Rows in order. `event_at`: the event of a place, for pipelines whose later stages look at it."""

    def __init__(self, scratch: Scratch, event_at: Callable[[int], Event] | None) -> None:
        self._scratch = scratch
        self._event_at = event_at
        self._number = next(_NUMBERS)
        self._is_made = False
        self._new: list[tuple[int, int, int, str]] = []
        self._members: list[tuple[int, bytes, int, int]] = []

    def add(self, place: int, rows: Iterable[Row]) -> None:
        """The rows of an event."""
        for number, row in enumerate(rows):
            kept = [[name, _said(value)] for name, value in row.items() if name not in (EVENT, ORIGIN)]
            self._new.append((self._number, place, number, json.dumps(kept, separators=(",", ":"))))
        if len(self._new) > _MOST_AT_HAND:
            self._write()

    def between(self, first: int, end: int) -> Iterator[tuple[Position, Row]]:
        """The rows of the places from `first` to before `end`, in order."""
        if first >= end:
            return
        self._write()
        at: Position = (first, -1)
        asked = "SELECT place, number, row FROM rows WHERE lane = ? AND (place, number) > (?, ?) AND place < ? \
ORDER BY place, number LIMIT ?"
        while True:
            found = self._ask(asked, (self._number, *at, end, _FETCHED))
            for place, number, text in found:
                at = place, number
                yield at, self._read(place, text)
            if len(found) < _FETCHED:
                return

    def forget(self, end: int) -> None:
        """Drop the rows before a place."""
        self._write()
        self._change("DELETE FROM rows WHERE lane = ? AND place < ?", [(self._number, end)])

    def join(self, key: bytes, at: Position) -> None:
        """The row is one of a group's."""
        self._members.append((self._number, key, *at))
        if len(self._members) > _MOST_AT_HAND:
            self._write()

    def leave(self, key: bytes, at: Position) -> None:
        """The row, the oldest of a group, is none of it any more."""
        self._write()
        self._change(
            "DELETE FROM members WHERE lane = ? AND key = ? AND place = ? AND number = ?", [(self._number, key, *at)]
        )

    def members(self, key: bytes) -> list[tuple[Position, Row]]:
        """The rows of a group, in order."""
        self._write()
        asked = "SELECT place, number, row FROM members JOIN rows USING (lane, place, number) \
WHERE lane = ? AND key = ? ORDER BY place, number"
        found = self._ask(asked, (self._number, key))
        return [((place, number), self._read(place, text)) for place, number, text in found]

    def _read(self, place: int, text: str) -> Row:
        row: Row = {EVENT: {} if self._event_at is None else self._event_at(place), ORIGIN: frozenset((place,))}
        row.update(json.loads(text, object_hook=lambda found: tuple(found[_POINT])))
        return row

    def _write(self) -> None:
        if self._new:
            self._change("INSERT INTO rows VALUES (?, ?, ?, ?)", self._new)
            self._new = []
        if self._members:
            self._change("INSERT INTO members VALUES (?, ?, ?, ?)", self._members)
            self._members = []

    def _ask(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._opened().execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise unkept(error) from error

    def _change(self, statement: str, values: Iterable[tuple[object, ...]]) -> None:
        try:
            self._opened().executemany(statement, values)
        except sqlite3.Error as error:
            raise unkept(error) from error

    def _opened(self) -> sqlite3.Connection:
        base = self._scratch.base
        if not self._is_made:
            columns = "lane INTEGER, place INTEGER, number INTEGER, row TEXT, PRIMARY KEY (lane, place, number)"
            base.execute(f"CREATE TABLE IF NOT EXISTS rows ({columns}) WITHOUT ROWID")
            columns = "lane INTEGER, key BLOB, place INTEGER, number INTEGER, PRIMARY KEY (lane, key, place, number)"
            base.execute(f"CREATE TABLE IF NOT EXISTS members ({columns}) WITHOUT ROWID")
            self._is_made = True
        return base


def hashed(values: Iterable[object]) -> bytes:
    """What tells groups apart: the types and values of their keys; zero has no sign."""
    said = repr([(type(value).__name__, _unsigned(value)) for value in values])
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _unsigned(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_unsigned, value))
    return value + 0.0 if isinstance(value, float) else value


def _said(value: Value) -> object:
    """A value as JSON says it."""
    if isinstance(value, tuple):
        return {_POINT: value}
    return [_said(one) for one in value] if isinstance(value, list) else value
