"""A set of keys that is filled beforehand, over its own period, and that events are tested against."""

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
