"""Classes of events: the values of a few fields that most rules ask for, and what a rule still asks of a class.

Events of one source agree in fields such as the data set, the category and the operating system. What the plan
learns for the first event of a class serves every other one. Which fields make a class is chosen from the rules: those
that many rules compare with few texts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from converter.engine.reading import reader
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    Leaf,
    Not,
    OneOf,
    Or,
    Predicate,
)
from converter.model.value import Now
from converter.model.walk import fields, walk
from converter.reference.event import Event, raw_values
from converter.reference.predicate import matches

Part: TypeAlias = str | tuple[object, ...] | None
ClassKey: TypeAlias = tuple[Part, ...]

MOST_FIELDS = 6
MOST_CLASSES = 1024
_MOST_TEXTS = 160
_LONGEST_TEXT = 256
_TEXTS = {str}


def class_fields(wheres: Iterable[Predicate]) -> tuple[str, ...]:
    """The paths that make the classes, the most asked for first."""
    rules: Counter[str] = Counter()
    texts: defaultdict[str, set[str]] = defaultdict(set)
    count = 0
    for where in wheres:
        count += 1
        asked = [node for node in _outside_elements(where) if isinstance(node, OneOf)]
        rules.update({leaf.field.path for leaf in asked})
        for leaf in asked:
            texts[leaf.field.path].update(leaf.values)
    least = max(2, count // 12)
    few = [path for path, found in rules.most_common() if found >= least and len(texts[path]) <= _MOST_TEXTS]
    return tuple(few[:MOST_FIELDS])


def _outside_elements(where: Predicate) -> Iterable[Predicate]:
    """The nodes but for those that look at elements of a nested array."""
    inside = {id(node) for one in walk(where) if isinstance(one, Element) for node in walk(one.term)}
    return (node for node in walk(where) if id(node) not in inside)


def _part(raw: Sequence[object]) -> Part:
    """The values of a class field as a part of the key: 1, 1.0, true and "1" are different, and NaN equals itself."""
    if not raw:
        return None
    if len(raw) == 1 and type(raw[0]) is str:
        return raw[0]
    return tuple([one if type(one) is str else (type(one).__name__, repr(one)) for one in raw])


class Keys:
    """Reads the class of an event: a text a field where it has one text, None where it has nothing."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        self._readers = tuple(reader(path) for path in self.paths)
        split = [path.split(".") for path in self.paths]
        self._dotted = frozenset(".".join(parts[:count]) for parts in split for count in range(2, len(parts) + 1))
        plain = [parts for parts in split if len(parts) in (1, 2)]
        self._groups = tuple(
            (first, tuple(parts[1] for parts in plain if len(parts) > 1 and parts[0] == first))
            for first in dict.fromkeys(parts[0] for parts in plain if len(parts) > 1)
        )
        order = [f"{first}.{second}" for first, seconds in self._groups for second in seconds]
        self._deep = tuple((first, second, f"{second}.{third}", third) for first, second, third in _of_three(split))
        order += [f"{first}.{rest}" for first, _, rest, _ in self._deep]
        self._rest = tuple(self._readers[place] for place, path in enumerate(self.paths) if path not in order)
        self.paths = (*order, *(path for path in self.paths if path not in order))
        self._readers = tuple(reader(path) for path in self.paths)

    def of(self, event: Event, *, plain: bool = False) -> ClassKey:
        """The class. `plain`: no name in the event holds a dot, which spares looking for such names."""
        if not plain and not self._dotted.isdisjoint(event):
            return tuple([_part(read(event)) for read in self._readers])
        parts: list[Part] = []
        add = parts.append
        for first, seconds in self._groups:
            outer = event.get(first)
            if type(outer) is dict:
                get = outer.get
                for second in seconds:
                    value = get(second)
                    if value is None or type(value) is str:
                        add(value)
                    elif type(value) is list and len(value) == 1 and type(value[0]) is str:
                        add(value[0])
                    elif type(value) is list and set(map(type, value)) == _TEXTS:
                        add(tuple(value))
                    else:
                        add(_part(tuple(raw_values(outer, second))))
            elif outer is None:
                parts.extend([None] * len(seconds))
            else:
                parts.extend([_part(tuple(raw_values(event, f"{first}.{second}"))) for second in seconds])
        for first, second, rest, third in self._deep:
            outer = event.get(first)
            if type(outer) is dict and rest not in outer and type(inner := outer.get(second)) is dict:
                value = inner.get(third)
                if value is None or type(value) is str:
                    add(value)
                    continue
            add(None if outer is None else _part(tuple(raw_values(event, f"{first}.{rest}"))))
        for read in self._rest:
            add(_part(read(event)))
        return tuple(parts)


def _of_three(split: Iterable[list[str]]) -> list[tuple[str, str, str]]:
    return [(parts[0], parts[1], parts[2]) for parts in split if len(parts) == 3]  # noqa: PLR2004


def is_reasonable(key: ClassKey) -> bool:
    """Whether a key is worth keeping: nobody's data set has a name of a thousand characters."""
    return all(part is None or len(str(part)) <= _LONGEST_TEXT for part in key)


class Residues:
    """What predicates come to in a class. A leaf over one class field is decided once for each of its values.

    The reference decides it, over an event that holds these values alone.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._places = {path: place for place, path in enumerate(paths)}
        self._asked: dict[int, tuple[Predicate, tuple[int, ...]]] = {}
        self._left: dict[tuple[int, tuple[Part, ...]], Predicate] = {}
        self._decided: dict[tuple[int, Part], bool] = {}
        self._kept: dict[int, Leaf] = {}  # keeps the leaves alive whose id is a key

    def residue(self, where: Predicate, key: ClassKey, event: Event) -> Predicate:
        """What is still to be asked of an event of the class `key`, of which `event` is one.

        Classes that differ only in what the predicate does not ask for leave the very same of it.
        """
        found = self._asked.get(id(where))
        if found is None:
            places = {self._places[field.path] for field in fields(where) if field.path in self._places}
            found = self._asked[id(where)] = where, tuple(sorted(places))
        part = tuple([key[place] for place in found[1]])
        left = self._left.get((id(where), part))
        if left is None:
            left = self._left[id(where), part] = self._residue(where, key, event)
        return left

    def _residue(self, where: Predicate, key: ClassKey, event: Event) -> Predicate:
        match where:
            case And(terms) | Or(terms):
                return self._joined(where, terms, key, event)
            case Not(term):
                inner = self._residue(term, key, event)
                if isinstance(inner, Constant):
                    return Constant(not inner.value)
                return where if inner is term else Not(inner)
            case Constant() | Element() | Holds():
                return where
            case _:
                return self._leaf(where, key, event)

    def _joined(self, where: And | Or, terms: tuple[Predicate, ...], key: ClassKey, event: Event) -> Predicate:
        neutral = isinstance(where, And)
        kept: list[Predicate] = []
        for term in terms:
            inner = self._residue(term, key, event)
            if not isinstance(inner, Constant):
                kept.append(inner)
            elif inner.value is not neutral:
                return inner
        if not kept:
            return Constant(neutral)
        return kept[0] if len(kept) == 1 else type(where)(tuple(kept))

    def _leaf(self, leaf: Leaf, key: ClassKey, event: Event) -> Predicate:
        if isinstance(leaf, Holds) or _asks_for_now(leaf):
            return leaf
        place = self._places.get(leaf.field.path)
        if place is None:
            return leaf
        decided = self._decided.get((id(leaf), key[place]))
        if decided is None:
            decided = self._decided[id(leaf), key[place]] = matches(leaf, event)
            self._kept[id(leaf)] = leaf
        return _TRUE if decided else _FALSE


_TRUE, _FALSE = Constant(value=True), Constant(value=False)


def _asks_for_now(leaf: Leaf) -> bool:
    if isinstance(leaf, Between):
        return isinstance(leaf.low.value, Now) or isinstance(leaf.high.value, Now)
    return isinstance(leaf, Compare) and isinstance(leaf.value, Now)
