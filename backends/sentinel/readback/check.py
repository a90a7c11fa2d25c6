"""A query read back by `converter.readers.kusto`, and its bound rule in the query's own names of columns."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from backends.sentinel.condition.column import Column, column
from backends.sentinel.detection import source
from backends.sentinel.readback.names import Names, apart, keys_asked, names, of_place, place
from converter.deferred import replace
from converter.forms.choose import Assumption
from converter.languages.kusto import syntax
from converter.languages.kusto.layout import flat
from converter.languages.kusto.parse import program
from converter.languages.kusto.syntax import Expression, Program
from converter.model import pipeline as piped
from converter.model.fact import Fact
from converter.model.pattern import Case
from converter.model.predicate import (
    And,
    Compare,
    Comparison,
    InNetwork,
    Leaf,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.references import stored_fields
from converter.model.rule import AnyOf, Distinct, Match, Threshold
from converter.model.value import Field, Kind
from converter.model.walk import fields, leaves, map_fields, map_leaves
from converter.readers.kusto.lower import Place
from converter.readers.kusto.lower import raised as read
from converter.readers.lengths import with_lengths
from converter.readers.phrases import as_regex
from converter.readers.unraised import UnraisedError
from converter.target.contract import Binding, Bound, Emission
from converter.target.readback import NotRaised, Raised, Reading, Several, Unlike

if TYPE_CHECKING:
    from backends.sentinel.readback.frames import Asked

_NUMBERS = frozenset({"int", "long", "real", "decimal", "double"})


def raised(bound: Bound, emission: Emission) -> Reading:
    """The conditions of a query without closing columns, and those of the rule that it was made from."""
    detection = bound.rule.detection
    try:
        match detection:
            case Match(where):
                here = place(bound.binding)
                found = read(_program(emission), here, _unsaid(where, bound.binding))
                return _raised(where, found, emission, bound.binding)
            case AnyOf(matches):
                return _anywhere(bound, [one.where for one in matches], emission)
            case Threshold():
                return _counted(detection, emission, bound.binding)
            case piped.Pipeline():
                return _piped(detection, emission, bound.binding)
            case _:
                from backends.sentinel.readback import frames  # rules of several events

                asked = frames.wanted(detection, bound)
                if asked is None:
                    return NotRaised(f"a detection of the kind {type(detection).__name__}")
                return _framed(asked, emission)
    except UnraisedError as error:
        return NotRaised(str(error))


def _unsaid(where: Predicate, binding: Binding) -> Expression | None:
    """The column of time, if the rule says nothing of it."""
    time = source.time(binding)
    return None if any(names(binding).of(field).path == flat(time) for field in fields(where)) else time


def _program(emission: Emission) -> Program:
    return emission.tree if isinstance(emission.tree, Program) else program(emission.text)


def _framed(asked: Asked, emission: Emission) -> Several | Unlike:
    found = asked.read(_program(emission))
    wanted = asked.frame
    if not wanted.alike(found):
        return Unlike(str(wanted), str(found))
    parts = {
        (where, one): _raised(where, one, emission, binding)
        for where, one, binding in zip(wanted.conditions, found.conditions, asked.places, strict=True)
    }
    return Several(tuple(parts.values()))


def _piped(detection: piped.Pipeline, emission: Emission, binding: Binding) -> Several | Unlike:
    """What the steps of a pipeline ask, which are the same on both sides."""
    from backends.sentinel.readback import pipelines  # few rules have one
    from converter.readers.pipelines.flow import otherwise
    from converter.readers.pipelines.planned import narrowed

    detection = narrowed(detection, emission.left_out)
    here = names(binding)
    placed = pipelines.Placed(detection, binding)
    wanted, found = placed.wanted(lambda where: _columns(where, here)), placed.found(_program(emission))
    if not wanted.alike(found):
        return Unlike(*otherwise(wanted, found))
    every = And((detection.where, *map(Present, stored_fields(detection))))
    facts, cut = _facts(every, emission.assumed, here), _cut(every, here)
    numbers = frozenset(here.of(f).path for f in fields(every) if _place(f).type in _NUMBERS)
    addresses = frozenset(f.path for one in wanted.conditions for f in fields(one) if f.kind is Kind.IP)
    read = (_as_held(one, addresses, numbers) for one in found.conditions)
    pairs = dict.fromkeys(zip(wanted.conditions, read, strict=True))
    return Several(tuple(Raised(*pair, facts, cut, numbers=numbers, rows=True) for pair in pairs))


def _anywhere(bound: Bound, wheres: Sequence[Predicate], emission: Emission) -> Several:
    """What a query over several places asks in each of them."""
    found = _program(emission)
    groups: dict[Place, list[tuple[Binding, Predicate]]] = {}
    for binding, where in zip(bound.bindings, wheres, strict=True):
        groups.setdefault(place(binding), []).append((binding, where))
    return Several(tuple(_several(some, read(found, apart(here, groups)), emission) for here, some in groups.items()))


def _several(arms: Sequence[tuple[Binding, Predicate]], found: Predicate, emission: Emission) -> Raised:
    """What is asked of one place, of whose rows several tables tell."""
    each = [_raised(where, found, emission, binding) for binding, where in arms]
    facts: dict[str, frozenset[Fact]] = {}
    for one in each:
        for name, known in one.facts.items():
            facts[name] = facts.get(name, known) & known
    cuts = {name: sign for one in each for name, sign in one.apart.items()}
    numbers = frozenset[str]().union(*(one.numbers for one in each))
    return Raised(Or(tuple(one.wanted for one in each)), each[0].found, facts, cuts, numbers=numbers)


def _raised(where: Predicate, found: Predicate, emission: Emission, binding: Binding) -> Raised:
    here = names(binding)
    wanted = And((_columns(where, here), of_place(binding)))
    addresses = frozenset(f.path for f in fields(wanted) if f.kind is Kind.IP)
    numbers = frozenset(here.of(f).path for f in fields(where) if _place(f).type in _NUMBERS)
    found = _as_held(found, addresses, numbers)
    return Raised(wanted, found, _facts(where, emission.assumed, here), _cut(where, here), numbers=numbers)


def _counted(detection: Threshold, emission: Emission, binding: Binding) -> Raised | Unlike:
    """What a threshold filters and counts."""
    distinct, here = detection.distinct, names(binding)
    several = (*detection.group_by, *((distinct.field,) if distinct is not None else ()))
    known = {field.path: field for field in map(here.of, several)}
    from converter.readers.grouped import grouped
    from converter.readers.kusto.counts import counted

    found = counted(_program(emission), lambda name: known.get(name, Field(name)), place(binding))
    keys = tuple(map(here.of, detection.group_by))
    counts = None if distinct is None else Distinct(here.of(distinct.field), distinct.at_least)
    wanted = grouped(Threshold(detection.where, keys, detection.at_least, counts))
    if wanted.bare != found.bare:
        return Unlike(str(wanted), str(found))
    where = And((detection.where, *map(Present, keys_asked(dict.fromkeys(detection.group_by)))))
    return _raised(where, found.where, emission, binding)


def _columns(where: Predicate, here: Names) -> Predicate:
    """The condition with the query's own names of columns, and comparisons as the types of columns make them."""
    where = map_leaves(where, as_regex)
    if any(isinstance(leaf, Phrase) for leaf in leaves(where)):
        raise UnraisedError("words of analysed text")
    plain = with_lengths(where, here.of, lambda text: column(text).type == "string")
    if plain is None:
        raise UnraisedError("a script")
    return map_fields(map_leaves(plain, _typed), here.of)


def _cut(where: Predicate, here: Names) -> dict[str, str]:
    """The signs at which the table cuts texts into values, by the names of columns as they are read."""
    found: dict[str, str] = {}
    for field in fields(where):
        match column(field).expression:
            case syntax.Call("split", (_, syntax.Text(apart))):
                found[here.of(field).path] = apart
            case _:
                continue
    return found


def _as_held(found: Predicate, addresses: frozenset[str], numbers: frozenset[str]) -> Predicate:
    """What was read, with texts compared as the addresses and numbers that the columns hold."""
    return map_leaves(found, lambda leaf: _numbered(_addressed(leaf, addresses), numbers))


def _addressed(leaf: Leaf, addresses: frozenset[str]) -> Predicate:
    """The texts that a column of addresses is compared with, as the networks that they are."""
    if isinstance(leaf, OneOf) and leaf.field.path in addresses and all(map(is_address, leaf.values)):
        return InNetwork(leaf.field, tuple(f"{value}/{128 if ':' in value else 32}" for value in leaf.values))
    return leaf


def is_address(text: str) -> bool:
    """Whether the text is an address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _numbered(leaf: Predicate, numbers: frozenset[str]) -> Predicate:
    """The texts that the text of a number is compared with, as the numbers that they are: others it never is."""
    match leaf:
        case OneOf(field, values, Case.SENSITIVE) if field.path in numbers:
            return _as_numbers(field, values)
        case _:
            return leaf


def _as_numbers(field: Field, values: Iterable[str]) -> Predicate:
    return Or(tuple(Compare(field, Comparison.EQ, int(v)) for v in values if v.removeprefix("-").isdecimal()))


def _typed(leaf: Leaf) -> Predicate:
    match leaf:
        case OneOf(field, values, Case.SENSITIVE) if _place(field).type in _NUMBERS:
            return _as_numbers(field, values)
        case OneOf(field, values) if "" in values:
            return replace(leaf, values=tuple(v for v in values if v))
        case _:
            return leaf


def _place(field: Field) -> Column:
    return column(field)


def _facts(where: Predicate, assumed: Iterable[Assumption], here: Names) -> dict[str, frozenset[Fact]]:
    """The facts that the text rests on, by the names of columns as they are read."""
    told: dict[str, set[Fact]] = {}
    for one in assumed:
        told.setdefault(one.column, set()).add(one.fact)
    found: dict[str, frozenset[Fact]] = {}
    for field in fields(where):
        name = field.way.text if field.way is not None else field.path
        if name in told:
            found[here.of(field).path] = frozenset(told[name])
    return found
