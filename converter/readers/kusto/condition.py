"""Conditions of a `where` as predicates over columns; every condition here is true or not true, never null."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from converter.deferred import dataclass, replace
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Chain,
    Duration,
    Dynamic,
    Expression,
    Member,
    Name,
    Negative,
    Number,
    Text,
    Truth,
    Typed,
)
from converter.languages.kusto.syntax import Array as Listed
from converter.languages.regex.rust import ANY, NotRegularError, searched
from converter.model import pattern as patterns
from converter.model.duration import DAY, HOUR, MINUTE, ROUND_MS, SECOND
from converter.model.normalise import normalise
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat, Wild
from converter.model.predicate import (
    And,
    Compare,
    Comparison,
    Constant,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Predicate,
    Present,
)
from converter.model.value import Field, Instant, Kind, Now
from converter.readers.date import DateError, compared
from converter.readers.lengths import of_length
from converter.readers.unraised import UnraisedError

_CONVERSIONS: Final = frozenset({"tostring", "tolong", "toint", "todouble", "toreal", "todatetime", "tobool"})
_WORDS: Final = {
    "startswith": ("startswith", Case.INSENSITIVE),
    "startswith_cs": ("startswith", Case.SENSITIVE),
    "endswith": ("endswith", Case.INSENSITIVE),
    "endswith_cs": ("endswith", Case.SENSITIVE),
    "contains": ("contains", Case.INSENSITIVE),
    "contains_cs": ("contains", Case.SENSITIVE),
}
_ORDERS: Final = {o.value: o for o in Comparison}
_SWAPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_RUN, _ONE = Wild.ANY_RUN, Wild.ANY_ONE


@dataclass(frozen=True, slots=True)
class _Whole:
    """A column's text, or what is left of it without `skip` characters in front and `cut` at the end."""

    field: Field
    skip: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class _Joined:
    """The values of an array as one text, `apart` before, between and behind them."""

    field: Field
    apart: str


_Operand = _Whole | _Joined


def subject(expression: Expression) -> str:
    """The name of a column, or the text of a computed value, whatever type it is read as."""
    while isinstance(expression, Call) and expression.function in _CONVERSIONS and len(expression.arguments) == 1:
        (expression,) = expression.arguments
    return flat(expression)


def _field(expression: Expression, *, many: bool = False) -> Field:
    return Field(subject(expression), Kind.KEYWORD, many)


class Conditions:
    """Reads conditions; `hits` are the columns that a walk made, `listed` says whether a named list holds a value."""

    def __init__(
        self, hits: Mapping[str, Predicate], listed: Callable[[Expression, str], bool | None] | None = None
    ) -> None:
        self._hits = hits
        self._listed = listed

    def of(self, node: Expression) -> Predicate:
        """The predicate of a condition. Raises UnraisedError."""
        match node:
            case Truth(value):
                return Constant(value)
            case Chain("and", terms):
                return And(tuple(map(self.of, terms)))
            case Chain("or", terms):
                return self._any(terms)
            case Call("not", (inner,)):
                return Not(self.of(inner))
            case Call("coalesce", (inner, Truth(value=False))):
                return self.of(inner)
            case Name(name) if name in self._hits:
                return self._hits[name]
            case Call():
                return _call(node)
            case Binary(operator, left, right) if operator.startswith("!"):
                opposite = {"!=": "==", "!~": "=~"}.get(operator, operator[1:])
                return Not(self.of(Binary(opposite, left, right)))
            case Binary():
                return _binary(node)
            case Among(operator, target, items) if operator.startswith("!"):
                return Not(self.of(Among(operator[1:], target, items)))
            case Among("in", target, (Name(name),)) if (
                self._listed is not None and (holds := self._listed(target, name)) is not None
            ):
                return Constant(holds)
            case Among():
                return _among(node)
            case Between(target, low, high, negated):
                ends = And((_binary(Binary(">=", target, low)), _binary(Binary("<=", target, high))))
                return Not(ends) if negated else ends
            case _:
                raise UnraisedError(f"a condition {flat(node)[:40]}")

    def _any(self, terms: Sequence[Expression]) -> Predicate:
        """One of them; a value that an array holds or that stands by itself is one of a column with many values."""
        has: dict[Expression, list[str]] = {}
        rest: list[Expression] = []
        for term in terms:
            match term:
                case Call("set_has_element", (values, Text(value))) | Call(
                    "coalesce", (Call("set_has_element", (values, Text(value))), Truth(value=False))
                ):
                    has.setdefault(values, []).append(value)
                case _:
                    rest.append(term)
        found: list[Predicate] = []
        for values, listed in has.items():
            alone = [t for t in rest if (held := _scalars(t, values)) and set(held) <= set(listed)]
            if {text for t in alone for text in _scalars(t, values) or ()} == set(listed):
                rest = [t for t in rest if t not in alone]
            elif not _always_arrays(values):
                raise UnraisedError("an array asked for a value that may stand by itself")
            found.append(OneOf(_field(values, many=True), tuple(listed), Case.SENSITIVE))
        return Or((*map(self.of, rest), *found))


def _scalars(term: Expression, values: Expression) -> list[str] | None:
    """The texts that `tostring(values)` is compared with."""
    match term:
        case Binary("==", Call("tostring", (target,)), Text(value)) if target == values:
            return [value]
        case Among("in", Call("tostring", (target,)), items) if target == values:
            return [item.value for item in items if isinstance(item, Text)]
        case _:
            return None


def _always_arrays(values: Expression) -> bool:
    return isinstance(values, Call) and values.function in ("split", "parse_command_line", "extract_all")


def _call(node: Call) -> Predicate:
    match node:
        case Call("isnotempty" | "isnotnull", (inner,)):
            return _present(inner)
        case Call("isempty" | "isnull", (inner,)):
            return Not(_present(inner))
        case Call("ipv4_is_private", (target,)):
            return InNetwork(_field(target), _PRIVATE)
        case Call(
            "ipv4_is_in_range" | "ipv4_is_in_any_range" | "ipv6_is_in_range" | "ipv6_is_in_any_range" | "ipv6_is_match",
            (target, *networks),
        ):
            return InNetwork(_field(target), tuple(map(_network, networks)))
        case Call("set_has_element", (values, Text(value))) if _always_arrays(values):
            return OneOf(_field(values, many=True), (value,), Case.SENSITIVE)
        case _:
            raise UnraisedError(f"the function {node.function}")


def _present(inner: Expression) -> Predicate:
    match inner:
        case Call("parse_ipv4", (target,)):
            return InNetwork(_field(target), ("0.0.0.0/0",))
        case Call("strcat_array", (values, Text(""))):
            return Present(_field(values, many=True))
        case Call("trim" | "strcat" | "substring"):
            raise UnraisedError("presence of a part")
        case _:
            return Present(_field(inner))


def _network(node: Expression) -> str:
    if not isinstance(node, Text):
        raise UnraisedError("a network that is no text")
    try:
        return str(ipaddress.ip_network(node.value, strict=False))
    except ValueError as error:
        raise UnraisedError("a network that is none") from error


def _among(node: Among) -> Predicate:
    items: Sequence[object] = node.items
    if len(node.items) == 1 and isinstance(node.items[0], Dynamic) and isinstance(node.items[0].value, Listed):
        items = node.items[0].value.items
    match node.operator:
        case "in" if items and all(isinstance(i, Number) for i in items):
            return Or(tuple(_binary(Binary("==", node.target, i)) for i in items if isinstance(i, Number)))
        case "in" | "in~" if all(isinstance(i, Text) for i in items):
            case = Case.SENSITIVE if node.operator == "in" else Case.INSENSITIVE
            return Or(tuple(_word(node.target, "==", i.value, case) for i in items if isinstance(i, Text)))
        case _:
            raise UnraisedError(f"{node.operator} of values that are no texts")


def _binary(node: Binary) -> Predicate:
    operator, left, right = node.operator, node.left, node.right
    match operator, left, right:
        case "==", Call("tolower", (lowered,)), Text(text) if text == text.lower() and text.isascii():
            return _word(lowered, "==", text, Case.INSENSITIVE)
        case _:
            pass
    if isinstance(left, Text | Number | Truth | Typed) and operator in _SWAPPED:
        operator, left, right = _SWAPPED[operator], right, left
    match operator, right:
        case "==", Text(value):
            return _word(left, "==", value, Case.SENSITIVE)
        case "=~", Text(value):
            return _word(left, "==", value, Case.INSENSITIVE)
        case word, Text(value) if word in _WORDS:
            return _word(left, *(_WORDS[word][0], value, _WORDS[word][1]))
        case "matches regex", Text(value):
            return _regex(left, value)
        case "==", Truth(value):
            return Compare(replace(_field(left), kind=Kind.BOOLEAN), Comparison.EQ, value)
        case sign, Number(value) if sign in _ORDERS:
            return _number(left, _ORDERS[sign], value)
        case sign, Negative(Number(value)) if sign in _ORDERS:
            return _number(left, _ORDERS[sign], -value)
        case sign, Call("ago" | "bin") if sign in _ORDERS:
            return Compare(replace(_field(left), kind=Kind.DATE), _ORDERS[sign], _before_now(right))
        case sign, Typed("datetime", text) if sign in _ORDERS:
            return _moment(left, _ORDERS[sign], text)
        case _:
            raise UnraisedError(f"the operator {operator}")


def _number(left: Expression, order: Comparison, value: float) -> Predicate:
    match left:
        case Call("strlen", (target,)):
            operand = _operand(target)
            if not isinstance(operand, _Whole) or not isinstance(value, int):
                raise UnraisedError("a length")
            found = of_length(operand.field, order, value, operand.skip)
            if found is None:
                raise UnraisedError("a length")
            return found
        case Binary() | Call("indexof" | "array_length" | "strcmp" | "countof"):
            raise UnraisedError("a computed number")
        case _:
            kind = Kind.LONG if isinstance(value, int) else Kind.DOUBLE
            return Compare(replace(_field(left), kind=kind), order, value)


def _moment(left: Expression, order: Comparison, text: str) -> Predicate:
    if order is Comparison.EQ:
        raise UnraisedError("a moment asked for equality")
    try:
        at = compared(Comparison.GE, text)[1]  # a literal is its first moment, whatever is asked of it
    except DateError as error:
        raise UnraisedError("a moment that is none") from error
    if not isinstance(at, Instant):
        raise UnraisedError("a moment that is none")
    return Compare(replace(_field(left), kind=Kind.DATE), order, at)


def _before_now(node: Expression) -> Now:
    """A moment before the query runs, rounded down to a unit."""
    match node:
        case Call("ago", (Duration() as span,)):
            return Now(-milliseconds(span))
        case Call("bin", (Call("ago", (Duration() as span,)), Duration() as unit)) if found := _ROUNDED.get(
            milliseconds(unit)
        ):
            return Now(-milliseconds(span), found)
        case _:
            raise UnraisedError("a moment that is computed")


_ROUNDED: Final = {ms: name for name, ms in ROUND_MS.items() if name}
_UNITS: Final = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


def milliseconds(span: Duration) -> int:
    """The length of a span. Raises UnraisedError."""
    if span.unit not in _UNITS or not isinstance(span.amount, int):
        raise UnraisedError("a span of another unit")
    return span.amount * _UNITS[span.unit]


# ---- texts


def _operand(node: Expression) -> _Operand:
    """What text is looked at."""
    match node:
        case Call("substring", (inner, Number(int(start)))):
            whole = _operand(inner)
            if isinstance(whole, _Whole) and not whole.cut:
                return _Whole(whole.field, whole.skip + start)
        case Call("substring", (inner, Number(0), Binary("-", Call("strlen", (other,)), Number(int(cut))))):
            whole = _operand(inner)
            if isinstance(whole, _Whole) and inner == other and not whole.skip:
                return _Whole(whole.field, 0, whole.cut + cut)
        case Call("strcat", (Text(apart), values, Text(end))) if apart == end and len(apart) == 1:
            return _Joined(_field(_listed(values, apart), many=True), apart)
        case Call("substring"):
            raise UnraisedError("a part of a text")
        case Call("strcat"):
            raise UnraisedError("texts put together")
        case _:
            return _Whole(_field(node))
    raise UnraisedError("a part of a text")


def _listed(node: Expression, apart: str) -> Expression:
    """The array whose values stand in a joined text."""
    match node:
        case Call("strcat_array", (values, Text(between))) if between == apart:
            return values
        case Call("iff", (Call("isnull", (Call("array_length", (values,)),)), alone, inside)):
            if alone == Call("tostring", (values,)) and _listed(inside, apart) == values:
                return values
            raise UnraisedError("an array put together otherwise")
        case Name() | Member():
            return Call("split", (node, Text(apart)))
        case _:
            return Call("split", (node, Text(apart)))


def _word(target: Expression, word: str, value: str, case: Case) -> Predicate:
    """A text is, begins with, ends with or holds the value."""
    operand = _operand(target)
    if isinstance(operand, _Joined):
        return _in_joined(operand, word, value, case)
    if not value:
        raise UnraisedError("the empty text")
    ahead, behind = (_ONE,) * operand.skip, (_ONE,) * operand.cut
    before = () if word in ("==", "startswith") else (_RUN,)
    after = () if word in ("==", "endswith") else (_RUN,)
    found = patterns.of(*ahead, *before, value, *after, *behind)
    return normalise(Like(operand.field, (found,), case))


def _in_joined(joined: _Joined, word: str, value: str, case: Case) -> Predicate:
    apart = joined.apart
    inner = value.strip(apart)
    if word != "contains" or not inner or apart in inner:
        raise UnraisedError("a part of joined values")
    before = () if value.startswith(apart) else (_RUN,)
    after = () if value.endswith(apart) else (_RUN,)
    return normalise(Like(joined.field, (patterns.of(*before, inner, *after),), case))


def _regex(target: Expression, text: str) -> Predicate:
    operand = _operand(target)
    try:
        found = searched(text)
    except NotRegularError as error:
        raise UnraisedError(f"a regular expression with {error}") from error
    if isinstance(operand, _Joined):
        return Matches(operand.field, (_one_value(found, operand.apart),), Case.SENSITIVE)
    if operand.skip or operand.cut:
        ones = [AnyChar()] * operand.skip
        found = Concat((*ones, found, *([AnyChar()] * operand.cut)))
    return Matches(operand.field, (found,), Case.SENSITIVE)


def _one_value(regex: Regex, apart: str) -> Regex:
    """The expression of one value, of one that finds it among others: signs between values bind it to its ends."""
    if isinstance(regex, Alternate):
        return Alternate(tuple(_one_value(o, apart) for o in regex.options))
    parts = list(regex.parts) if isinstance(regex, Concat) else [regex]
    if len(parts) < 3 or parts[0] != ANY or parts[-1] != ANY:  # noqa: PLR2004
        raise UnraisedError("an expression bound to the ends of joined values")
    inner = parts[1:-1]
    begins, ends = inner[0] == Char(apart), inner[-1] == Char(apart)
    body = tuple(_within(p, apart) for p in inner[begins : len(inner) - ends])
    return Concat((*(() if begins else (ANY,)), *body, *(() if ends else (ANY,))))


def _within(regex: Regex, apart: str) -> Regex:
    """A part of one value: no sign stands between values in it."""
    match regex:
        case Char(char):
            if char == apart:
                raise UnraisedError("an expression over several values")
            return regex
        case AnyChar():
            raise UnraisedError("an expression over several values")
        case CharClass(ranges, negated):
            holds = any(low <= apart <= high for low, high in ranges)
            if holds is not negated:
                raise UnraisedError("an expression over several values")
            left = tuple(r for r in ranges if r != (apart, apart)) if negated else ranges
            return AnyChar() if negated and not left else CharClass(left, negated)
        case Concat(parts):
            return Concat(tuple(_within(p, apart) for p in parts))
        case Alternate(options):
            return Alternate(tuple(_within(o, apart) for o in options))
        case Repeat(item, least, most):
            return Repeat(_within(item, apart), least, most)
