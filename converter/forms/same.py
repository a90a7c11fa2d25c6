"""Whether two conditions hold of the same events, decided under facts about the columns.

Both become formulas over atoms (`converter.forms.atoms`), which are then compared as decision diagrams, so that neither
order nor parentheses nor what is said once matters. What is not shown to be the same is different.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, assert_never

from converter.deferred import dataclass, replace
from converter.model.equivalence import ordered
from converter.model.fact import Fact
from converter.model.normalise import normalise
from converter.model.pattern import Case, Pattern, fold
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
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
from converter.model.walk import map_fields

if TYPE_CHECKING:
    from converter.forms.atoms import Atoms, Facts
    from converter.forms.diagram import Diagram

_OfText: TypeAlias = Present | OneOf | Like | Matches
"""What asks a column for its text."""


def same_under(
    one: Predicate, other: Predicate, facts: Facts, *, empties: bool = False, apart: Mapping[str, str] | None = None
) -> bool:
    """Whether both hold of the same events that keep to the facts. False too where it cannot be shown.

    `empties`: a column may hold the empty text, which is a value. `apart`: a sign that no value of a column holds.
    """
    if alike(one, other, facts):
        return True
    from converter.forms.atoms import Atoms  # most are alike, which takes no formula
    from converter.forms.diagram import Diagram
    from converter.forms.language import UndecidedError

    parts = [_prepared(part, facts) for part in (one, other)]
    atoms = Atoms(facts, empties, apart or {})
    diagram = Diagram()
    try:
        left, right = (_formula(part, atoms, diagram) for part in parts)
        if left == right:
            return True
        possible = diagram.all_of(
            diagram.any_of((*(diagram.negated(diagram.variable(n)) for n in ifs), *map(diagram.variable, thens)))
            for ifs, thens in atoms.related()
        )
        return diagram.all_of((possible, left)) == diagram.all_of((possible, right))
    except UndecidedError:
        return False


def alike(one: Predicate, other: Predicate, facts: Facts) -> bool:
    """Whether both say the same but for the order of what they say, the quick part of `same_under`.

    Terms that stand in both are left out first: the rest is mostly nothing, or small.
    """
    left, right = rests(one, other)
    return left == right or ordered(_prepared(left, facts)) == ordered(_prepared(right, facts))


def rests(one: Predicate, other: Predicate) -> tuple[Predicate, Predicate]:
    """Both without the terms of an and that stand in both: if these hold of the same events, the wholes do."""
    left, right = normalise(one), normalise(other)
    if not isinstance(left, And) or not isinstance(right, And):
        return (And(()), And(())) if left == right else (left, right)
    mine, theirs = frozenset(left.terms), frozenset(right.terms)
    return And(tuple(t for t in left.terms if t not in theirs)), And(tuple(t for t in right.terms if t not in mine))


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


def _of_one(leaf: _OfText) -> Element:
    """Some value of the column is such a text: one element of it is."""
    return Element(leaf.field.path, replace(leaf, field=Field(leaf.field.path, Kind.KEYWORD, many=False)))


def _told(node: Predicate, facts: Facts) -> Predicate:
    match node:
        case And(terms) | Or(terms):
            return type(node)(tuple(_told(t, facts) for t in terms))
        case Not(term):
            return Not(_told(term, facts))
        case Element():
            alone = _compared(node)
            if alone is not None:
                return _told(replace(alone, field=replace(alone.field, many=True)), facts)
            return replace(node, term=_told(node.term, facts))
        case Present(found) if Fact.ALWAYS in facts.get(found.path, frozenset()):
            return Constant(value=True)
        case Between():
            if not node.field.many:
                return _told(And(node.ends), facts)
            return And((_of_one(Present(node.field)), node))
        case Compare() | InNetwork() if not _always(node, facts):
            there = Present(node.field)
            return And((_of_one(there) if node.field.many else there, node))
        case Present() | OneOf() | Like() | Matches():
            folded = _folded(_spelled(node, facts))
            return _of_one(folded) if node.field.many else folded
        case Compare() | InNetwork() | Phrase() | Holds() | Constant():
            return node
        case _:
            assert_never(node)


def _compared(node: Element) -> Compare | InNetwork | None:
    """What an element is compared with, if that is all that is asked of it: then it is there."""
    terms = node.term.terms if isinstance(node.term, And) else (node.term,)
    rest = [term for term in terms if not (isinstance(term, Present) and term.field.path == node.path)]
    match rest:
        case [Compare() | InNetwork() as leaf] if leaf.field.path == node.path:
            return leaf
        case _:
            return None


def _spelled(leaf: _OfText, facts: Facts) -> _OfText:
    """The leaf with its texts compared as they are spelled, where no two values differ in case only."""
    if isinstance(leaf, Present) or Fact.ONE_SPELLING not in facts.get(leaf.field.path, frozenset()):
        return leaf
    return replace(leaf, case=Case.SENSITIVE)


def _folded(leaf: _OfText) -> _OfText:
    """The leaf with its texts in one spelling where their case is ignored."""
    match leaf:
        case OneOf(_, values, Case.INSENSITIVE):
            return replace(leaf, values=tuple(fold(v, Case.INSENSITIVE) for v in values))
        case Like(_, found, Case.INSENSITIVE):
            return replace(leaf, patterns=tuple(map(_folded_pattern, found)))
        case _:
            return leaf


def _folded_pattern(pattern: Pattern) -> Pattern:
    return Pattern(tuple(fold(p, Case.INSENSITIVE) if isinstance(p, str) else p for p in pattern.parts))


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
            return None if inner is None else replace(inner, denied=not inner.denied)
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


def _formula(node: Predicate, atoms: Atoms, diagram: Diagram) -> int:
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
        case InNetwork(_, networks):
            each = (replace(node, networks=(one,)) for one in networks)
            return diagram.any_of(diagram.variable(atoms.other(one)) for one in each)
        case _:
            return diagram.variable(atoms.other(node))


def _atom(asked: _Asked, atoms: Atoms, diagram: Diagram) -> int:
    found = diagram.variable(atoms.text(asked.subject, normalise(asked.text)))
    return diagram.negated(found) if asked.denied else found


def _joined(terms: tuple[Predicate, ...], atoms: Atoms, diagram: Diagram, *, conjunction: bool) -> int:
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
