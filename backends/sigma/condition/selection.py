"""Named selections: maps of items, lists of maps, and the names they get."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backends.sigma.condition.item import Item, SigmaValue

Map = dict[str, SigmaValue | list[SigmaValue]]
Selection = Map | list[Map]


def _entry(values: Sequence[SigmaValue]) -> SigmaValue | list[SigmaValue]:
    return values[0] if len(values) == 1 else list(values)


def mapped(items: Sequence[Item]) -> Map:
    """Items that must all hold, whose keys differ."""
    return {item.key: _entry(item.values) for item in items}


def listed(maps: Sequence[Sequence[Item]]) -> Selection:
    """Maps of which one must hold."""
    return mapped(maps[0]) if len(maps) == 1 else [mapped(items) for items in maps]


def united(items: Sequence[Item]) -> list[Item]:
    """Items with those joined that Sigma can say in one: texts that one column must all hold (`contains|all`)."""
    by_key: dict[str, list[Item]] = {}
    for item in items:
        by_key.setdefault(item.key, []).append(item)
    done: dict[str, None] = {}
    found: list[Item] = []
    for item in items:
        group = by_key[item.key]
        every = len(group) > 1 and "contains" in item.modifiers and all(len(one.values) == 1 for one in group)
        if not every:
            found.append(item)
        elif item.key not in done:
            done[item.key] = None
            values = tuple(dict.fromkeys(value for one in group for value in one.values))
            found.append(Item(f"{item.key}|all" if len(values) > 1 else item.key, values))
    return found


def merged(maps: Sequence[Sequence[Item]]) -> list[list[Item]]:
    """The same alternatives with those of one key as one list of values, where the first of them stands."""
    found: list[list[Item]] = []
    alone: dict[str, int] = {}
    for items in maps:
        key = items[0].key
        if len(items) == 1 and key in alone:
            found[alone[key]] = [found[alone[key]][0].joined(items[0])]
            continue
        if len(items) == 1 and "|all" not in key:
            alone[key] = len(found)
        found.append(list(items))
    return found


class Names:
    """The selections of one detection by name, in the order they were named."""

    def __init__(self) -> None:
        self.selections: dict[str, Selection] = {}
        self._known: dict[tuple[str, str], str] = {}  # of a kind and a selection's text: its name
        self._counted: dict[str, int] = {}  # the last number given to a stem

    def name(self, kind: str, selection: Selection) -> str:
        """`kind` and the first column's name; an equal selection of this kind has the same name."""
        known = self._known.get((kind, repr(selection)))
        if known is not None:
            return known
        first = selection[0] if isinstance(selection, list) else selection
        stem = f"{kind}_{_word(next(iter(first)))}"
        number = self._counted.get(stem, 0) + 1
        name = stem if number == 1 else f"{stem}_{number}"
        while name in self.selections:  # a column may be named as another's second
            number += 1
            name = f"{stem}_{number}"
        self._counted[stem] = number
        self.selections[name] = selection
        self._known[kind, repr(selection)] = name
        return name

    def starting(self, prefix: str) -> set[str]:
        """The names that a pattern `prefix*` picks."""
        return {name for name in self.selections if name.startswith(prefix)}

    def rename(self, old: str, new: str) -> None:
        """Give a selection another name; it keeps its place."""
        self.selections = {new if name == old else name: one for name, one in self.selections.items()}


def _word(key: str) -> str:
    """A column as part of a name: the letters, digits and _ that a condition may hold."""
    words = re.findall(r"[a-z0-9]+", key.partition("|")[0].lower())
    return "_".join(words)[:40].strip("_") or "field"
