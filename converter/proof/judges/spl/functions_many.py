"""Functions over multivalue fields, over JSON, and about what a value is."""

from __future__ import annotations

import json
from typing import Final

from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.functions import Arguments, Environment, Function
from converter.proof.judges.spl.functions_number import numeric
from converter.proof.judges.spl.json_path import read_path
from converter.proof.judges.spl.pcre import compile_pattern
from converter.proof.judges.spl.values import Evaluated, Many, Scalar, many, number, scalar, text, values


def _values(value: Evaluated) -> Many:
    if isinstance(value, bool):
        raise SplError("a boolean is not a value")
    return values(value)


def _mvcount(_env: Environment, args: Arguments) -> Evaluated:
    return len(_values(args[0])) or None


def _mvappend(_env: Environment, args: Arguments) -> Evaluated:
    return many(value for one in args for value in _values(one))


def _mvdedup(_env: Environment, args: Arguments) -> Evaluated:
    kept: dict[str, Scalar] = {}
    for one in _values(args[0]):
        kept.setdefault(text(one), one)
    return many(kept.values())


def _mvsort(_env: Environment, args: Arguments) -> Evaluated:
    return many(sorted(_values(args[0]), key=text))


def _mvindex(_env: Environment, args: Arguments) -> Evaluated:
    found, start = _values(args[0]), numeric(args[1])
    end = numeric(args[2]) if len(args) > 2 else start
    if start is None or end is None:
        return None
    first, last = (int(one) + len(found) if one < 0 else int(one) for one in (start, end))
    if first < 0 or first > last or first >= len(found):
        return None
    return many(found[first : last + 1])


def _mvjoin(_env: Environment, args: Arguments) -> Evaluated:
    delimiter = scalar(args[1])
    found = _values(args[0])
    return (text(delimiter) if delimiter is not None else "").join(text(one) for one in found) if found else None


def _mvzip(_env: Environment, args: Arguments) -> Evaluated:
    delimiter = scalar(args[2]) if len(args) > 2 else ","
    left, right = _values(args[0]), _values(args[1])
    if len(left) != len(right):
        raise SplError("mvzip() over fields of different length is undocumented")
    return many(f"{text(a)}{text(delimiter or '')}{text(b)}" for a, b in zip(left, right, strict=True))


def _mvrange(_env: Environment, args: Arguments) -> Evaluated:
    start, end = numeric(args[0]), numeric(args[1])
    step = numeric(args[2]) if len(args) > 2 else 1
    if start is None or end is None or step is None or step <= 0:
        return None
    found: list[Scalar] = []
    while start < end:
        found.append(start)
        start += step
    return many(found)


def _mvfind(env: Environment, args: Arguments) -> Evaluated:
    """Position of the first matching value, NULL if none does (10.0, multivalue eval functions)."""
    pattern = scalar(args[1])
    if pattern is None:
        return None
    compiled = compile_pattern(text(pattern))
    found = _values(args[0])
    if not found:
        return -1 if env.reading.mvfind_missing == "value" else None
    return next((at for at, one in enumerate(found) if compiled.search(text(one))), None)


def _coalesce(_env: Environment, args: Arguments) -> Evaluated:
    return next((one for one in args if one is not None), None)


def _typeof(_env: Environment, args: Arguments) -> Evaluated:
    found = scalar(args[0])
    if found is None:
        return "Invalid"
    if isinstance(args[0], bool):
        return "Boolean"
    return "String" if number(found) is None else "Number"


def _isnum(_env: Environment, args: Arguments) -> Evaluated:
    return numeric(args[0]) is not None


def _isstr(_env: Environment, args: Arguments) -> Evaluated:
    return numeric(args[0]) is None


def _isint(_env: Environment, args: Arguments) -> Evaluated:
    found = numeric(args[0])
    return found is not None and float(found).is_integer()


def _nullif(_env: Environment, args: Arguments) -> Evaluated:
    left, right = scalar(args[0]), scalar(args[1])
    return None if left is not None and right is not None and text(left) == text(right) else args[0]


def _json_extract(_env: Environment, args: Arguments) -> Evaluated:
    source = scalar(args[0])
    paths = [text(one) for one in args[1:] if isinstance(one, str | int | float)]
    return many(value for path in paths or [""] for value in values(read_path(text(source or ""), path)))


def _json_valid(_env: Environment, args: Arguments) -> Evaluated:
    try:
        json.loads(text(scalar(args[0]) or ""))
    except ValueError:
        return False
    return True


FUNCTIONS: Final[dict[str, Function]] = {
    "mvcount": Function(1, 1, _mvcount, takes_null=True),
    "mvappend": Function(1, 99, _mvappend, takes_null=True),
    "mvdedup": Function(1, 1, _mvdedup),
    "mvsort": Function(1, 1, _mvsort),
    "mvindex": Function(2, 3, _mvindex),
    "mvjoin": Function(2, 2, _mvjoin),
    "mvzip": Function(2, 3, _mvzip),
    "mvrange": Function(2, 3, _mvrange),
    "mvfind": Function(2, 2, _mvfind, regex=1, takes_null=True),
    "coalesce": Function(1, 99, _coalesce, takes_null=True),
    "null": Function(0, 0, lambda _env, _args: None),
    "true": Function(0, 0, lambda _env, _args: True, predicate=True),
    "false": Function(0, 0, lambda _env, _args: False, predicate=True),
    "isnull": Function(1, 1, lambda _env, args: args[0] is None, predicate=True, takes_null=True),
    "isnotnull": Function(1, 1, lambda _env, args: args[0] is not None, predicate=True, takes_null=True),
    "isnum": Function(1, 1, _isnum, mapped=0, predicate=True),
    "isstr": Function(1, 1, _isstr, mapped=0, predicate=True),
    "isint": Function(1, 1, _isint, mapped=0, predicate=True),
    "typeof": Function(1, 1, _typeof, takes_null=True),
    "nullif": Function(2, 2, _nullif, takes_null=True),
    "spath": Function(2, 2, _json_extract),
    "json_extract": Function(1, 99, _json_extract),
    "json_valid": Function(1, 1, _json_valid, predicate=True),
}
