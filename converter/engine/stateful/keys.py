"""The values that events are grouped and joined by: what the reference reads, by readers that are compiled once."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from converter.engine.reading import reader, text
from converter.engine.stateful.tracker import Item
from converter.model.rule import Key
from converter.model.value import Field, Kind
from converter.reference.event import Event, address_text, coerce

Values = tuple[str | int | float | bool, ...]
ValuesReader = Callable[[Event], Values]
Combinations = Callable[[Item], Sequence[tuple[object, ...]]]

_NULL: tuple[None, ...] = (None,)


@functools.cache
def values_reader(field: Field) -> ValuesReader:
    """A function that says what `converter.reference.detection.key_values` says of the field.

    One field has one such function, so that what it found of an event can be remembered by it.
    """
    read, kind = reader(field.path), field.kind
    if kind in (Kind.KEYWORD, Kind.TEXT):
        return lambda event: tuple(dict.fromkeys([shown for raw in read(event) if (shown := text(raw)) is not None]))

    def values(event: Event) -> Values:
        found = [one for raw in read(event) if (one := coerce(raw, kind)) is not None]
        shown = (address_text(cast("int", one)) for one in found) if kind is Kind.IP else found
        return tuple(dict.fromkeys(shown))

    return values


def combinations_of(fields: Iterable[Field]) -> Combinations:
    """Every combination of one value a field of an item; none if a field is missing."""
    return _combinations([(values_reader(field), False) for field in fields])


def join_keys_of(by: Iterable[Key]) -> Combinations:
    """The join keys of an item: a missing field is null if its key is optional, else there is none (rule E17)."""
    return _combinations([(values_reader(key.field), key.optional) for key in by])


def _combinations(readers: Sequence[tuple[ValuesReader, bool]]) -> Combinations:
    if len(readers) == 1:
        ((read_only, nullable),) = readers
        return lambda item: [(value,) for value in item.value(read_only) or (_NULL if nullable else ())]

    def combine(item: Item) -> Sequence[tuple[object, ...]]:
        choices: list[tuple[object, ...]] = []
        for read, optional in readers:
            found = item.value(read)
            if not found:
                if not optional:
                    return ()
                choices.append(_NULL)
            else:
                choices.append(found)
        return list(itertools.product(*choices))

    return combine
