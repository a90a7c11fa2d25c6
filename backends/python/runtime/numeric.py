"""Numbers, truth values and text in an order."""

from __future__ import annotations

import math
import operator
import re

from backends.python.runtime.reading import read, texts

_RELATIONS = {"==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?")


def to_double(value):
    """A JSON scalar as a floating point field indexes it, or None."""
    if isinstance(value, bool) or (isinstance(value, str) and not _DECIMAL.fullmatch(value)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def to_long(value):
    """A JSON scalar as an integer field indexes it (a fraction is cut off), or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,20}", value):
        number = int(value)
    elif isinstance(value, int):
        number = value
    else:
        real = to_double(value)
        if real is None:
            return None
        number = int(real)
    return number if -(2**63) <= number < 2**63 else None


def to_boolean(value):
    """A JSON scalar as a boolean field indexes it, or None."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "": False}.get(value) if isinstance(value, str) else None


def numbers(event, path, convert):
    """The values of a field that the conversion accepts."""
    return [number for value in read(event, path) if (number := convert(value)) is not None]


def compares(event, path, convert, relation, wanted):
    """Some value stands in the relation to the wanted one."""
    holds = _RELATIONS[relation]
    return any(holds(number, wanted) for number in numbers(event, path, convert))


def compares_text(event, path, relation, wanted):
    """Some text stands in the relation to the wanted one, by code points."""
    holds = _RELATIONS[relation]
    return any(holds(text, wanted) for text in texts(event, path))
