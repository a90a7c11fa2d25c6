"""A leaf in plain words, for people: the field, the relation, the values. Never parsed again."""

from __future__ import annotations

from typing import assert_never

from converter.model.pattern import Case, Pattern
from converter.model.predicate import (
    Between,
    Compare,
    End,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    OneOf,
    Phrase,
    Present,
)
from converter.model.value import Call, Field, Instant, Literal, Now, Scalar, Value

_MOST = 4
"""Values of a long list that are named."""


def words(leaf: Leaf) -> str:
    """What a leaf asks, on one line: `process.name is cmd.exe or powershell.exe (case ignored)`."""
    match leaf:
        case Present(field):
            return f"{field.path} exists"
        case Compare(field, comparison, value):
            return f"{field.path} {comparison.value} {_scalar(value)}"
        case Between(field, low, high):
            return f"{field.path} {words_of_ends(low, high)}"
        case OneOf(field, values, case):
            return f"{field.path} is {_listed(values)}{_case(case, values)}"
        case Like(field, patterns, case):
            texts = tuple(map(pattern_words, patterns))
            return f"{field.path} is like {_listed(texts)}{_case(case, texts)}"
        case Matches(field, regexes):
            several = f" (one of {len(regexes)})" if len(regexes) > 1 else ""
            return f"{field.path} matches a regular expression{several}"
        case InNetwork(field, networks):
            return f"{field.path} is in {_listed(networks)}"
        case Phrase(field, tokens):
            return f"{field.path} has the words {' '.join(map(pattern_words, tokens))}"
        case Holds(call):
            return _value(call)
        case _:
            assert_never(leaf)


def words_of_ends(low: End, high: End) -> str:
    """`from 1 to 5`, an end that does not count in brackets."""
    texts = (_scalar(low.value) if low.included else f"({_scalar(low.value)})", _scalar(high.value))
    return f"from {texts[0]} to {texts[1] if high.included else f'({texts[1]})'}"


def pattern_words(pattern: Pattern) -> str:
    """A pattern with its wildcard signs."""
    return "".join(part if isinstance(part, str) else part.value for part in pattern.parts)


def _listed(values: tuple[str, ...]) -> str:
    named = [value or '""' for value in values[:_MOST]]
    more = len(values) - len(named)
    return " or ".join(named) + (f" or {more} more" if more else "")


def _case(case: Case, values: tuple[str, ...]) -> str:
    letters = any(c.isalpha() for value in values for c in value)
    return " (case ignored)" if case is Case.INSENSITIVE and letters else ""


def _scalar(value: Scalar) -> str:
    match value:
        case Instant(ms):
            return f"{ms} ms since 1970"
        case Now(offset, _):
            return f"now {offset:+d} ms" if offset else "now"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _value(value: Value) -> str:
    match value:
        case Field():
            return value.path
        case Literal(found):
            return pattern_words(found) if isinstance(found, Pattern) else "null" if found is None else _scalar(found)
        case Call(function, arguments):
            return f"{function.value}({', '.join(map(_value, arguments))})"
        case _:
            assert_never(value)
