"""The index of a class at work: from an event to the predicates that may hold of it.

A `Node` has tests that every event is put to, and branches: for a name of the event, what its text leads to and what
stands below it. Following a branch that the event does not have costs one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from converter.engine.reading import text, unfolded
from converter.engine.verify import Test
from converter.model.value import Kind
from converter.reference.event import Event, coerce

Finder: TypeAlias = Callable[[str, list["Node"]], None]


@dataclass(slots=True, eq=False)
class Node:
    """`tests`: predicates by number with their tests. `branches`: where further nodes are found."""

    tests: tuple[tuple[int, Test], ...] = ()
    branches: Branches | None = None


@dataclass(slots=True)
class Leading:
    """What a value leads to: `whole` by its lower case, `held` whatever it is, `finder` by its parts, `numbers`."""

    whole: dict[str, Node] = field(default_factory=dict)
    numbers: dict[int, Node] = field(default_factory=dict)
    held: Node | None = None
    finder: Finder | None = None
    parts: dict[str, Node] = field(default_factory=dict)  # what the finder looks for


Branch: TypeAlias = "tuple[str, Lookup | None, Finder | None, Leading | None, Branches | None]"
"""A name, how a text there is looked up and what else is asked of it, all that its values lead to, what is below."""
Lead: TypeAlias = "tuple[Lookup | None, Finder | None, Leading | None, Branches | None]"
"""A branch without its name."""
Lookup: TypeAlias = "Callable[[str], Node | None]"


def branch(name: str, leading: Leading | None, below: Branches | None) -> Branch:
    """The branch of a name, with what nearly every event needs of it at hand."""
    if leading is None:
        return name, None, None, None, below
    asks_more = leading.held is not None or leading.finder is not None or bool(leading.numbers)
    extra = _extra(leading) if asks_more else None
    return name, leading.whole.get if leading.whole else None, extra, leading, below


def _extra(leading: Leading) -> Finder:
    """What a text leads to beside its look-up."""
    held, finder, numbers = leading.held, leading.finder, leading.numbers
    if finder is not None and held is None and not numbers:
        return finder

    def follow(value: str, found: list[Node]) -> None:
        if held is not None:
            found.append(held)
        if finder is not None:
            finder(value, found)
        if numbers:
            _follow_number(value, leading, found)

    return follow


@dataclass(slots=True)
class Branches:
    """The names of one object that lead somewhere; `dotted`: names that stand for several levels at once."""

    names: tuple[Branch, ...]
    dotted: frozenset[str]


def reached(node: Node, event: Event, *, plain: bool = False) -> list[Node]:
    """The nodes that the event leads to, `node` first; none is left out whose predicates may hold.

    `plain`: no name in the event holds a dot, which spares looking for such names.
    """
    found = [node]
    for one in found:  # grows while it is read
        if one.branches is not None:
            _follow(event, one.branches, found, plain=plain)
    return found


def _follow(names: Mapping[str, object], branches: Branches, found: list[Node], *, plain: bool) -> None:
    if not plain and not branches.dotted.isdisjoint(names):
        names = unfolded(names)
    get = names.get
    for name, lookup, extra, leading, below in branches.names:
        value = get(name)
        if value is None:
            continue
        kind = type(value)
        if kind is str:
            if lookup is not None:
                node = lookup(value.lower())  # type: ignore[attr-defined]  # a text
                if node is not None:
                    found.append(node)
            if extra is not None:
                extra(value, found)  # type: ignore[arg-type]  # a text
        elif kind is dict:
            if below is not None:
                _follow(value, below, found, plain=plain)  # type: ignore[arg-type]  # an object
        else:
            _follow_other(value, (lookup, extra, leading, below), found, plain=plain)


def _follow_other(value: object, lead: Lead, found: list[Node], *, plain: bool) -> None:
    """Lists, numbers, truth values, and mappings of another kind."""
    lookup, extra, leading, below = lead
    if isinstance(value, (list, tuple)):
        start = len(found)
        for one in value:
            if type(one) is not str:
                _follow_other(one, lead, found, plain=plain)
                continue
            if lookup is not None and (node := lookup(one.lower())) is not None:
                found.append(node)
            if extra is not None:
                extra(one, found)
        if len(found) > start + 1:
            found[start:] = dict.fromkeys(found[start:])
    elif isinstance(value, (int, float)):
        if leading is not None:
            _follow_scalar(value, leading, found)
    elif isinstance(value, Mapping):
        if below is not None:
            _follow(value, below, found, plain=plain)
    elif value is not None and leading is not None:
        _follow_scalar(value, leading, found)


def _follow_scalar(value: object, leading: Leading, found: list[Node]) -> None:
    shown = text(value)
    if shown is not None and shown.lower() in leading.whole:
        found.append(leading.whole[shown.lower()])
    if leading.held is not None:
        found.append(leading.held)
    if shown is not None and leading.finder is not None:
        leading.finder(shown, found)
    if leading.numbers:
        _follow_number(value, leading, found)


def _follow_number(value: object, leading: Leading, found: list[Node]) -> None:
    number = coerce(value, Kind.LONG)
    if number in leading.numbers:
        found.append(leading.numbers[number])  # type: ignore[index]  # LONG gives whole numbers
