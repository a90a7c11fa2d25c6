r"""Points in time as eval compares them: whole milliseconds since 1970.

`floor(... + 0.01)` rounds what a double of seconds holds. A text is read as epoch milliseconds, as ISO 8601 with or
without a fraction, or as a day.
"""

from __future__ import annotations

from converter.deferred import compiled
from converter.languages.spl.parse import expression
from converter.languages.spl.replace import replaced
from converter.languages.spl.syntax import Binary, Call, Expression, Name, Negative, Number, Sign
from converter.model.value import Instant, Now
from converter.readers.unraised import UnraisedError

_WHOLE = compiled(r"\d{1,18}")
_OWN = Name("@timestamp")
_TIME = "floor((_time * 1000) + 0.01)"
_TEXT = r"""floor(coalesce(
    if(match(x, "^(?:-[0-9]{1,18}|[0-9]{1,3}|[0-9]{5,18})\z"), tonumber(x), null()),
    strptime(x, "%Y-%m-%dT%H:%M:%S.%N%z") * 1000,
    strptime(x, "%Y-%m-%dT%H:%M:%S%z") * 1000,
    strptime(x . "T00:00:00Z", "%Y-%m-%dT%H:%M:%S%z") * 1000) + 0.01)"""


def time_of(value: Expression) -> Expression | None:
    """The field whose time an expression gives in milliseconds; None for another expression."""
    if not isinstance(value, Call) or value.function != "floor":
        return None
    if value == expression(_TIME):
        return _OWN
    match value:
        case Call("floor", (Binary(Sign.ADD, Call("coalesce", (Call("if", (Call("match", (text, _)), *_)), *_)), _),)):
            return text if value == replaced(expression(_TEXT), {"x": text}) else None
        case _:
            return None


def moment(value: Expression) -> Instant | Now:
    """A constant number of milliseconds, or the time of the search and an offset. Raises UnraisedError."""
    match value:
        case Number(digits) if _WHOLE.fullmatch(digits):
            return Instant(int(digits))
        case Negative(Number(digits)) if _WHOLE.fullmatch(digits):
            return Instant(-int(digits))
        case Binary(Sign.MULTIPLY, Call("now", ()), Number("1000")):
            return Now(0)
        case Binary(
            Sign.ADD | Sign.SUBTRACT as sign, Binary(Sign.MULTIPLY, Call("now", ()), Number("1000")), Number(by)
        ) if _WHOLE.fullmatch(by):
            return Now(int(by) if sign is Sign.ADD else -int(by))
        case _:
            raise UnraisedError("a moment that is computed")
