"""The scripts of EQL: what a call can come to over the values of the fields it mentions (rules E10 and E11).

Each mention of a field ranges over its values on its own and a missing field is null, so the outcomes of a call
are its function over every combination of its arguments' outcomes. null is None. A function given a type it
does not take is null, where Elasticsearch fails the query. Characters are code points; Elasticsearch counts
UTF-16 units, which differ beyond U+FFFF.
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from converter.model.pattern import Case, Pattern, fold, like
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Value
from converter.reference.event import Event, address, address_text, network, values

Outcome: TypeAlias = "str | int | float | bool | Pattern | None"


def outcomes(value: Value, event: Event) -> tuple[Outcome, ...]:
    """Everything that `value` can be in this event, without repeats."""
    match value:
        case Literal(value=constant):
            return (_constant(constant),)
        case Field():
            return tuple(_shown(v, value.kind) for v in values(event, value)) or (None,)
        case Call(function=function, arguments=arguments, case=case):
            combinations = itertools.product(*(outcomes(argument, event) for argument in arguments))
            return _distinct(tuple(apply(function, combination, case) for combination in combinations))


def _distinct(found: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Without repeats; 1, 1.0 and True are different."""
    return tuple({(type(one), one): one for one in found}.values())


def _constant(constant: Outcome | Instant | Now) -> Outcome:
    if isinstance(constant, Instant):
        return constant.ms
    return None if isinstance(constant, Now) else constant


def _shown(value: Outcome, kind: Kind) -> Outcome:
    """A script sees an address as text."""
    return address_text(cast("int", value)) if kind is Kind.IP else value


def apply(function: Function, arguments: tuple[Outcome, ...], case: Case) -> Outcome:
    """One application of a function to plain values."""
    match function:
        case Function.IS_NULL:
            return arguments[0] is None
        case Function.NOT:
            return None if arguments[0] is None else arguments[0] is not True
        case Function.AND:
            return _and(arguments)
        case Function.OR:
            return _or(arguments)
        case _:
            if None in arguments:
                return None
            try:
                return _FUNCTIONS[function](case, *arguments)
            except (TypeError, ValueError, ArithmeticError, AttributeError):
                return None


def _and(arguments: tuple[Outcome, ...]) -> bool | None:
    if any(argument is False for argument in arguments):
        return False
    return None if None in arguments else True


def _or(arguments: tuple[Outcome, ...]) -> bool | None:
    if any(argument is True for argument in arguments):
        return True
    return None if None in arguments else False


def _need_text(*arguments: Outcome) -> tuple[str, ...]:
    if not all(isinstance(argument, str) for argument in arguments):
        raise TypeError
    return cast("tuple[str, ...]", arguments)


def _number(value: Outcome) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return value


def _comparison(relation: Callable[[Any, Any], bool]) -> Callable[..., Outcome]:
    def compare(case: Case, left: Outcome, right: Outcome) -> Outcome:
        if isinstance(left, str) and isinstance(right, str):
            return relation(fold(left, case), fold(right, case))
        if isinstance(left, bool) and isinstance(right, bool):
            return relation(left, right)
        return relation(_number(left), _number(right))

    return compare


def _arithmetic(compute: Callable[[float, float], float]) -> Callable[..., Outcome]:
    def calculate(_case: Case, left: Outcome, right: Outcome) -> Outcome:
        return compute(_number(left), _number(right))

    return calculate


def _divide(left: float, right: float) -> float:
    """Integers divide to an integer, towards zero as Java does."""
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    return left / right


def _modulo(left: float, right: float) -> float:
    """The remainder has the sign of the left side, as Java's has."""
    if isinstance(left, int) and isinstance(right, int):
        return left - right * int(_divide(left, right))
    return math.fmod(left, right)


def _between(case: Case, source: Outcome, left: Outcome, right: Outcome, greedy: Outcome = None) -> Outcome:
    text, before, after = _need_text(source, left, right)
    if not (text and before and after):
        return text
    folded = fold(text, case)
    at = folded.find(fold(before, case))
    if at < 0:
        return ""
    start = at + len(before)
    end = folded.rfind(fold(after, case), start) if greedy else folded.find(fold(after, case), start)
    return "" if end < 0 else text[start:end]


def _cidr_match(_case: Case, source: Outcome, *networks: Outcome) -> Outcome:
    bits = address(*_need_text(source))
    ranges = [network(text) for text in _need_text(*networks)]
    return bits is not None and any(bits in found for found in ranges if found is not None)


def _concat(_case: Case, *arguments: Outcome) -> Outcome:
    return "".join(cast("str", _string(_case, argument)) for argument in arguments)


def _ends_with(case: Case, source: Outcome, end: Outcome) -> Outcome:
    text, wanted = _need_text(source, end)
    return fold(text, case).endswith(fold(wanted, case))


def _starts_with(case: Case, source: Outcome, start: Outcome) -> Outcome:
    text, wanted = _need_text(source, start)
    return fold(text, case).startswith(fold(wanted, case))


def _string_contains(case: Case, source: Outcome, part: Outcome) -> Outcome:
    """Of an empty part: false (rule E11)."""
    text, wanted = _need_text(source, part)
    return bool(text and wanted) and fold(wanted, case) in fold(text, case)


def _index_of(case: Case, source: Outcome, part: Outcome, start: Outcome = 0) -> Outcome:
    text, wanted = _need_text(source, part)
    at = fold(text, case).find(fold(wanted, case), max(0, int(_number(start))))
    return at if at >= 0 else None


def _length(_case: Case, source: Outcome) -> Outcome:
    return len(*_need_text(source))


def _like(case: Case, source: Outcome, *patterns: Outcome) -> Outcome:
    (text,) = _need_text(source)
    return any(like(text, cast("Pattern", pattern), case) for pattern in patterns)


_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?")


def _to_number(_case: Case, source: Outcome, base: Outcome = None) -> Outcome:
    """`0x` begins a hexadecimal number when no base is given or it is 16."""
    (text,) = _need_text(source)
    hexadecimal = text.startswith("0x")
    radix = int(_number(base)) if base is not None else 16 if hexadecimal else 10
    if hexadecimal and radix == 16:  # noqa: PLR2004
        text = text[2:]
    if radix != 10:  # noqa: PLR2004
        return int(text, radix) if re.fullmatch(r"[+-]?[0-9A-Za-z]+", text) else None
    if not _DECIMAL.fullmatch(text):
        return None
    return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else float(text)


def _string(_case: Case, value: Outcome) -> Outcome:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _substring(_case: Case, source: Outcome, start: Outcome, end: Outcome = None) -> Outcome:
    """Negative places count from the end, the end is exclusive."""
    (text,) = _need_text(source)
    return text[int(_number(start)) : None if end is None else int(_number(end))]


_FUNCTIONS: Mapping[Function, Callable[..., Outcome]] = {
    Function.EQ: _comparison(operator.eq),
    Function.NE: _comparison(operator.ne),
    Function.LT: _comparison(operator.lt),
    Function.LE: _comparison(operator.le),
    Function.GT: _comparison(operator.gt),
    Function.GE: _comparison(operator.ge),
    Function.ADD: _arithmetic(operator.add),
    Function.SUBTRACT: _arithmetic(operator.sub),
    Function.MULTIPLY: _arithmetic(operator.mul),
    Function.DIVIDE: _arithmetic(_divide),
    Function.MODULO: _arithmetic(_modulo),
    Function.BETWEEN: _between,
    Function.CIDR_MATCH: _cidr_match,
    Function.CONCAT: _concat,
    Function.ENDS_WITH: _ends_with,
    Function.INDEX_OF: _index_of,
    Function.LENGTH: _length,
    Function.LIKE: _like,
    Function.NUMBER: _to_number,
    Function.STARTS_WITH: _starts_with,
    Function.STRING: _string,
    Function.STRING_CONTAINS: _string_contains,
    Function.SUBSTRING: _substring,
}
