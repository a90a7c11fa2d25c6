"""Conditions as Kusto trees: true or false, never null, unless said otherwise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from converter.languages.kusto.syntax import (
    Among,
    Array,
    Binary,
    Call,
    Chain,
    Duration,
    Dynamic,
    Expression,
    Index,
    Member,
    Name,
    Number,
    Text,
    Truth,
    Typed,
)
from converter.model.duration import largest_unit

TRUE, FALSE = Truth(value=True), Truth(value=False)
NULL_ELEMENT = Typed("dynamic", "null")

_OPPOSITES = {
    "==": "!=", "=~": "!~", "startswith": "!startswith", "startswith_cs": "!startswith_cs", "endswith": "!endswith",
    "endswith_cs": "!endswith_cs", "contains": "!contains", "contains_cs": "!contains_cs", "has": "!has", "in": "!in",
    "in~": "!in~", "isempty": "isnotempty", "isnull": "isnotnull",
}  # fmt: skip
_OPPOSITES |= {other: one for one, other in _OPPOSITES.items()}


def call(function: str, *arguments: Expression) -> Call:
    """A function of arguments."""
    return Call(function, arguments)


def texts(values: Iterable[str]) -> tuple[Text, ...]:
    """Several strings."""
    return tuple(map(Text, values))


def array(values: Iterable[str]) -> Dynamic:
    """A dynamic that holds strings."""
    return Dynamic(Array(texts(values)))


def path(parts: Sequence[str]) -> Expression:
    """A column and properties inside it."""
    found: Expression = Name(parts[0])
    for part in parts[1:]:
        found = Member(found, part)
    return found


def timespan(ms: int) -> Duration:
    """A timespan in the largest unit that says it whole."""
    count, unit = largest_unit(ms)
    return Duration(count, unit)


def ago(ms: int) -> Call:
    """So long before the run."""
    return call("ago", timespan(ms))


def one_of(target: Expression, values: Sequence[Expression], one: str = "==", some: str = "in") -> Expression:
    """The target is one of the values, by these operators."""
    return Binary(one, target, values[0]) if len(values) == 1 else Among(some, target, tuple(values))


def among(target: Expression, listed: Name) -> Among:
    """The target is one of the values of a list or table by its name."""
    return Among("in", target, (listed,))


def element(values: Expression, position: int) -> Index:
    """An element of an array."""
    return Index(values, Number(position))


def all_of(terms: Iterable[Expression]) -> Expression:
    """All hold; of none true."""
    return _chain("and", terms, TRUE, FALSE)


def any_of(terms: Iterable[Expression]) -> Expression:
    """One holds; of none false. What several terms have in common is said once."""
    return _factored(_chain("or", terms, FALSE, TRUE))


def _factored(node: Expression) -> Expression:
    """`a and b or a and c` as `a and (b or c)`, for the condition that most terms have."""
    if not isinstance(node, Chain) or node.word != "or":
        return node
    counts = Counter(c for term in node.terms for c in dict.fromkeys(conjuncts(term)))
    common, count = max(counts.items(), key=lambda item: item[1])
    if count < 2:  # noqa: PLR2004
        return node
    held = [t for t in node.terms if common in conjuncts(t)]
    rest = any_of(all_of(c for c in conjuncts(t) if c != common) for t in held)
    found: dict[Expression, None] = {}
    for term in node.terms:
        found.setdefault(all_of([common, rest]) if term in held else term)
    return _factored(_chain("or", found, FALSE, TRUE))


def _chain(
    word: Literal["and", "or"], terms: Iterable[Expression], neutral: Expression, decisive: Expression
) -> Expression:
    several = tuple(terms)
    if len(several) == 1:
        return several[0]
    flat: dict[Expression, None] = {}
    for term in several:
        for part in term.terms if isinstance(term, Chain) and term.word == word else (term,):
            flat.setdefault(part)
    flat.pop(neutral, None)
    if decisive in flat:
        return decisive
    found = tuple(flat)
    return neutral if not found else found[0] if len(found) == 1 else Chain(word, found)


def negate(node: Expression) -> Expression:
    """The opposite of a condition, in its short form where there is one."""
    match node:
        case Truth(value):
            return Truth(not value)
        case Binary(operator, left, right) if operator in _OPPOSITES:
            return Binary(_OPPOSITES[operator], left, right)
        case Among(operator, target, items) if operator in _OPPOSITES:
            return Among(_OPPOSITES[operator], target, items)
        case Call("not", (inner,)):
            return inner
        case Call(function, arguments) if function in _OPPOSITES:
            return Call(_OPPOSITES[function], arguments)
        case _:
            return call("not", node)


def conjuncts(node: Expression) -> tuple[Expression, ...]:
    """The terms of an `and`, else the condition itself."""
    return node.terms if isinstance(node, Chain) and node.word == "and" else (node,)


_WORDS = ("has", "contains", "startswith", "endswith")
_FILLED = frozenset({"==", "=~", *_WORDS, *(f"{word}_cs" for word in _WORDS)})
"""Operators that no empty text passes where a text that is not empty stands on their right."""


def unasked(conditions: Iterable[Expression], beside: Iterable[Expression]) -> tuple[Expression, ...]:
    """The conditions without `isnotempty(x)` where a condition beside them gives x some text that is not empty."""
    given = {name for one in beside if (name := _filled(one)) is not None}
    return tuple(
        c for c in conditions if not (isinstance(c, Call) and c.function == "isnotempty" and c.arguments[0] in given)
    )


def _filled(test: Expression) -> Expression | None:
    """What a test finds not to be empty."""
    match test:
        case Among("in" | "in~", target, items):
            return target if all(isinstance(item, Text) and item.value for item in items) else None
        case Binary(operator, target, Text(value)) if value and operator in _FILLED:
            return target
        case _:
            return None


def number(value: float) -> Expression:
    """A long or real; what a real literal cannot say is a typed one."""
    if isinstance(value, int) and not -(2**63) < value < 2**63:
        return Typed("real", str(value))
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124
        return Typed("real", {"nan": "nan", "inf": "+inf", "-inf": "-inf"}[str(value)])
    return Number(value)


def pascal(text: str) -> str:
    """A name in PascalCase: process.parent.name as ProcessParentName."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", text) if part]
    joined = "".join(part[0].upper() + part[1:] for part in parts).lstrip("0123456789")
    return joined or "Field"
