"""Functions over numbers and times."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from converter.proof.judges.spl import timespec
from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.functions import Arguments, Environment, Function
from converter.proof.judges.spl.values import Evaluated, Many, Scalar, number, scalar, text, tidy, values


def numeric(value: Evaluated) -> int | float | None:
    found = scalar(value)
    return None if found is None else number(found)


def _finite(value: float) -> int | float | None:
    return tidy(value) if math.isfinite(value) else None


def _on_number(convert: Callable[[float], int | float]) -> Function:
    def apply(_env: Environment, args: Arguments) -> Evaluated:
        parsed = numeric(args[0])
        if parsed is None:
            return None
        try:
            return _finite(convert(parsed))
        except (ValueError, OverflowError):
            return None

    return Function(1, 1, apply, mapped=0)


def rounded(value: float, digits: int) -> int | float:
    """Half away from zero, as C's round()."""
    step = Decimal(1).scaleb(-digits)
    return tidy(float(Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP)))


def _round(_env: Environment, args: Arguments) -> Evaluated:
    parsed = numeric(args[0])
    digits = numeric(args[1]) if len(args) > 1 else 0
    return None if parsed is None or digits is None else rounded(parsed, int(digits))


def _pow(_env: Environment, args: Arguments) -> Evaluated:
    base, exponent = numeric(args[0]), numeric(args[1])
    if base is None or exponent is None:
        return None
    try:
        return _finite(math.pow(base, exponent))
    except (ValueError, OverflowError):
        return None


def _log(_env: Environment, args: Arguments) -> Evaluated:
    value, base = numeric(args[0]), numeric(args[1]) if len(args) > 1 else 10
    if value is None or base is None or value <= 0 or base <= 0 or base == 1:
        return None
    return _finite(math.log10(value) if base == 10 else math.log(value, base))


def _all_values(args: Arguments) -> Many:
    found: list[Scalar] = []
    for one in args:
        if isinstance(one, bool):
            raise SplError("a boolean is not a value")
        found += values(one)
    return tuple(found)


def extreme(found: Many, *, largest: bool) -> Scalar | None:
    """Strings are greater than numbers (spl2-search-reference, statistical eval functions)."""
    if not found:
        return None

    def order(one: Scalar) -> tuple[bool, float, str]:
        parsed = number(one)
        return (True, 0, text(one)) if parsed is None else (False, parsed, "")

    best = max(found, key=order) if largest else min(found, key=order)
    parsed = number(best)
    return best if parsed is None else tidy(parsed)


def _max(_env: Environment, args: Arguments) -> Evaluated:
    return extreme(_all_values(args), largest=True)


def _min(_env: Environment, args: Arguments) -> Evaluated:
    return extreme(_all_values(args), largest=False)


def _numbers(args: Arguments) -> list[int | float]:
    return [parsed for one in _all_values(args) if (parsed := number(one)) is not None]


def _sum(_env: Environment, args: Arguments) -> Evaluated:
    found = _numbers(args)
    return tidy(sum(found)) if found else None


def _avg(_env: Environment, args: Arguments) -> Evaluated:
    found = _numbers(args)
    return tidy(sum(found) / len(found)) if found else None


def _relative_time(_env: Environment, args: Arguments) -> Evaluated:
    base, spec = numeric(args[0]), scalar(args[1])
    return None if base is None or spec is None else tidy(timespec.relative(text(spec), base))


def _strftime(_env: Environment, args: Arguments) -> Evaluated:
    moment, form = numeric(args[0]), scalar(args[1])
    return None if moment is None or form is None else timespec.strftime(moment, text(form))


def _strptime(_env: Environment, args: Arguments) -> Evaluated:
    shown, form = scalar(args[0]), scalar(args[1])
    found = None if shown is None or form is None else timespec.strptime(text(shown), text(form))
    return None if found is None else tidy(found)


FUNCTIONS: Final[dict[str, Function]] = {
    "abs": _on_number(abs),
    "ceiling": _on_number(math.ceil),
    "ceil": _on_number(math.ceil),
    "floor": _on_number(math.floor),
    "exact": _on_number(lambda x: x),
    "exp": _on_number(math.exp),
    "ln": _on_number(math.log),
    "sqrt": _on_number(math.sqrt),
    "log": Function(1, 2, _log, mapped=0),
    "pow": Function(2, 2, _pow, mapped=0),
    "round": Function(1, 2, _round, mapped=0),
    "pi": Function(0, 0, lambda _env, _args: math.pi),
    "max": Function(1, 99, _max, takes_null=True),
    "min": Function(1, 99, _min, takes_null=True),
    "sum": Function(1, 99, _sum, takes_null=True),
    "avg": Function(1, 99, _avg, takes_null=True),
    "now": Function(0, 0, lambda env, _args: tidy(env.now)),
    "time": Function(0, 0, lambda env, _args: tidy(env.now)),
    "relative_time": Function(2, 2, _relative_time),
    "strftime": Function(2, 2, _strftime),
    "strptime": Function(2, 2, _strptime),
}
