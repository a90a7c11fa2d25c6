"""Whether two conditions hold of the same events, decided under facts about the columns.

Both become formulas over atoms: whatever asks one column for its text is one atom, a comparison is one, and so on. Two
atoms about one column are the same if they list the same, or if they are proven to take the same texts
(`converter.forms.language`). The formulas are then compared as decision diagrams, so that neither order nor
parentheses nor what is said once matters. What is not shown to be the same is different.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Final, TypeAlias, assert_never

from converter.deferred import dataclass
from converter.forms.language import UndecidedError, same_texts
from converter.forms.options import options
from converter.model.equivalence import ordered
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import AnyChar, Case, Char, CharClass, Concat, Regex, Repeat, fold, like
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field, Kind
from converter.model.walk import leaves, map_fields, map_leaves

Facts: TypeAlias = Mapping[str, frozenset[Fact]]
"""What is known of each column, by its name."""

MOST_NODES: Final = 50_000
"""How large a decision diagram may get."""

_FEW_STATES: Final = 600
"""How far the relation of two atoms is looked into."""

_MOST_PROOFS: Final = 80
"""How often two atoms are asked whether they are the same."""

_MOST_RELATED: Final = 12
"""Of how many atoms about one column."""

_NO_BREAK = CharClass((("\n", "\n"), ("\r", "\r")), negated=True)
_ANY = Repeat(AnyChar(), 0, None)


def same_under(
    one: Predicate, other: Predicate, facts: Facts, *, empties: bool = False, apart: Mapping[str, str] | None = None
) -> bool:
    """Whether both hold of the same events that keep to the facts. False too where it cannot be shown.

    `empties`: a column may hold the empty text, which is a value. `apart`: a sign that no value of a column holds.
    """
    atoms = _Atoms(facts, empties, apart or {})
    diagram = _Diagram()
    try:
        left, right = (_formula(_prepared(part, facts), atoms, diagram) for part in (one, other))
        if left == right:
            return True
        possible = diagram.all_of(
            diagram.any_of((*(diagram.negated(diagram.variable(n)) for n in ifs), *map(diagram.variable, thens)))
            for ifs, thens in atoms.related()
        )
        return diagram.all_of((possible, left)) == diagram.all_of((possible, right))
    except UndecidedError:
        return False


def _never(node: Predicate, within: Regex | None, *, empty: bool) -> bool:
    """Whether no text is so; False where that is not decided."""
    listed = _listed(node)
    if listed is not None and within is None:
        return not any(_holds(node, text) for text in listed)
    try:
        return same_texts(node, Constant(value=False), within, most=_FEW_STATES, empty=empty)
    except UndecidedError:
        return False


def _listed(node: Predicate) -> tuple[str, ...] | None:
    """The texts of which one must hold, where the condition is about lists and patterns of one case alone."""
    asked = [leaf for leaf in leaves(node) if not isinstance(leaf, Present)]
    if not all(isinstance(leaf, OneOf | Like) for leaf in asked):
        return None
    if len({leaf.case for leaf in asked if isinstance(leaf, OneOf | Like)}) != 1:
        return None
    terms = node.terms if isinstance(node, And) else (node,)
    some = next((term for term in terms if isinstance(term, OneOf)), None)
    return None if some is None else some.values


def _holds(node: Predicate, text: str) -> bool:
    """Whether a condition of lists and patterns holds of a text."""
    match node:
        case And(terms):
            return all(_holds(t, text) for t in terms)
        case Or(terms):
            return any(_holds(t, text) for t in terms)
        case Not(term):
            return not _holds(term, text)
        case OneOf(_, values, case):
            return fold(text, case) in {fold(v, case) for v in values}
        case Like(_, patterns, case):
            return any(like(text, p, case) for p in patterns)
        case _:
            return True  # it has a text


# ---- one form


def _prepared(where: Predicate, facts: Facts) -> Predicate:
    """The condition with fields told apart by name and number of values alone, and comparisons that say they exist."""
    plain = map_fields(normalise(where), lambda f: Field(f.path, Kind.KEYWORD, f.many))
    return normalise(_pushed(normalise(_told(plain, facts)), negated=False))


def _pushed(node: Predicate, *, negated: bool) -> Predicate:
    """The condition with its negations at single atoms, so that those of one column stand side by side."""
    match node:
        case And(terms) | Or(terms):
            joined = And if isinstance(node, And) is not negated else Or
            return joined(tuple(_pushed(t, negated=negated) for t in terms))
        case Not(term):
            return _pushed(term, negated=not negated)
        case _:
            return Not(node) if negated else node


def _of_one(leaf: Present | OneOf | Like | Matches) -> Element:
    """Some value of the column is such a text: one element of it is."""
    return Element(leaf.field.path, dataclasses.replace(leaf, field=Field(leaf.field.path, Kind.KEYWORD, many=False)))


def _told(node: Predicate, facts: Facts) -> Predicate:
    match node:
        case And(terms) | Or(terms):
            return type(node)(tuple(_told(t, facts) for t in terms))
        case Not(term):
            return Not(_told(term, facts))
        case Element():
            return dataclasses.replace(node, term=_told(node.term, facts))
        case Present(found) if Fact.ALWAYS in facts.get(found.path, frozenset()):
            return Constant(value=True)
        case Between():
            return And((Present(node.field), node)) if node.field.many else _told(And(node.ends), facts)
        case Compare() | InNetwork() if not _always(node, facts):
            there = Present(node.field)
            return And((_of_one(there) if node.field.many else there, node))
        case Present() | OneOf() | Like() | Matches() if node.field.many:
            return _of_one(node)
        case Present() | Compare() | OneOf() | Like() | Matches() | InNetwork() | Phrase() | Holds() | Constant():
            return node
        case _:
            assert_never(node)


def _always(node: Compare | InNetwork, facts: Facts) -> bool:
    return Fact.ALWAYS in facts.get(node.field.path, frozenset())


# ---- formulas


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of one column: that it has a text of which `text` holds, or, `denied`, that it has none.

    `text` is a condition on texts, in which a negation denies the text and not that there is one. Of a column of many
    values (`subject.many`) it is asked of some one element.
    """

    subject: Field
    text: Predicate
    denied: bool = False


def _asked(node: Predicate) -> _Asked | None:
    """The condition as what it asks of one column; None if it is about several, or about other than text."""
    match node:
        case OneOf(found) | Like(found) | Matches(found) | Present(found) if not found.many:
            return _Asked(found, node)
        case Element(_, term):
            inner = _asked(term)
            return None if inner is None or inner.denied else _Asked(Field(inner.subject.path), inner.text)
        case Not(term):
            inner = _asked(term)
            return None if inner is None else dataclasses.replace(inner, denied=not inner.denied)
        case And(terms) | Or(terms):
            each = [_asked(term) for term in terms]
            known = [one for one in each if one is not None]
            if len(known) < len(each) or len({one.subject for one in known}) != 1:
                return None
            return _together(known, conjunction=isinstance(node, And))
        case _:
            return None


def _together(asked: list[_Asked], *, conjunction: bool) -> _Asked | None:
    """All of them, or one of them, as one; None if that takes several elements."""
    subject = asked[0].subject
    here = [one.text for one in asked if not one.denied]
    denied = [one.text for one in asked if one.denied]
    if len(asked) == 1:
        return asked[0]
    if subject.many:
        if conjunction and not here:
            return _Asked(subject, Or(tuple(denied)), denied=True)
        return _Asked(subject, Or(tuple(here))) if not conjunction and not denied else None
    if conjunction:
        if not here:
            return _Asked(subject, Or(tuple(denied)), denied=True)
        return _Asked(subject, And((*here, *map(Not, denied))))
    if not denied:
        return _Asked(subject, Or(tuple(here)))
    return _Asked(subject, And((*denied, *map(Not, here))), denied=True)


def _formula(node: Predicate, atoms: _Atoms, diagram: _Diagram) -> int:
    asked = _asked(node)
    if asked is not None:
        return _atom(asked, atoms, diagram)
    match node:
        case Constant(value):
            return int(value)
        case Not(term):
            return diagram.negated(_formula(term, atoms, diagram))
        case And(terms):
            return _joined(terms, atoms, diagram, conjunction=True)
        case Or(terms):
            return _joined(terms, atoms, diagram, conjunction=False)
        case _:
            return diagram.variable(atoms.other(node))


def _atom(asked: _Asked, atoms: _Atoms, diagram: _Diagram) -> int:
    found = diagram.variable(atoms.text(asked.subject, normalise(asked.text)))
    return diagram.negated(found) if asked.denied else found


def _joined(terms: tuple[Predicate, ...], atoms: _Atoms, diagram: _Diagram, *, conjunction: bool) -> int:
    """The terms; those that ask one column for its text are one atom."""
    groups: dict[Field, list[_Asked]] = {}
    found: list[int] = []
    for term in terms:
        asked = _asked(term)
        if asked is None:
            found.append(_formula(term, atoms, diagram))
        else:
            groups.setdefault(asked.subject, []).append(asked)
    for group in groups.values():
        whole = _together(group, conjunction=conjunction)
        if whole is not None:
            found.append(_atom(whole, atoms, diagram))
            continue
        for denied in (False, True):  # of many values: what can be said of one element is
            some = [one for one in group if one.denied is denied]
            part = _together(some, conjunction=conjunction) if some else None
            found += [_atom(one, atoms, diagram) for one in ([part] if part is not None else some)]
    return diagram.all_of(found) if conjunction else diagram.any_of(found)


@dataclass(slots=True)
class _Atoms:
    """Numbers for atoms, the same for those that take the same."""

    facts: Facts
    empties: bool
    apart: Mapping[str, str]
    _proofs: int = 0
    _known: dict[tuple[Field | None, Predicate], int] = field(default_factory=dict)
    _texts: dict[Field, list[tuple[Predicate, int]]] = field(default_factory=dict)

    def other(self, node: Predicate) -> int:
        """The number of an atom that is told by what it says."""
        return self._known.setdefault((None, ordered(node)), len(self._known))

    def text(self, subject: Field, node: Predicate) -> int:
        """The number of what is asked of a column's text."""
        key = (subject, ordered(node))
        if key in self._known:
            return self._known[key]
        for other, number in self._texts.get(subject, []):
            self._proofs += 1
            if self._proofs > _MOST_PROOFS:
                raise UndecidedError
            if self._same(subject, node, other):
                self._known[key] = number
                return number
        number = len(self._known)
        self._known[key] = number
        self._texts.setdefault(subject, []).append((node, number))
        return number

    def related(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Atoms about one column that hold together only where one of the others does."""
        for subject, found in self._texts.items():
            within, empty = self._within(subject), self._may_be_empty(subject)
            inside: dict[int, list[tuple[Predicate, int]]] = {}
            for (one, number), (other, second) in itertools.permutations(found[:_MOST_RELATED], 2):
                # different elements of an array may meet two conditions that exclude one another
                if number < second and not subject.many and _never(And((one, other)), within, empty=empty):
                    yield (number, second), ()
                elif _never(And((one, Not(other))), within, empty=empty):
                    yield (number,), (second,)
                    inside.setdefault(second, []).append((one, number))
            for whole, number in found[:_MOST_RELATED]:
                parts = inside.get(number, [])
                rest = And((whole, *(Not(part) for part, _ in parts)))
                if len(parts) > 1 and _never(rest, within, empty=empty):
                    yield (number,), tuple(n for _, n in parts)

    def _within(self, subject: Field) -> Regex | None:
        """The texts that a value of the column may be; None for all."""
        found = _within(self.facts.get(subject.path, frozenset()))
        sign = self.apart.get(subject.path, "")
        return Repeat(CharClass(((sign, sign),), negated=True), 0, None) if sign and found is None else found

    def _may_be_empty(self, subject: Field) -> bool:
        return self.empties and Fact.NEVER_EMPTY not in self.facts.get(subject.path, frozenset())

    def _same(self, subject: Field, one: Predicate, other: Predicate) -> bool:
        if Fact.ONE_SPELLING in self.facts.get(subject.path, frozenset()):
            # spelled as it is, a text is found with and without regard to case
            one, other = _spelled(one), _spelled(other)
        within, empty = self._within(subject), self._may_be_empty(subject)
        return _same_options(options(one), options(other), within, empty=empty)


def _same_options(one: frozenset[Predicate], other: frozenset[Predicate], within: Regex | None, *, empty: bool) -> bool:
    """Whether the options take the same texts together; what both list needs no proof where the rest is equal."""
    left, right = one - other, other - one
    if not left and not right:
        return True
    try:
        if left and right and same_texts(Or(tuple(left)), Or(tuple(right)), within, empty=empty):
            return True
        return bool(one & other) and same_texts(Or(tuple(one)), Or(tuple(other)), within, empty=empty)
    except UndecidedError:
        return False


def _spelled(node: Predicate) -> Predicate:
    """The condition with its texts compared as they are spelled."""

    def changed(leaf: Leaf) -> Predicate:
        return dataclasses.replace(leaf, case=Case.SENSITIVE) if isinstance(leaf, OneOf | Like | Matches) else leaf

    return map_leaves(node, changed)


def _within(facts: Iterable[Fact]) -> Regex | None:
    """The texts that keep to the facts, as far as an expression says it; None for all."""
    known = set(facts)
    if Fact.LOWER_CASE in known:
        return Repeat(CharClass((("A", "Z"),), negated=True), 0, None)
    if Fact.DRIVE_PATH in known:
        letter = CharClass((("A", "Z"), ("a", "z")))
        colon, slash = Char(":"), Char("\\")
        # after the first, no colon stands before a backslash
        plain = CharClass(((":", ":"),), negated=True)
        after = CharClass(((":", ":"), ("\\", "\\")), negated=True)
        rest = Repeat(_either(plain, Concat((Repeat(colon, 1, None), after))), 0, None)
        return Concat((letter, colon, slash, rest, Repeat(colon, 0, None)))
    if Fact.POSIX_PATH in known:
        return Concat((Char("/"), _ANY))
    if Fact.ONE_LINE in known:
        return Repeat(_NO_BREAK, 0, None)
    return None


def _either(one: Regex, other: Regex) -> Regex:
    from converter.model.pattern import Alternate

    return Alternate((one, other))


# ---- decision diagrams


class _Diagram:
    """Reduced ordered decision diagrams: equal formulas are the same node. 0 is false, 1 true."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[int, int, int], int] = {}
        self._parts: list[tuple[int, int, int]] = [(1 << 60, 0, 0), (1 << 60, 1, 1)]
        self._done: dict[tuple[int, int, int], int] = {}

    def variable(self, number: int) -> int:
        return self._node(number, 0, 1)

    def negated(self, node: int) -> int:
        return self._choose(node, 0, 1)

    def all_of(self, nodes: Iterable[int]) -> int:
        found = 1
        for node in nodes:
            found = self._choose(found, node, 0)
        return found

    def any_of(self, nodes: Iterable[int]) -> int:
        found = 0
        for node in nodes:
            found = self._choose(found, 1, node)
        return found

    def _node(self, number: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (number, low, high)
        if key not in self._nodes:
            self._nodes[key] = len(self._parts)
            self._parts.append(key)
            if len(self._parts) > MOST_NODES:
                raise UndecidedError
        return self._nodes[key]

    def _choose(self, test: int, yes: int, no: int) -> int:
        """yes where the test holds, else no."""
        if test < 2:  # noqa: PLR2004 - a constant
            return yes if test else no
        if yes == no:
            return yes
        key = (test, yes, no)
        if key not in self._done:
            top = min(self._parts[n][0] for n in key)
            low = self._choose(*(self._branch(n, top, 1) for n in key))
            high = self._choose(*(self._branch(n, top, 2) for n in key))
            self._done[key] = self._node(top, low, high)
        return self._done[key]

    def _branch(self, node: int, top: int, way: int) -> int:
        return self._parts[node][way] if self._parts[node][0] == top else node
