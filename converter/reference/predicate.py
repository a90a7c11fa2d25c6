"""Whether a predicate holds of one event: a transcription of the docstrings of `converter.model.predicate`."""

from __future__ import annotations

import time
from typing import TypeVar, assert_never

from converter.fields import analysis
from converter.model.duration import ROUND_MS
from converter.model.pattern import fold, like
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Comparison,
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
from converter.model.value import Field, Instant, Kind, Now, Scalar
from converter.reference.event import Event, Indexed, address, elements, network, raw_values, values
from converter.reference.script import outcomes
from converter.reference.text import has_phrase, regex_matches


def matches(predicate: Predicate, event: Event, now: int | None = None) -> bool:
    """Whether `predicate` holds of `event`; `now` (milliseconds) is what date math counts from, default the clock."""
    match predicate:
        case And(terms=terms):
            return all(matches(term, event, now) for term in terms)
        case Or(terms=terms):
            return any(matches(term, event, now) for term in terms)
        case Not(term=term):
            return not matches(term, event, now)
        case Constant(value=value):
            return value
        case Element(path=path, term=term):
            return any(matches(term, element, now) for element in elements(event, path))
        case Present(field=field):
            return bool(values(event, field))
        case Compare(field=field):
            return any(_meets(found, predicate, now) for found in values(event, field))
        case Between(field=field, ends=(low, high)):
            return any(_meets(found, low, now) and _meets(found, high, now) for found in values(event, field))
        case OneOf(field=field, values=wanted, case=case):
            texts = {fold(text, case) for text in wanted}
            return any(fold(text, case) in texts for text in _texts(event, field))
        case Like(field=field, patterns=patterns, case=case):
            return any(like(text, pattern, case) for text in _texts(event, field) for pattern in patterns)
        case Matches(field=field, regexes=regexes, case=case):
            return any(regex_matches(text, regex, case) for text in _texts(event, field) for regex in regexes)
        case InNetwork(field=field, networks=networks):
            return _in_network(event, field, networks)
        case Phrase(field=field, tokens=tokens, analyzer=analyzer):
            return any(has_phrase(analysis.tokens(text, analyzer), tokens) for text in _texts(event, field))
        case Holds(call=call):
            return any(outcome is True for outcome in outcomes(call, event))
        case _:
            assert_never(predicate)


def _texts(event: Event, field: Field) -> tuple[str, ...]:
    """The values of the field as text, whatever its kind."""
    return tuple(str(v) for v in values(event, Field(field.path, Kind.KEYWORD)))


def _in_network(event: Event, field: Field, networks: tuple[str, ...]) -> bool:
    ranges = [found for text in networks if (found := network(text)) is not None]
    addresses = (address(raw) for raw in raw_values(event, field.path) if isinstance(raw, str))
    return any(bits in found for bits in addresses if bits is not None for found in ranges)


def _meets(found: Indexed, leaf: Compare, now: int | None) -> bool:
    """Whether one value of the leaf's field stands in its relation."""
    wanted = _operand(leaf.value, leaf.field.kind, now)
    return wanted is not None and _stands(found, leaf.comparison, wanted)


def _operand(value: Scalar, kind: Kind, now: int | None) -> Indexed | None:
    """The right side as the field's values are held."""
    match value:
        case Instant(ms=ms):
            return ms
        case Now(offset_ms=offset, round_to=unit):
            return date_math(offset, unit, now)
        case str() if kind is Kind.IP:
            return address(value)
        case _:
            return value


def date_math(offset_ms: int, round_to: str, now: int | None) -> int:
    """The moment `now` + offset, rounded down to a unit in UTC."""
    moment = (time.time_ns() // 1_000_000 if now is None else now) + offset_ms
    return moment - moment % ROUND_MS[round_to]


def _stands(left: Indexed, comparison: Comparison, right: Indexed) -> bool:
    """Whether left stands in the relation to right; text and numbers are in no relation."""
    if isinstance(left, str) and isinstance(right, str):
        return _ordered(left, comparison, right)
    if isinstance(left, str) or isinstance(right, str):
        return False
    return _ordered(left, comparison, right)


_Ordered = TypeVar("_Ordered", str, float)


def _ordered(left: _Ordered, comparison: Comparison, right: _Ordered) -> bool:
    match comparison:
        case Comparison.EQ:
            return left == right
        case Comparison.LT:
            return left < right
        case Comparison.LE:
            return left <= right
        case Comparison.GT:
            return left > right
        case Comparison.GE:
            return left >= right
