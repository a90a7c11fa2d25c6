"""Exceptions: what a rule's owner does not want to be told, kept beside the rule in Kibana."""

from __future__ import annotations

from dataclasses import field

from converter.deferred import dataclass
from converter.diagnostics import Source, Span


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """One condition of an item. `type` is match, match_any, exists, wildcard, list or nested.

    `values` are the texts of match, match_any and wildcard, or the name of a value list; `excluded`: the condition
    is negated; `entries` are those of a nested one.
    """

    field: str
    type: str
    values: tuple[str, ...] = ()
    excluded: bool = False
    entries: tuple[ExceptionEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionItem:
    """One exception of a list: events that satisfy every entry are no alert.

    `os_types` restricts it to hosts of these systems; `expires` is the time after which it no longer counts (as
    written), "" for never. `comments` are its owners' words.
    """

    list_id: str
    item_id: str
    name: str
    entries: tuple[ExceptionEntry, ...]
    os_types: tuple[str, ...] = ()
    expires: str = ""
    comments: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)
    source: Source | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExceptionsInHand:
    """The items of one list that a rule names, known in whole."""

    list_id: str
    items: tuple[ExceptionItem, ...]
