"""Tests of one value: each is true or false, and null at most where `where` takes it for false."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from backends.sentinel.codes import T312
from backends.sentinel.condition import finding, phrase, text, tree
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.network import in_network
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.text import Wanted
from backends.sentinel.condition.token import Inexact, phrase_regexes
from converter.deferred import dataclass, replace
from converter.languages.kusto.syntax import Among, Binary, Expression, Number, Text, Typed
from converter.model.duration import ROUND_MS
from converter.model.fact import Fact
from converter.model.pattern import Case
from converter.model.predicate import Between, Compare, Comparison, InNetwork, Like, Matches, OneOf, Phrase, Present
from converter.model.value import Field, Instant, Kind, Now


@dataclass(frozen=True, slots=True)
class Phrases:
    """Some value of the field has one of these phrases."""

    field: Field
    phrases: tuple[Phrase, ...]


ScalarLeaf = Present | Compare | Between | OneOf | Like | Matches | InNetwork | Phrase | Phrases


def test(leaf: ScalarLeaf, value: Operand, place: Place) -> Expression:
    """The test of one value that a leaf asks for."""
    match leaf:
        case Present(field):
            return present(value, field, place)
        case Compare():
            return compare(leaf, value, place)
        case Between():
            return tree.all_of([compare(end, value, place) for end in leaf.ends])
        case OneOf():
            return one_of(leaf, value, place)
        case Like(field, patterns, case):
            if any(p.literal == "" for p in patterns):
                place.notes.add(finding.empty_value(field.path, leaf.span))
            return text.patterned(Wanted(value.as_text(), field, case, place), patterns)
        case Matches(field, regexes, case):
            return text.expressions(Wanted(value.as_text(), field, case, place), regexes)
        case InNetwork():
            return in_network(leaf, value, place)
        case Phrase():
            return _phrases([leaf], value, place)
        case Phrases(_, phrases):
            return _phrases(phrases, value, place)
        case _:
            assert_never(leaf)


def _phrases(phrases: Sequence[Phrase], value: Operand, place: Place) -> Expression:
    # a phrase without tokens matches nothing, as an empty query does
    parts, rest = phrase.apart(p for p in phrases if p.tokens)
    try:
        found = phrase_regexes(rest)
    except Inexact as reason:
        place.notes.add(finding.error(T312, str(reason), phrases[0].span))
        return tree.FALSE
    words = phrase.words(value.as_text())
    if parts:
        place.names.suggest(words, phrase.NAME)
    return tree.any_of(
        [
            *(Binary("contains", words, Text(p)) for p in dict.fromkeys(parts)),
            *(Binary("matches regex", value.as_text(), Text(f)) for f in found),
        ]
    )


def present(value: Operand, field: Field, place: Place) -> Expression:
    """The value exists."""
    if value.is_text or value.type == "dynamic":
        if Fact.NEVER_EMPTY not in field.facts:
            place.notes.add(finding.EMPTY_IS_MISSING)
        shown = text.present(value.as_text())
    else:
        shown = tree.call("isnotnull", value.expression)
    forms = (
        place.form("always", 0, lambda: tree.TRUE, Fact.ALWAYS),
        place.form("present", 1, lambda: shown),
    )
    return place.choose(forms, field) or shown


def compare(leaf: Compare, value: Operand, place: Place) -> Expression:
    """The value stands in the relation to the literal."""
    sign, literal = leaf.comparison, leaf.value
    match literal:
        case bool():
            return _is(value.as_bool(), truth=literal)
        case int() | float():
            whole = leaf.field.kind is Kind.LONG
            operand = value.as_number(real=not whole or isinstance(literal, float))
            return _ordered(operand, sign, tree.number(literal), leaf.field, place)
        case Instant(ms):
            return _ordered(value.as_time(), sign, instant(ms), leaf.field, place)
        case Now(offset, round_to):
            return _ordered(value.as_time(), sign, now(offset, round_to), leaf.field, place)
        case str():
            order = Binary(sign.value, tree.call("strcmp", value.as_text(), Text(literal)), Number(0))
            return tree.all_of([text.present(value.as_text()), order])
        case _:
            assert_never(literal)


def _is(value: Expression, *, truth: bool) -> Expression:
    """The truth is this one; a test of texts is never null and stands for itself."""
    if isinstance(value, Among) or (isinstance(value, Binary) and value.operator not in {"==", "!="}):
        return value if truth else tree.negate(value)
    return Binary("==", value, tree.TRUE if truth else tree.FALSE)


def _ordered(value: Expression, sign: Comparison, constant: Expression, field: Field, place: Place) -> Expression:
    # null == 5 is false and null != 5 true (rule M01); the order relations are null on null, or, on another
    # page, true: a test for null stands before them (false and null is false)
    test = Binary(sign.value, value, constant)
    if sign is Comparison.EQ:
        return test
    forms = (
        place.form("always", 0, lambda: test, Fact.ALWAYS),
        place.form("known", 1, lambda: tree.all_of([tree.call("isnotnull", value), test])),
    )
    return place.choose(forms, field) or test


_EPOCH_FIRST_MS, _EPOCH_LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def instant(ms: int) -> Typed:
    """A datetime literal; a time outside Kusto's years 1 to 9999 becomes the first or last of them."""
    import datetime as dt

    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    at = epoch + dt.timedelta(milliseconds=min(max(ms, _EPOCH_FIRST_MS), _EPOCH_LAST_MS))
    fraction = f".{at.microsecond // 1000:03d}" if at.microsecond else ""
    day = f"{at.year:04d}-{at.month:02d}-{at.day:02d}"
    return Typed("datetime", f"{day}T{at.hour:02d}:{at.minute:02d}:{at.second:02d}{fraction}Z")


def now(offset_ms: int, round_to: str) -> Expression:
    """`now() - 30d`, rounded down."""
    moment = tree.call("now") if not offset_ms else tree.ago(-offset_ms)
    return tree.call("bin", moment, tree.timespan(ROUND_MS[round_to])) if round_to else moment


def one_of(leaf: OneOf, value: Operand, place: Place) -> Expression:
    """The value is one of the texts."""
    if leaf.case is Case.SENSITIVE and not value.is_text and (typed := _typed(leaf.values, value)) is not None:
        return typed
    shown = value.as_text()
    if "" in leaf.values and value.type == "dynamic":
        # a dynamic tells the empty text from null, which tostring() makes empty too
        rest = tuple(v for v in leaf.values if v)
        is_text = Binary("==", tree.call("gettype", value.expression), Text("string"))
        others = [one_of(replace(leaf, values=rest), value, place)] if rest else []
        return tree.any_of([*others, tree.all_of([Binary("==", shown, Text("")), is_text])])
    if "" in leaf.values:
        place.notes.add(finding.empty_value(leaf.field.path, leaf.span))
    return text.equal(Wanted(shown, leaf.field, leaf.case, place), leaf.values)


def _typed(values: Sequence[str], value: Operand) -> Expression | None:
    """Texts compared with a typed column as values of its type, if each is spelled as the type prints it."""
    if value.type in {"int", "long"} and all(v.isascii() and _canonical_integer(v) for v in values):
        return tree.one_of(value.expression, [Number(int(v)) for v in values])
    if value.type == "bool" and len(values) == 1 and values[0] in {"true", "false"}:
        return Binary("==", value.expression, tree.TRUE if values[0] == "true" else tree.FALSE)
    return None


def _canonical_integer(written: str) -> bool:
    digits = written.removeprefix("-")
    return digits.isdigit() and str(int(digits)) == digits and abs(int(digits)) < 2**31
