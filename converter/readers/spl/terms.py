r"""Terms of `search` as predicates: always true or false, some value of a field is asked, letters without their case.

The page of `search` in Splunk's Search Reference: `*` is a wildcard, `\\` and `\"` stand for
themselves, `CASE()` compares letters as they are, a value that is a network is compared as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from converter.languages.regex.rust import ANY
from converter.languages.spl.syntax import (
    Binary,
    Call,
    Condition,
    Every,
    Excluding,
    Expression,
    Number,
    OneOf,
    Quoting,
    Relation,
    Sign,
    Some,
    Test,
    Text,
    Word,
)
from converter.model import pattern as patterns
from converter.model.pattern import Case, Char, Concat, Pattern, Regex, Wild
from converter.model.predicate import And, Comparison, InNetwork, Matches, Not, Or, Predicate
from converter.readers import phrases
from converter.readers.spl import check
from converter.readers.spl.columns import NUMBERS, Columns, column, compares, network, ordered, single
from converter.readers.unraised import UnraisedError

_ORDERS: Final = {
    Relation.LESS: Comparison.LT,
    Relation.AT_MOST: Comparison.LE,
    Relation.MORE: Comparison.GT,
    Relation.AT_LEAST: Comparison.GE,
}


def condition(node: Condition, columns: Columns, made: Mapping[str, Expression]) -> Predicate:
    """The predicate of terms; `made` are the columns that an `eval` made. Raises UnraisedError."""
    match node:
        case Every(parts):
            return And(tuple(condition(part, columns, made) for part in parts))
        case Some(parts):
            return Or(tuple(condition(part, columns, made) for part in parts))
        case Excluding(part):
            return Not(condition(part, columns, made))
        case Test(name, Relation.EQUAL, word):
            flag = _flag(made.get(name), word, columns)
            return _any_of(name, (word,), columns, made) if flag is None else flag
        case Test(name, Relation.UNEQUAL):
            raise UnraisedError("!= in search")
        case Test(name, relation, word):
            return _ordered(name, relation, word, columns, made)
        case OneOf(name, words):
            return _any_of(name, words, columns, made)
        case _:
            raise UnraisedError(f"a term of the kind {type(node).__name__}")


def _flag(value: Expression | None, word: Word, columns: Columns) -> Predicate | None:
    """What a column of 1 and 0 says."""
    match value:
        case Call("if", (test, Number("1"), Number("0"))) if word.raw in ("0", "1"):
            found = check.true(test, columns)
            return found if word.raw == "1" else Not(found)
        case _:
            return None


def _any_of(name: str, words: Sequence[Word], columns: Columns, made: Mapping[str, Expression]) -> Predicate:
    match made.get(name):
        case Binary(Sign.CONCAT, Binary(Sign.CONCAT, Text(" "), Call("replace", (text, *cut))), Text(" ")) if (
            tuple(cut) == _WORDS
        ):
            return Matches(single(text, columns), tuple(map(_words, words)), Case.INSENSITIVE)
    field = column(made.get(name, name), columns)
    found: list[Predicate] = []
    for word in words:
        wanted = _pattern(word)
        case = Case.SENSITIVE if word.quoting is Quoting.CASE else Case.INSENSITIVE
        if wanted.literal is not None and "/" in wanted.literal and (ranges := network(wanted.literal)):
            found.append(InNetwork(field, (ranges,)))
        elif wanted.parts == (Wild.ANY_RUN,):
            # Whether `f=*` finds an empty value its page does not say; a form of it rests on there being none.
            found.append(compares(field, (patterns.of(Wild.ANY_ONE, Wild.ANY_RUN),), Case.SENSITIVE))
        else:
            found.append(compares(field, (wanted,), case))
    return Or(tuple(found))


def _words(word: Word) -> Regex:
    """The texts whose words, a blank before and behind each, are like this."""
    parts = _pattern(word).parts
    match parts:
        case (Wild.ANY_RUN, str(text), Wild.ANY_RUN) if word.quoting is not Quoting.CASE and text.strip():
            inner: list[Regex] = []
            for one in text.strip().split(" "):
                inner += [phrases.BETWEEN, *map(Char, one)]
            begin = phrases.BEGIN if text.startswith(" ") else ANY
            end = phrases.END if text.endswith(" ") else ANY
            return Concat((begin, *inner[1:], end))
        case _:
            raise UnraisedError("a part of words")


_WORDS: Final = (Text("[^A-Za-z0-9_-]+"), Text(" "))


def _ordered(name: str, relation: Relation, word: Word, columns: Columns, made: Mapping[str, Expression]) -> Predicate:
    field = column(made.get(name, name), columns)
    if field.kind not in NUMBERS:
        raise UnraisedError("an order of texts")
    try:
        value = int(word.raw) if word.raw.removeprefix("-").isdigit() else float(word.raw)
    except ValueError as error:
        raise UnraisedError("an order of texts") from error
    return ordered(field, _ORDERS[relation], value)


def _pattern(word: Word) -> Pattern:
    parts: list[str | Wild] = []
    escaped = False
    for char in word.raw:
        if escaped:
            if char not in '\\"':
                raise UnraisedError("a backslash in a value of search")
            parts.append(char)
            escaped = False
        elif char == "\\" and word.quoting is not Quoting.CASE:
            escaped = True
        else:
            parts.append(Wild.ANY_RUN if char == "*" else char)
    if escaped:
        raise UnraisedError("a backslash in a value of search")
    return patterns.of(*parts)
