"""Tests of an array of texts on its values joined to one text, without a walk over them."""

from __future__ import annotations

from collections.abc import Sequence

from backends.sentinel.condition import finite, regex, text, tree
from backends.sentinel.condition.column import Column
from backends.sentinel.condition.place import Place, stem
from backends.sentinel.condition.text import Wanted
from converter.deferred import dataclass
from converter.languages.kusto.syntax import Binary, Call, Expression, Text
from converter.languages.kusto.walk import walk
from converter.model.fact import Fact
from converter.model.pattern import Case, Pattern, Regex, Wild
from converter.model.predicate import Like, Matches, OneOf, Present
from converter.model.value import Field

UNIT = "\x1f"
"""The unit separator."""

_FEW = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """The values of an array as one text: `apart` stands before the first, between two, and behind the last."""

    text: Expression
    apart: str
    fact: Fact | None = None


def joined(column: Column, field: Field, place: Place) -> Joined | None:
    """The joined values, under what is known of them; None if nothing is known that keeps them apart."""
    if column.inner or not column.many:
        return None
    match column.expression:
        case Call("split", (source, Text(apart))) if len(apart) == 1:
            found = Joined(tree.call("strcat", Text(apart), source, Text(apart)), apart)
        case _ if place.ledger.holds(Fact.ONE_LINE, field):
            found = _between(column, "\n", Fact.ONE_LINE)
        case _ if place.ledger.holds(Fact.PLAIN_TEXT, field):
            found = _between(column, UNIT, Fact.PLAIN_TEXT)
        case _:
            return None
    place.names.suggest(found.text, stem(field))
    return found


def _between(column: Column, apart: str, fact: Fact) -> Joined:
    values = column.expression
    inside = tree.call("strcat_array", values, Text(apart))
    if not column.arrays:
        inside = tree.call("iff", tree.call("isnull", tree.call("array_length", values)), _text(values), inside)
    return Joined(tree.call("strcat", Text(apart), inside, Text(apart)), apart, fact)


def _text(values: Expression) -> Expression:
    return tree.call("tostring", values)


def test(leaf: Present | OneOf | Like | Matches, column: Column, place: Place) -> Expression | None:
    """Some value passes; None if the joined text cannot tell."""
    found = joined(column, leaf.field, place)
    if found is None:
        return None
    made = _test(leaf, found, column, place)
    if made is not None and found.fact is not None and found.text in walk(made):
        place.ledger.use(found.fact, leaf.field)
    return made


def _test(leaf: Present | OneOf | Like | Matches, found: Joined, column: Column, place: Place) -> Expression | None:
    match leaf:
        case Present():
            return _present(column)
        case OneOf(field, values, case):
            return None if "" in values else _patterns(found, field, case, [Pattern((v,)) for v in values], place)
        case Like(_, (Pattern((Wild.ANY_ONE, Wild.ANY_RUN)),)):
            return _present(column)
        case Like(field, patterns, case):
            return _patterns(found, field, case, patterns, place)
        case Matches(field, regexes, case):
            listed = [finite.listed(n) for n in regexes]
            flat = [p for one in listed if one is not None for p in one]
            if all(one is not None for one in listed):
                return _patterns(found, field, case, flat, place)
            if any(map(regex.takes_empty, regexes)):
                return None
            return text.matching(Wanted(found.text, field, case, place), regexes, found.apart)


def _present(column: Column) -> Expression | None:
    """Some value is not the empty text."""
    if not column.arrays:
        return None
    match column.expression:
        case Call("split", (source, Text(apart))):
            return text.present(tree.call("trim", Text(f"[{apart}]+"), source)) if apart == " " else None
        case values:
            return text.present(tree.call("strcat_array", values, Text("")))


def _patterns(found: Joined, field: Field, case: Case, patterns: Sequence[Pattern], place: Place) -> Expression | None:
    """Patterns that ask for some text, as parts of the joined text."""
    if any(not any(isinstance(p, str) for p in one.parts) for one in patterns):
        return None
    possible = [p for p in patterns if not any(isinstance(t, str) and found.apart in t for t in p.parts)]
    if found.fact is not None and len(possible) < len(patterns):
        return None  # the rule itself speaks of a value that breaks the fact
    wanted = Wanted(found.text, field, case, place)
    plain: list[Expression] = []
    left: list[Regex] = []
    for pattern in possible:
        part = _part(pattern, found.apart)
        if part is None or (case is Case.INSENSITIVE and not part.isascii()):
            left.append(regex.of_pattern(pattern))
        else:
            plain.append(Binary("contains_cs" if case is Case.SENSITIVE else "contains", found.text, Text(part)))
    if left and len(plain) <= _FEW:
        left, plain = list(map(regex.of_pattern, possible)), []
    if left:
        plain.append(text.matching(wanted, left, found.apart))
    return tree.any_of(plain)


def _part(pattern: Pattern, apart: str) -> str | None:
    """What the joined text holds where a value matches the pattern; None if that is no one text."""
    match pattern.parts:
        case (str(a),):
            return f"{apart}{a}{apart}"
        case (str(a), Wild.ANY_RUN):
            return f"{apart}{a}"
        case (Wild.ANY_RUN, str(a)):
            return f"{a}{apart}"
        case (Wild.ANY_RUN, str(a), Wild.ANY_RUN):
            return a
        case _:
            return None
