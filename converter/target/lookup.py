"""Tables beside the events, read over periods of their own: keys to test events against, columns that these get."""

from __future__ import annotations

from converter.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Lookup:
    """The values of one column of another table that an event's `column` must be among.

    `key` is the column of the lookup; `query`, in the target's language and written in a data set table, fills it
    from the last `days` days, whatever window the rule has.
    """

    name: str
    column: str
    key: str
    query: str
    days: int
    note: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The lookup's columns."""
        return (self.key,)


@dataclass(frozen=True, slots=True)
class Beside:
    """Another table that the counterparts of a place read, over the last `days` days whatever window the rule has.

    `name` is the table's, as expressions of the place spell it. On a platform of lookups an event whose `column` is
    the value of the lookup's `key` has the columns `adds`: (the event's name for it, the lookup's column); `query`
    fills the lookup, as that of a `Lookup` does.
    """

    name: str
    days: int
    column: str = ""
    key: str = ""
    adds: tuple[tuple[str, str], ...] = ()
    query: str = ""
    note: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The lookup's columns."""
        return (self.key, *(source for _, source in self.adds))
