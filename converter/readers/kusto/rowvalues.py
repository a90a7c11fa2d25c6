"""Expressions over rows as values, by the shapes in which a value of several parts is written.

The empty text stands for no text. Whether a text that may be empty is there another column tells: what asks such a text
itself asks whether it is filled, which is something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from converter.languages.kusto.layout import flat
from converter.languages.kusto.syntax import (
    Binary,
    Call,
    Duration,
    Expression,
    Index,
    Name,
    Negative,
    Number,
    Text,
    Truth,
    Typed,
)
from converter.languages.kusto.walk import names, replaced
from converter.model.normalise import normalise
from converter.model.pattern import Wild
from converter.model.predicate import And, Predicate
from converter.model.value import Field, Kind
from converter.readers.kusto.condition import milliseconds, subject
from converter.readers.kusto.shapes import KINDS, NO_ELEMENT, is_one, is_real
from converter.readers.pipelines.flow import Flow
from converter.readers.pipelines.values import (
    NULL,
    Literal,
    Of,
    Stored,
    Value,
    before,
    behind,
    chosen,
    concat,
    distinct,
    element,
    holding,
    is_many,
    joined,
    kind_of,
    numeric,
    one,
    sliced,
)
from converter.readers.unraised import UnraisedError

_EMPTY: Final = Text("")
_EPOCH: Final = Typed("datetime", "1970-01-01")
_SIGNS: Final = ("+", "-", "*")
_BLANKS: Final = "[\\x09-\\x0d\\x1c-\\x20]+"
BAD_PERCENT: Final = "%(?:[^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|[0-9A-Fa-f]?$)"
_LEAST, _ABOVE = -(1 << 31), 1 << 31
_TEXTS: Final = (Kind.KEYWORD, Kind.TEXT, Kind.IP)


class RowValues:
    """Reads expressions over the present row.

    `columns` are what is known of the event's, `held` what stages made, `known` the expressions of tables by name;
    `true` reads a condition.
    """

    def __init__(
        self,
        flow: Flow,
        columns: Mapping[str, Field],
        known: Mapping[Expression, Expression],
        true: Callable[[Expression], Predicate],
    ) -> None:
        self._flow = flow
        self._columns = columns
        self._known = known
        self._true = true
        self.held: dict[str, Value] = {}

    def value(self, node: Expression) -> Value:
        """The value or values. Raises UnraisedError."""
        if isinstance(node, Name) and node.name in self.held:
            return self.held[node.name]
        stored = self._stored(node)
        if stored is not None:
            return stored
        match node:
            case Text(text):
                return Literal(text) if text else NULL
            case Truth(value) | Number(value):
                return Literal(value)
            case Negative(Number(value)):
                return Literal(-value)
            case Typed(_, "null"):
                return NULL
            case Duration():
                return Literal(milliseconds(node))
            case Call("iff", (test, one_, other)):
                return self._choice(test, one_, other)
            case Call("case", arms):
                return self._case(arms)
            case Call():
                return self._call(node)
            case Index(values, Number(int(at))):
                return self._element(values, at)
            case Binary():
                return self._binary(node)
            case _:
                raise UnraisedError(f"the value {flat(node)[:60]}")

    def _stored(self, node: Expression) -> Value | None:
        """The column of the event that an expression gives."""
        if isinstance(node, Text | Number | Truth | Typed | Duration) or any(name in self.held for name in names(node)):
            return None
        field = self._columns.get(subject(replaced(node, self._known)))
        if field is None or (isinstance(node, Call) and field.kind not in KINDS.get(node.function, tuple(Kind))):
            return None  # which is converted
        return Stored(field)

    def single(self, node: Expression) -> Value:
        """The only value of what has no more. Raises UnraisedError for what may have several."""
        found = self.value(node)
        if is_many(found):
            raise UnraisedError("one value asked of an array")
        return found

    def _number(self, node: Expression) -> Value:
        return numeric(self.single(node))

    # ---- whether there is a value

    def filled(self, value: Value) -> bool:
        """Whether a text is there wherever it is not empty, and never empty where it is."""
        if kind_of(value) not in _TEXTS:
            return True
        match value:
            case Stored():
                return True
            case Literal(constant):
                return constant != ""
            case Of("lower" | "upper" | "one" | "at" | "sorted" | "each", (inner, *_)):
                return self.filled(inner)
            case Of("concat", parts):
                return any(isinstance(part, Literal) or self.filled(part) for part in parts)
            case Of("case" | "coalesce", values):
                return all(map(self.filled, values))
            case Of("string" | "values", (inner, *_)):
                return self.filled(inner)
            case Of("join", (inner, _)):
                return self.filled(inner)
            case Of("capture", (_, Literal(str(pattern)), Literal(int(number)))):
                from converter.readers.pipelines.groups import least  # few pipelines have one

                return least(pattern, number) > 0
            case Of():
                return False
            case _:
                return self._flow.made_of(value) is None or self.filled(self._flow.made_of(value) or value)

    # ---- choices

    def _case(self, arms: tuple[Expression, ...]) -> Value:
        pairs, last = list(zip(arms[:-1:2], arms[1::2], strict=False)), arms[-1]
        match arms:
            case (true, Truth(value=True), false, Truth(value=False), Typed("bool", "null")):
                return self._flow.truth(self._true(true), self._true(false))
            case (
                Binary("==", value, Truth(value=True)),
                Text("true"),
                Binary("==", again, Truth(value=False)),
                Text("false"),
                Text(""),
            ) if value == again:
                return Of("string", (self.single(value),), Kind.KEYWORD)
            case _:
                pass
        if (listed := self._listed(arms)) is not None:
            return listed
        return self._flow.choice([(self._true(test), self.value(value)) for test, value in pairs], self.value(last))

    def _listed(self, arms: tuple[Expression, ...]) -> Value | None:
        """An array with an element at least, so that its row stays."""
        match arms:
            case (
                Binary(">", Call("array_length", (first,)), Number(0)),
                values,
                Call("isnull", (Call("array_length", (second,)),)),
                Call("pack_array", (third,)),
                Call("pack_array", (Typed("dynamic", "null"),)),
            ) if first == values == second == third:
                inner = self.value(values)
                return Of("listed", (inner,), kind_of(inner), many=True)
            case _:
                return None

    def _choice(self, test: Expression, one_: Expression, other: Expression) -> Value:
        found = self._shaped(test, one_, other)
        if found is not None:
            return found
        return self._flow.choice([(self._true(test), self.value(one_))], self.value(other))

    def _shaped(self, test: Expression, one_: Expression, other: Expression) -> Value | None:
        match test, one_, other:
            case Call("isnull", (Call("array_length", (values,)),)), again, Call("iff", (count, element, nothing)) if (
                values == again and is_one(count, element, nothing, values)
            ):
                return one(self.value(values))
            case Call("isnull", (Call("array_length", (values,)),)), alone, again if values == again:
                return self._as_array(values, alone)
            case Binary("==", Call("array_length", _), Number(1)), Index(values, Number(0)), nothing if is_one(
                test, one_, nothing, values
            ):
                return one(self.value(values))
            case Binary("==", below, Number(0)), Typed(_, "null"), Binary("/", above, again) if below == again:
                return self._quotient(above, below)
            case Binary(">", Call("array_length", (values,)) as count, Number(0)), again, Typed("long", "null") if (
                count == again
            ):
                return self._flow.counted(self.value(values))
            case Call("not", (Binary("matches regex", value, Text(bad)),)), decoded, Text("") if bad == BAD_PERCENT:
                plain = Call("url_decode", (Call("replace_string", (value, Text("+"), Text(" "))),))
                return Of("url_decode", (self.single(value),), Kind.KEYWORD) if decoded == plain else None
            case _:
                return self._guarded(test, one_, other) or self._cut(test, one_, other)

    def _as_array(self, values: Expression, alone: Expression) -> Value | None:
        """A column that holds one value by itself, or several in an array."""
        empty = Call("isempty", (Call("tostring", (values,)),))
        if alone == Call("iff", (empty, NO_ELEMENT, Call("pack_array", (values,)))):
            return self.value(values)
        return None

    def _guarded(self, test: Expression, value: Expression, other: Expression) -> Value | None:
        """What is made of values where all of them are there."""
        match value, other:
            case Call("strcat", parts), Text(""):
                found = [self.single(part) for part in parts]
                self._all_there(test, found, "texts put together of which one may be missing")
                return concat(tuple(found))
            case Call("strlen", (text,)), Typed("long", "null"):
                inner = self.single(text)
                self._all_there(test, [inner], "the length of what may be missing")
                return Of("length", (inner,), Kind.LONG)
            case Call("split", (text, Text(apart))), Typed("dynamic", "null"):
                inner = self.single(text)
                self._all_there(test, [inner], "the parts of what may be missing")
                return Of("split", (inner, Literal(apart)), Kind.KEYWORD, many=True)
            case Binary("+", Call("indexof", (text, part)), Number(1)), Typed("long", "null"):
                sides = [self.single(text), self.single(part)]
                self._all_there(
                    test, [s for s in sides if not isinstance(s, Literal)], "the place of what may be missing"
                )
                return Of("locate", tuple(sides), Kind.LONG)
            case Call("pack_array", (alone,)), Typed("dynamic", "null"):
                inner = self.single(alone)
                self._all_there(test, [inner], "an array of what may be missing")
                return inner
            case Call("array_concat", (left, right)), Typed("dynamic", "null"):
                both = [self.value(left), self.value(right)]
                self._all_there(test, both, "arrays put together of which one may be missing")
                return Of("mv_append", tuple(both), kind_of(both[0]), many=True)
            case _:
                return self._within(test, value, other)

    def _all_there(self, test: Expression, values: list[Value], why: str) -> None:
        if normalise(self._true(test)) != normalise(And(tuple(map(self._flow.present, values)))):
            raise UnraisedError(why)

    def _within(self, test: Expression, value: Expression, other: Expression) -> Value | None:
        """A whole number that an integer holds."""
        bounds = (Binary(">=", value, Number(_LEAST)), Binary("<", value, Number(_ABOVE)))
        terms = getattr(test, "terms", ())
        if tuple(terms) != bounds or other != Typed("long", "null"):
            return None
        inner = self._number(value)
        return Of(f"to_integer of {kind_of(inner).value}", (inner,), Kind.LONG)

    # ---- parts of texts

    def _cut(self, test: Expression, one_: Expression, other: Expression) -> Value | None:
        """`iff(At < 0, "", substring(Whole, ...))` where At is the place of a delimiter in Whole."""
        match test, one_, other:
            case Binary("<", Name() as at, Number(0)), Text(""), Call("substring", (whole, *places)):
                pass
            case _:
                return None
        match self.held.get(at.name), places:
            case Of("locate from 0", (text, Literal(str(sign)))), [Number(0), last] if last == at:
                found = And((self._flow.present(text), holding(text, Wild.ANY_RUN, sign, Wild.ANY_RUN)))
                return chosen(((found, before(text, sign)),), NULL)
            case Of("locate from 0", (text, Literal(str(sign)))), [Binary("+", first, Number(size))] if (
                first == at and size == len(sign) and self.value(whole) == text
            ):
                return behind(text, sign)
            case _:
                return None

    # ---- functions

    def _call(self, node: Call) -> Value:
        match node:
            case Call("now", ()):
                return Of("now", (), Kind.DATE)
            case Call("ago", (Duration() as span,)):
                return Of("-", (Of("now", (), Kind.DATE), Literal(milliseconds(span))), Kind.DATE)
            case Call("coalesce", parts):
                return self._flow.first(tuple(map(self.value, parts)))
            case Call("tolower" | "toupper" as word, (value,)):
                return Of(word.removeprefix("to"), (self.single(value),), Kind.KEYWORD)
            case Call("tostring", (value,)):
                inner = self.value(value)
                return inner if kind_of(inner) in _TEXTS else Of("string", (inner,), Kind.KEYWORD)
            case Call("tolong", (Binary("/", Binary("-", value, epoch), Duration(1, "ms")),)) if epoch == _EPOCH:
                return Of("to_long of date", (self._number(value),), Kind.LONG)
            case Call("tolong", (Binary("/", length, Duration() as unit),)):
                return Of("div", (self._number(length), Literal(milliseconds(unit))), Kind.LONG)
            case Call("tolong" | "toint" | "todouble" | "toreal" | "tobool" | "todatetime", (value,)):
                return self._converted(node.function, self.value(value))
            case Call("abs" | "ceiling", (value,)):
                inner = self._number(value)
                return Of("ceil" if node.function == "ceiling" else "abs", (inner,), kind_of(inner))
            case Call("bin", (value, Number(1))):
                return Of("floor", (self._number(value),), Kind.DOUBLE)
            case Call("bin", (value, Duration() as unit)):
                return Of("trunc", (Literal(milliseconds(unit)), self._number(value)), Kind.DATE)
            case _:
                return self._of_text(node)

    def _converted(self, function: str, value: Value) -> Value:
        kind = kind_of(value)
        if kind in _TEXTS and not (isinstance(value, Literal) and value.value is None):
            if function in ("todouble", "toreal"):
                return Of("to_double of text", (value,), Kind.DOUBLE)
            raise UnraisedError(f"{function} of a text")
        if kind is Kind.DATE and function != "todatetime":
            raise UnraisedError(f"{function} of a time")
        return value

    def _of_text(self, node: Call) -> Value:
        match node:
            case Call("substring", (value, Number(int(start)), *size)):
                sizes = [self.value(one_) for one_ in size]
                return Of("substring", (self.single(value), Literal(start), *sizes), Kind.KEYWORD)
            case Call("trim", (Text(blanks), value)) if blanks == _BLANKS:
                return Of("trim", (self.single(value),), Kind.KEYWORD)
            case Call("replace_regex", (value, Text(pattern), Text(new))):
                from converter.readers.pipelines.regex import kusto_replaced  # few pipelines have one

                return Of("replace", (self.single(value), *kusto_replaced(pattern, new)), Kind.KEYWORD)
            case Call("extract", (Text(pattern), Number(int(number)), value)):
                from converter.readers.pipelines.regex import common  # few pipelines have one

                return Of("capture", (self.single(value), common(pattern), Literal(number)), Kind.KEYWORD)
            case Call("indexof", (value, Text(sign))):
                return Of("locate from 0", (self.single(value), Literal(sign)), Kind.LONG)
            case Call("base64_decode_tostring", (value,)):
                return Of("from_base64", (self.single(value),), Kind.KEYWORD)
            case _:
                return self._of_many(node)

    def _of_many(self, node: Call) -> Value:
        match node:
            case Call("strcat_array", (values, Text(apart))):
                return joined(self.value(values), apart)
            case Call("array_sort_asc", (values,)):
                return self._sorted(self.value(values))
            case Call("array_slice", (values, first, last)):
                match self.value(first), self.value(last):
                    case Literal(int(start)), Literal(int(end)):
                        return sliced(self.value(values), (start, end))
                    case _:
                        raise UnraisedError("a place that is computed")
            case Call("set_union", (left, right)) if left == right:
                return distinct(self.value(left))
            case Call("set_union" | "set_intersect" as word, (left, right)):
                both = (self.value(left), self.value(right))
                found_word = "mv_union" if word == "set_union" else "mv_intersection"
                return Of(found_word, both, kind_of(both[0]), many=True)
            case _:
                raise UnraisedError(f"the function {node.function}")

    def _sorted(self, values: Value) -> Value:
        """Values in the order of texts or numbers; those that have no order may be in any."""
        if not is_many(values):
            return values
        if kind_of(values) is Kind.IP and values not in self._flow.unordered:
            raise UnraisedError("an order of addresses")
        return Of("sorted", (values,), kind_of(values), many=True)

    def _element(self, values: Expression, at: int) -> Value:
        match values:
            case Call("array_sort_desc", (inner,)) if at == 0:
                ordered = self._sorted(self.value(inner))
                return Of("at", (ordered, Literal(-1)), kind_of(ordered))
            case _:
                return element(self.value(values), at)

    # ---- numbers

    def _binary(self, node: Binary) -> Value:
        match node:
            case Binary("+", left, Duration() as span) if left == _EPOCH:
                return Literal(milliseconds(span))
            case Binary("*", Binary("/", Call("bin", (scaled, Number(1))), Number(scale)), sign):
                rounded = self._rounded(scaled, scale, sign)
                if rounded is not None:
                    return rounded
            case Binary("/", above, below):
                divisor = self._number(below)
                if not isinstance(divisor, Literal) or not divisor.value:
                    raise UnraisedError("a division by what may be 0")
                return self._quotient(above, below)
            case _:
                pass
        if node.operator not in _SIGNS:
            raise UnraisedError(f"a value with {node.operator}")
        sides = (self._number(node.left), self._number(node.right))
        double = any(kind_of(side) is Kind.DOUBLE for side in sides)
        return Of(node.operator, sides, Kind.DOUBLE if double else Kind.LONG)

    def _quotient(self, above: Expression, below: Expression) -> Value:
        """A division, of whole numbers or not."""
        sides = (self._number(above), self._number(below))
        real = any(map(is_real, (above, below))) or any(kind_of(side) is Kind.DOUBLE for side in sides)
        return Of("/" if real else "div", sides, Kind.DOUBLE if real else Kind.LONG)

    def _rounded(self, scaled: Expression, scale: float, sign: Expression) -> Value | None:
        """Half away from zero, by so many places."""
        match scaled, sign:
            case (
                Binary("+", Binary("*", Call("abs", (value,)), Number(again)), Number(0.5)),
                Call("iff", (Binary("<", signed, Number(0)), Number(-1), Number(1))),
            ) if again == scale and signed == value:
                digits = len(str(int(scale))) - 1
                if 10.0**digits != scale:
                    return None
                return Of("round", (self._number(value), *((Literal(digits),) if digits else ())), Kind.DOUBLE)
            case _:
                return None
