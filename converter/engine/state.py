"""The state of a run on disk, so that a run that was broken off goes on: SQLite, one transaction a save.

With each save stand the place in the input and the length of the output: going on cuts the output back to that length,
so that no alert is lost and none is given twice, whenever the process ended.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path

from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import ConverterError
from converter.engine.codes import V006, V007
from converter.engine.stateful.shelf import Shelf
from converter.engine.stateful.tracker import Saved

VERSION = 3


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run has come: the file by its place among the arguments, and lines, elements or rows of it."""

    file: int = 0
    items: int = 0
    output: int = 0
    alerts: int = 0
    broken: int = 0


class StateFile:
    """A state on disk, of the rules and options that `fingerprint` stands for. Raises ConverterError."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._fingerprint = fingerprint
        try:
            self._base = sqlite3.connect(path)
            self._base.execute("CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            self.shelf = Shelf(self._base)
        except sqlite3.DatabaseError as error:
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> ConverterError:
        source = Source(self._path.as_posix(), "")
        if isinstance(error, sqlite3.OperationalError):
            return ConverterError(Diagnostic(V007, f"the state cannot be written: {error}", source=source))
        return ConverterError(Diagnostic(V006, f"the file is no state of a run: {error}", source=source))

    def load(self) -> tuple[Place, Saved] | None:
        """What was saved last; None if nothing was."""
        try:
            found = dict(self._base.execute("SELECT name, value FROM state"))
        except sqlite3.DatabaseError as error:
            raise self._failed(error) from error
        if not found:
            return None
        if found.get("version") != str(VERSION) or found.get("fingerprint") != self._fingerprint:
            source = Source(self._path.as_posix(), "")
            hint = "give the rules and options of the run that saved it, or the name of a new file"
            raise ConverterError(Diagnostic(V006, "the state is of other rules or options", source=source, hint=hint))
        return Place(**json.loads(found["place"])), json.loads(found["session"])

    def save(self, place: Place, session: Saved) -> None:
        """Keep the state and the place; either all of it is kept or nothing."""
        values = {
            "version": str(VERSION),
            "fingerprint": self._fingerprint,
            "place": json.dumps(asdict(place)),
            "session": json.dumps(session, separators=(",", ":")),
        }
        self.shelf.write()
        try:
            with self._base:
                self._base.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()
