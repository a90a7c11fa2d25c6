"""A function of a module as a predicate: the runtime's functions by name, joined by and, or, not."""

from __future__ import annotations

import ast
import ipaddress
from collections.abc import Sequence
from typing import Final

from backends.python.readback import programs
from backends.python.readback.literals import Constants, Sign, texts, value
from converter.model import pattern as patterns
from converter.model.duration import ROUND_MS
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import (
    Analyzer,
    And,
    Between,
    Compare,
    Comparison,
    Constant,
    Element,
    End,
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
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Scalar, Value
from converter.readers.unraised import UnraisedError

KINDS: Final = {
    "as_text": Kind.KEYWORD,
    "to_long": Kind.LONG,
    "to_double": Kind.DOUBLE,
    "to_boolean": Kind.BOOLEAN,
    "to_address": Kind.IP,
    "to_address_name": Kind.IP,
    "to_moment": Kind.DATE,
}
_ORDERS: Final = {order.value: order for order in Comparison}
_FUNCTIONS: Final = {function.value: function for function in Function}
_SIGNS: Final = {"ANY_RUN": Wild.ANY_RUN, "ANY_ONE": Wild.ANY_ONE}
_ANALYZERS: Final = {"powershell_words": Analyzer.POWERSHELL, "standard_words": Analyzer.STANDARD}
_ANY_CASE: Final = "_any_case"
_MAPPED: Final = 0xFFFF << 32


class Conditions:
    """Reads conditions over `event`."""

    def __init__(self, constants: Constants) -> None:
        self._constants = constants

    def of(self, node: ast.expr) -> Predicate:
        """The predicate of an expression. Raises UnraisedError."""
        match node:
            case ast.BoolOp(ast.And(), terms):
                return And(tuple(map(self.of, terms)))
            case ast.BoolOp(ast.Or(), terms):
                return Or(tuple(map(self.of, terms)))
            case ast.UnaryOp(ast.Not(), term):
                return Not(self.of(term))
            case ast.Constant(bool() as truth):
                return Constant(truth)
            case ast.Call(ast.Name("any"), [ast.GeneratorExp(term, [loop])], []):
                return self._element(term, loop)
            case ast.Call(ast.Name("bool"), [ast.Call(ast.Name(function), arguments, [])], []):
                return self._present(function, arguments)
            case ast.Call(ast.Name("holds"), [ast.Name("event"), script], []):
                found = self._script(value(script, self._constants))
                if not isinstance(found, Call):
                    raise UnraisedError("a script that is no function")
                return Holds(found)
            case ast.Call(ast.Name(function), [ast.Name("event"), path, *arguments], []):
                return self._asked(function, self._path(path), arguments)
            case _:
                raise UnraisedError(f"a condition {ast.unparse(node)[:40]}")

    def _path(self, node: ast.expr) -> str:
        found = value(node, self._constants)
        if not isinstance(found, str):
            raise UnraisedError("a field without a name")
        return found

    def _element(self, term: ast.expr, loop: ast.comprehension) -> Predicate:
        match loop:
            case ast.comprehension(
                ast.Name("event"), ast.Call(ast.Name("objects"), [ast.Name("event"), path], []), [], 0
            ):
                return Element(self._path(path), self.of(term))
            case _:
                raise UnraisedError("a loop of another kind")

    def _present(self, function: str, arguments: Sequence[ast.expr]) -> Predicate:
        match function, arguments:
            case "read", [ast.Name("event"), path]:
                return Present(Field(self._path(path)))
            case "numbers", [ast.Name("event"), path, convert]:
                return Present(Field(self._path(path), _kind(value(convert, self._constants))))
            case _:
                raise UnraisedError(f"the function {function}")

    def _asked(self, function: str, path: str, arguments: Sequence[ast.expr]) -> Predicate:
        case = Case.INSENSITIVE if function.endswith(_ANY_CASE) else Case.SENSITIVE
        if function in ("compares", "compares_text", "lies_between"):
            return self._ordered(function, path, arguments)
        found = [value(argument, self._constants) for argument in arguments]
        match function.removesuffix(_ANY_CASE), found:
            case "is_one_of", [values]:
                return OneOf(Field(path), tuple(_folded(text, case) for text in texts(values)), case)
            case "is_like", [_, *_]:
                return Like(Field(path), tuple(_pattern(one, case) for one in found), case)
            case "is_match", [_, *_]:
                return Matches(Field(path), tuple(programs.expression(one, case) for one in found), case)
            case "in_network", [tuple(ranges)] if function == "in_network":
                return InNetwork(Field(path, Kind.IP), tuple(n for one in ranges for n in _networks(one)))
            case "has_phrase", [Sign(cut), tuple(tokens)] if function == "has_phrase" and cut in _ANALYZERS:
                words = tuple(_pattern(token, Case.SENSITIVE) for token in tokens)
                return Phrase(Field(path, Kind.TEXT), words, _ANALYZERS[cut])
            case _:
                raise UnraisedError(f"the function {function}")

    # ---- comparisons

    def _ordered(self, function: str, path: str, arguments: Sequence[ast.expr]) -> Predicate:
        match function, arguments:
            case "compares_text", [order, text]:
                wanted = value(text, self._constants)
                if not isinstance(wanted, str):
                    raise UnraisedError("a text compared with another value")
                return Compare(Field(path), self._order(order), wanted)
            case "compares", [convert, order, wanted]:
                kind = _kind(value(convert, self._constants))
                return Compare(Field(path, kind), self._order(order), self._operand(wanted, kind))
            case "lies_between", [convert, above, low, below, high]:
                kind = _kind(value(convert, self._constants))
                first, last = self._order(above), self._order(below)
                if first not in _LOW or last not in _HIGH:
                    raise UnraisedError("two ends on one side")
                ends = (
                    End(self._operand(low, kind), first in _INCLUDED),
                    End(self._operand(high, kind), last in _INCLUDED),
                )
                return Between(Field(path, kind), *ends)
            case _:
                raise UnraisedError(f"the function {function}")

    def _order(self, node: ast.expr) -> Comparison:
        found = value(node, self._constants)
        if not isinstance(found, str) or found not in _ORDERS:
            raise UnraisedError("an order that is none")
        return _ORDERS[found]

    def _operand(self, node: ast.expr, kind: Kind) -> Scalar:
        match node:
            case ast.Call(ast.Name("date_math"), [ast.Name("now"), offset, unit], []):
                by, to = value(offset, self._constants), value(unit, self._constants)
                if not isinstance(by, int) or to not in _UNITS:
                    raise UnraisedError("a moment that is none")
                return Now(by, _UNITS[to])
            case _:
                return _scalar(value(node, self._constants), kind)

    # ---- scripts

    def _script(self, found: object) -> Value:
        match found:
            case ("field", str(path), convert):
                return Field(path, _kind(convert))
            case ("value", constant):
                return Literal(_constant(constant))
            case ("like", bool(folds), pattern, source):
                case = Case.INSENSITIVE if folds else Case.SENSITIVE
                return Call(Function.LIKE, (self._script(source), Literal(_pattern(pattern, case))), case)
            case (str(name), bool(folds), *arguments) if name in _FUNCTIONS:
                case = Case.INSENSITIVE if folds else Case.SENSITIVE
                return Call(_FUNCTIONS[name], tuple(map(self._script, arguments)), case)
            case _:
                raise UnraisedError("a script that is not known")


_UNITS: Final[dict[object, str]] = {0: "", **{ms: name for name, ms in ROUND_MS.items() if name}}
_LOW, _HIGH = (Comparison.GT, Comparison.GE), (Comparison.LT, Comparison.LE)
_INCLUDED = (Comparison.GE, Comparison.LE)


def _kind(convert: object) -> Kind:
    if not isinstance(convert, Sign) or convert.name not in KINDS:
        raise UnraisedError("a value that is read otherwise")
    return KINDS[convert.name]


def _constant(found: object) -> Scalar | None:
    if found is None or isinstance(found, str | int | float | bool):
        return found
    raise UnraisedError("a constant that is no plain value")


def _scalar(found: object, kind: Kind) -> Scalar:
    if kind is Kind.IP and isinstance(found, int):
        return address_text(found)
    if kind is Kind.DATE and isinstance(found, int):
        return Instant(found)
    constant = _constant(found)
    if constant is None:
        raise UnraisedError("a comparison with null")
    return constant


def address_text(bits: int) -> str:
    """An address of 128 bits, IPv4 where it is one."""
    found = ipaddress.IPv6Address(bits)
    return str(found.ipv4_mapped or found)


def _folded(text: str, case: Case) -> str:
    """A text that is compared; one with upper-case letters is never found where case is ignored."""
    if case is Case.INSENSITIVE and text != patterns.fold(text, case):
        raise UnraisedError("an upper-case letter where case is ignored")
    return text


def _pattern(found: object, case: Case) -> Pattern:
    if not isinstance(found, tuple):
        raise UnraisedError("a pattern that is none")
    parts: list[str | Wild] = []
    for part in found:
        match part:
            case str():
                parts.append(_folded(part, case))
            case Sign(name) if name in _SIGNS:
                parts.append(_SIGNS[name])
            case _:
                raise UnraisedError("a pattern that is none")
    return patterns.of(*parts)


def _networks(found: object) -> tuple[str, ...]:
    """The networks that make up a range of addresses."""
    match found:
        case (int(low), int(high)) if low <= high:
            if low >> 32 == high >> 32 == _MAPPED >> 32:
                ends = ipaddress.IPv4Address(low & 0xFFFFFFFF), ipaddress.IPv4Address(high & 0xFFFFFFFF)
                return tuple(map(str, ipaddress.summarize_address_range(*ends)))
            whole = ipaddress.IPv6Address(low), ipaddress.IPv6Address(high)
            return tuple(map(str, ipaddress.summarize_address_range(*whole)))
        case _:
            raise UnraisedError("a range that is none")
