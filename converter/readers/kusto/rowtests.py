"""Conditions over rows: what they ask of values, and of the event itself as every query asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from converter.deferred import replace
from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import Among, Between, Binary, Call, Chain, Expression, Name, Number, Text, Truth
from converter.languages.kusto.walk import names, replaced, walk
from converter.model.normalise import normalise
from converter.model.pattern import Case, Wild
from converter.model.predicate import And, Comparison, Constant, Not, OneOf, Or, Predicate
from converter.model.value import Field, Kind
from converter.model.walk import fields, map_fields
from converter.readers.kusto.condition import Conditions, subject
from converter.readers.kusto.rowvalues import BAD_PERCENT, RowValues
from converter.readers.pipelines.asks import Asks
from converter.readers.pipelines.flow import Flow
from converter.readers.pipelines.values import (
    NUMBERS,
    Literal,
    Of,
    Value,
    badly_encoded,
    holding,
    is_many,
    kind_of,
    matching,
)
from converter.readers.unraised import UnraisedError

_ORDERS: Final = {order.value: order for order in Comparison}
_NUMERIC: Final = (*NUMBERS, Kind.DATE)
_TEXTS: Final = (Kind.KEYWORD, Kind.TEXT, Kind.IP)
_NETWORKS: Final = (
    "ipv4_is_in_range",
    "ipv4_is_in_any_range",
    "ipv6_is_in_range",
    "ipv6_is_in_any_range",
    "ipv6_is_match",
    "ipv4_is_private",
)


def _asks_for_code(node: Expression) -> bool:
    return any(isinstance(one, Text) and one.value == BAD_PERCENT for one in walk(node))


class RowTests:
    """Reads conditions; `event` reads one of the event itself, `flags` are the columns that are conditions."""

    def __init__(
        self,
        flow: Flow,
        columns: Mapping[str, Field],
        event: Callable[[Expression], Predicate],
        known: Mapping[Expression, Expression],
    ) -> None:
        self._flow = flow
        self._asks = Asks(flow)
        self._columns = columns
        self._event = event
        self._known_names = known
        self.values = RowValues(flow, columns, known, self.true)
        self.flags: dict[str, Predicate] = {}

    def true(self, node: Expression) -> Predicate:
        """Of which rows the condition is true. Raises UnraisedError."""
        plain = self._of_event(node)
        if plain is not None:
            return plain
        match node:
            case Truth(value):
                return Constant(value)
            case Chain("and", terms):
                return And(self._together(terms))
            case Chain("or", terms):
                return Or(tuple(map(self.true, terms)))
            case Call("not", (inner,)):
                return Not(self.true(inner))
            case Name(name) if name in self.flags:
                return self.flags[name]
            case Call("isnotempty", (inner,)):
                return self._there(inner)
            case Call("isempty", (inner,)):
                return Not(self._there(inner))
            case Call("isnotnull", (inner,)):
                return self._known(inner)
            case Call("isnull", (inner,)):
                return Not(self._known(inner))
            case Call("coalesce", (Call("set_has_element", (values, Text(text))), Truth(value=False))):
                return self._element(values, text)
            case Call("coalesce", (Binary("==", Call("array_length", (values,)), Number(1)), Truth(value=False))):
                return self._flow.present(Of("one", (self.values.value(values),), Kind.KEYWORD))
            case Call("case", arms) if len(arms) % 2:
                return self._chosen(arms)
            case Call("iff", (test, one, other)):
                return self._chosen((test, one, other))
            case Name():
                return self._told(self.values.single(node))
            case Binary(operator, left, right) if operator.startswith("!"):
                opposite = {"!=": "==", "!~": "=~"}.get(operator, operator[1:])
                return Not(self.true(Binary(opposite, left, right)))
            case Among(operator, target, items) if operator.startswith("!"):
                return Not(self.true(Among(operator[1:], target, items)))
            case Binary(operator, left, right) if operator in _ORDERS:
                return self._compared(left, _ORDERS[operator], right) or self._asked(node)
            case Binary("matches regex", text, Text(pattern)) if pattern == BAD_PERCENT:
                coded = self.values.single(text)
                return And((self._flow.present(coded), badly_encoded(coded)))
            case Binary("matches regex", text, Text(pattern)) if "(?P<" in pattern:
                return self._found(self.values.single(text), pattern)
            case Binary() | Among() | Between() | Call():
                return self._asked(node)
            case _:
                raise UnraisedError(f"a condition {flat(node)[:40]}")

    def _chosen(self, arms: Sequence[Expression]) -> Predicate:
        """The condition that stands beside the first that is true, else the last."""
        found = self.true(arms[-1])
        for test, one in reversed(list(zip(arms[:-1:2], arms[1::2], strict=True))):
            where = self.true(test)
            found = Or((And((where, self.true(one))), And((Not(where), found))))
        return found

    def _of_event(self, node: Expression) -> Predicate | None:
        """A condition on columns of the event only, as every query has them."""
        held = self.values.held
        apart = isinstance(node, Truth) or (isinstance(node, Chain) and node.word == "and") or _asks_for_code(node)
        if apart or any(name in held or name in self.flags for name in names(node)):
            return None
        try:
            found = self._event(node)
        except UnraisedError:
            return None
        if any(field.path not in self._columns for field in fields(found)):
            return None
        return map_fields(found, lambda field: replace(self._columns[field.path], many=field.many))

    # ---- whether there is a value

    def _known(self, node: Expression) -> Predicate:
        """A text is never null, but for one that is an element of an array."""
        value = self.values.value(node)
        if kind_of(value) in _TEXTS and not is_many(value) and not (isinstance(value, Of) and value.word == "each"):
            raise UnraisedError("a text asked whether it is null")
        return self._flow.present(value)

    def _there(self, node: Expression) -> Predicate:
        value = self.values.value(node)
        there = self._flow.present(value)
        if self.values.filled(value):
            return there
        return And((there, Not(OneOf(self._flow.field(value), ("",), Case.SENSITIVE))))

    def _together(self, terms: Sequence[Expression]) -> tuple[Predicate, ...]:
        """The terms; `isnotempty(tostring(values)) and tostring(values) != "[]"` are the presence of several values."""
        found: list[Predicate] = []
        for term in terms:
            match term:
                case Call("isnotempty", (Call("tostring", (values,)) as shown,)) if (
                    Binary("!=", shown, Text("[]")) in terms
                ):
                    found.append(self._flow.present(self.values.value(values)))
                case Binary("!=", Call("tostring") as shown, Text("[]")) if Call("isnotempty", (shown,)) in terms:
                    continue
                case _:
                    found.append(self.true(term))
        return tuple(found)

    def _found(self, text: Value, pattern: str) -> Predicate:
        """What GROK looks for is found in a text."""
        from converter.readers.pipelines.regex import common  # few pipelines have one

        return And((self._flow.present(text), matching(text, str(common(pattern).value))))

    def _element(self, values: Expression, text: str) -> Predicate:
        held = self.values.value(values)
        if not is_many(held):
            raise UnraisedError("an array asked of what is none")
        return self._flow.asking(OneOf(self._flow.field(held), (text,), Case.SENSITIVE), {})

    def _told(self, value: Value) -> Predicate:
        if kind_of(value) is not Kind.BOOLEAN:
            raise UnraisedError("a condition that is a value")
        return self._flow.told(value, side=True)

    # ---- comparisons

    def _compared(self, left: Expression, order: Comparison, right: Expression) -> Predicate | None:
        """A comparison of numbers, times, truths, or of two values; None for one of a text with a constant."""
        if isinstance(right, Text) or isinstance(left, Text):
            return None
        one, other = self.values.single(left), self.values.single(right)
        match one, order, other:
            case Of("locate from 0", (text, Literal(str(sign)))), Comparison.GE, Literal(0):
                found = holding(text, Wild.ANY_RUN, sign, Wild.ANY_RUN)
                return And((self._flow.present(text), found))
            case _, Comparison.EQ, Literal(bool(value)) if kind_of(one) is Kind.BOOLEAN:
                return self._flow.told(one, side=value)
            case _, _, Literal(int() | float()) if kind_of(one) in _NUMERIC and not isinstance(one, Literal):
                return And((self._flow.present(one), self._asks.constant(self._flow.field(one), order, other)))
            case _ if isinstance(one, Literal) or isinstance(other, Literal):
                raise UnraisedError("a comparison with a constant of another kind")
            case _:
                return And(self._asks.both(one, order, other))

    def _asked(self, node: Expression) -> Predicate:
        """What is asked of the text of a value, by the words that every query has for it."""
        stands: dict[str, Value] = {}
        found = normalise(Conditions({}).of(self._standing(node, stands)))
        named = {f.path: f for f in map(self._flow.field, stands.values())}
        back = {short: self._flow.field(value) for short, value in stands.items()}
        if any(field.path not in back for field in fields(found)):
            raise UnraisedError("a condition on a computed value")
        plain = map_fields(found, lambda field: back[field.path])
        values = {self._flow.field(value).path: value for value in stands.values()}
        return self._flow.asking(plain, {path: values[path] for path in named})

    def _standing(self, node: Expression, stands: dict[str, Value]) -> Expression:
        """The condition with names that stand for the values whose texts it asks."""
        match node:
            case Binary(operator, left, right):
                return Binary(operator, self._operand(left, stands), right)
            case Among(operator, target, items):
                listed = tuple(replaced(item, self._known_names) for item in items)
                return Among(operator, self._operand(target, stands), listed)
            case Between(target, low, high, negated):
                return Between(self._operand(target, stands), low, high, negated)
            case Call(function, (target, *rest)) if function in _NETWORKS:
                return Call(function, (self._operand(target, stands), *rest))
            case Call("isnotnull" | "isnull", (Call("parse_ipv4", (target,)),)):
                return Call(node.function, (Call("parse_ipv4", (self._operand(target, stands),)),))
            case Call("coalesce", (inner, Truth(value=False) as no)):
                return Call("coalesce", (self._standing(inner, stands), no))
            case Call("not", (inner,)):
                return Call("not", (self._standing(inner, stands),))
            case Chain(word, terms):
                return Chain(word, tuple(self._standing(term, stands) for term in terms))
            case _:
                raise UnraisedError(f"a condition {flat(node)[:40]}")

    def _operand(self, node: Expression, stands: dict[str, Value]) -> Expression:
        match node:
            case Call("substring", (inner, Number(int()) as start)):
                return Call("substring", (self._operand(inner, stands), start))
            case Call("substring", (inner, Number(0), Binary("-", Call("strlen", (again,)), Number() as cut))) if (
                inner == again
            ):
                whole = self._operand(inner, stands)
                return Call("substring", (whole, Number(0), Binary("-", Call("strlen", (whole,)), cut)))
            case Call("strlen" | "tolower" as word, (inner,)):
                return Call(word, (self._operand(inner, stands),))
            case _:
                value = self.values.single(node)
                if kind_of(value) not in _TEXTS:
                    raise UnraisedError("a text asked of another value")
                name = Name(f"value{len(stands)}")
                stands[subject(name)] = value
                return name
