"""Scripts over several values: true if some combination of the values of the fields mentioned makes them true.

A script is a tuple: ("field", path, convert), ("value", constant), ("like", any_case, pattern, script) or
(function, any_case, script, ...). None is null: a function of null is null, and null is not true.
"""

from __future__ import annotations

import ipaddress
import itertools
import math
import operator
import re

from backends.python.runtime.matching import folded, like
from backends.python.runtime.reading import read


def holds(event, script):
    """Whether the script is true for some combination."""
    return any(outcome is True for outcome in outcomes(event, script))


def outcomes(event, script):
    """Everything that a script can come to in this event."""
    kind = script[0]
    if kind == "value":
        return [script[1]]
    if kind == "field":
        found = [value for raw in read(event, script[1]) if (value := script[2](raw)) is not None]
        return found or [None]
    if kind == "like":
        return [_like(text, script[1], script[2]) for text in outcomes(event, script[3])]
    choices = [outcomes(event, argument) for argument in script[2:]]
    return [call(kind, script[1], arguments) for arguments in itertools.product(*choices)]


def call(name, any_case, arguments):
    """One function over plain values."""
    if name == "isNull":
        return arguments[0] is None
    if name == "not":
        return None if arguments[0] is None else arguments[0] is not True
    if name == "and":
        return False if any(a is False for a in arguments) else (None if None in arguments else True)
    if name == "or":
        return True if any(a is True for a in arguments) else (None if None in arguments else False)
    if None in arguments:
        return None
    shown = [folded(a) if isinstance(a, str) else a for a in arguments] if any_case and name in _CASED else arguments
    try:
        if name == "between":
            return _between(arguments[0], *shown)
        return _FUNCTIONS[name](*shown)
    except (TypeError, ValueError, ArithmeticError, AttributeError, KeyError):
        return None


def _like(text, any_case, pattern):
    if not isinstance(text, str):
        return None
    return like(folded(text) if any_case else text, pattern)


def _text(value):
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return value


def _relation(compare):
    def relation(left, right):
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        if isinstance(left, bool) and isinstance(right, bool):
            return compare(left, right)
        return compare(_number(left), _number(right))

    return relation


def _arithmetic(compute):
    return lambda left, right: compute(_number(left), _number(right))


def _divide(left, right):
    """Integers divide towards zero."""
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    return left / right


def _modulo(left, right):
    """The remainder has the sign of the left side."""
    if isinstance(left, int) and isinstance(right, int):
        return left - right * _divide(left, right)
    return math.fmod(left, right)


def _between(source, shown, before, after, greedy=False):
    if not (shown and before and after):
        return _text(source)
    at = shown.find(before)
    if at < 0:
        return ""
    start = at + len(before)
    end = shown.rfind(after, start) if greedy else shown.find(after, start)
    return "" if end < 0 else source[start:end]


def _cidr_match(source, *networks):
    try:
        found = ipaddress.ip_address(_text(source))
    except ValueError:
        return False
    bits = _bits(found)
    for text in networks:
        network = ipaddress.ip_network(text, strict=False)
        if _bits(network.network_address) <= bits <= _bits(network.broadcast_address):
            return True
    return False


def _bits(found):
    return int(found) | (0xFFFF << 32) if found.version == 4 else int(found)


def _index_of(source, part, start=0):
    at = _text(source).find(_text(part), max(0, int(_number(start))))
    return at if at >= 0 else None


def _string(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _to_number(source, base=None):
    text = _text(source)
    hexadecimal = text.startswith("0x")
    radix = int(_number(base)) if base is not None else (16 if hexadecimal else 10)
    if hexadecimal and radix == 16:
        text = text[2:]
    if radix != 10:
        return int(text, radix) if re.fullmatch(r"[+-]?[0-9A-Za-z]+", text) else None
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    return float(text) if re.fullmatch(r"[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?", text) else None


def _substring(source, start, end=None):
    return _text(source)[int(_number(start)) : None if end is None else int(_number(end))]


_CASED = frozenset(("==", "!=", "<", "<=", ">", ">=", "between", "endsWith", "startsWith", "stringContains", "indexOf"))
_FUNCTIONS = {
    "==": _relation(operator.eq),
    "!=": _relation(operator.ne),
    "<": _relation(operator.lt),
    "<=": _relation(operator.le),
    ">": _relation(operator.gt),
    ">=": _relation(operator.ge),
    "add": _arithmetic(operator.add),
    "subtract": _arithmetic(operator.sub),
    "multiply": _arithmetic(operator.mul),
    "divide": _arithmetic(_divide),
    "modulo": _arithmetic(_modulo),
    "cidrMatch": _cidr_match,
    "concat": lambda *parts: "".join(_string(part) for part in parts),
    "endsWith": lambda source, end: _text(source).endswith(_text(end)),
    "startsWith": lambda source, start: _text(source).startswith(_text(start)),
    "stringContains": lambda source, part: bool(_text(source) and _text(part)) and part in source,
    "indexOf": _index_of,
    "length": lambda source: len(_text(source)),
    "number": _to_number,
    "string": _string,
    "substring": _substring,
}
