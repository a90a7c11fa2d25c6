"""Where the texts of remembered events lie: in SQLite on disk, so that memory holds a number for each and no text.

A `Kept` is the handle of one remembered event. Whoever remembers the event holds the handle; when the last one lets go
of it, the text goes too. The database is the run's state where it has one, and a temporary one without a name else
(SQLite: "If the filename is an empty string, then a new temporary file is created to hold the database",
https://www.sqlite.org/inmemorydb.html), which vanishes with the process, however that ends.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections import deque
from collections.abc import Iterable, Iterator

from converter.diagnostics import Diagnostic, Source
from converter.diagnostics.errors import ConverterError
from converter.engine.codes import V007

_MOST_AT_HAND = 1 << 18
"""So many characters of text are at hand before they are written: most events are forgotten before that."""
_MOST_GONE = 1000
_CACHE_KIB = 1024


class Scratch:
    """A database that vanishes with the process. Raises ConverterError where it cannot be written."""

    def __init__(self) -> None:
        self._base: sqlite3.Connection | None = None

    @property
    def base(self) -> sqlite3.Connection:
        """The database, made when it is first asked for; nothing in it is ever committed or taken back."""
        if self._base is None:
            try:
                self._base = sqlite3.connect("", check_same_thread=False)
                for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
                    self._base.execute(f"PRAGMA {setting}")
            except sqlite3.Error as error:
                raise unkept(error) from error
        return self._base


class Kept:
    """A remembered event: its number in the stream, and its JSON text on the shelf."""

    __slots__ = ("__weakref__", "_shelf", "number")

    def __init__(self, number: int, shelf: Shelf) -> None:
        self.number = number
        self._shelf = shelf

    @property
    def text(self) -> str:
        """The JSON text. Raises ConverterError."""
        return self._shelf.read(self.number)

    def __del__(self) -> None:
        """Nobody remembers the event any more."""
        self._shelf.let_go(self.number)


class Shelf:
    """Texts by the numbers of their events. One event is put once; `base`: the database to keep them in."""

    def __init__(self, base: sqlite3.Connection | None = None) -> None:
        self._own = base
        self._base: sqlite3.Connection | None = None
        self.scratch = Scratch()
        self._at_hand: dict[int, str] = {}
        self._length = 0
        self._gone: deque[int] = deque()
        self._again: weakref.WeakValueDictionary[int, Kept] = weakref.WeakValueDictionary()

    def put(self, number: int, text: str) -> Kept:
        """Remember an event as long as the handle lives. Raises ConverterError if the disk is full."""
        self._at_hand[number] = text
        self._length += len(text)
        if self._length > _MOST_AT_HAND:
            self.write()
        elif len(self._gone) > _MOST_GONE:
            self._forget()
        return Kept(number, self)

    def put_again(self, number: int, text: str) -> Kept:
        """Remember an event of a saved state: `kept` gives the same handle."""
        made = self._again[number] = self.put(number, text)
        return made

    def kept(self, number: int) -> Kept:
        """The handle of an event that a saved state remembers: one for all who ask."""
        found = self._again.get(number)
        if found is None:
            found = self._again[number] = Kept(number, self)
        return found

    def read(self, number: int) -> str:
        """The text of an event. Raises ConverterError."""
        text = self._at_hand.get(number)
        if text is not None:
            return text
        try:
            found = self._opened().execute("SELECT text FROM events WHERE number = ?", (number,)).fetchone()
        except sqlite3.Error as error:
            raise unkept(error) from error
        return str(found[0])

    def let_go(self, number: int) -> None:
        """Forget an event, sooner or later: this may be called at any moment, in any thread."""
        self._gone.append(number)

    def write(self) -> None:
        """Put on disk what is at hand, and take away what nobody remembers. Raises ConverterError."""
        self._forget()
        if self._at_hand:
            self._change("INSERT OR REPLACE INTO events VALUES (?, ?)", self._at_hand.items())
        self._at_hand, self._length = {}, 0

    def _forget(self) -> None:
        written: list[tuple[int]] = []
        while self._gone:
            number = self._gone.popleft()
            text = self._at_hand.pop(number, None)
            if text is None:
                written.append((number,))
            else:
                self._length -= len(text)
        if written:
            self._change("DELETE FROM events WHERE number = ?", written)

    def _change(self, statement: str, values: Iterable[tuple[object, ...]]) -> None:
        try:
            self._opened().executemany(statement, values)
        except sqlite3.Error as error:
            raise unkept(error) from error

    def _opened(self) -> sqlite3.Connection:
        if self._base is None:
            self._base = self.scratch.base if self._own is None else self._own
            self._base.execute("CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        return self._base

    def texts(self) -> Iterator[tuple[int, str]]:
        """Every remembered event."""
        self.write()
        if self._base is not None or self._own is not None:
            yield from self._opened().execute("SELECT number, text FROM events ORDER BY number")


def unkept(error: sqlite3.Error) -> ConverterError:
    """What is said where remembered events cannot be kept."""
    hint = "TMPDIR says where they lie of a run without --state"
    message = f"the events that rules remember cannot be kept: {error}"
    return ConverterError(Diagnostic(V007, message, source=Source("<memory>", ""), hint=hint))
