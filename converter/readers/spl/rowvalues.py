"""Expressions of eval over rows as values, by the shapes in which a value of several parts is written.

What Splunk's documents leave open has no reading: texts joined of which one may be NULL, a division by what may be 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from converter.languages.spl.replace import replaced
from converter.languages.spl.syntax import Binary, Call, Expression, Junction, Logic, Name, Negative, Number, Sign, Text
from converter.model.normalise import normalise
from converter.model.predicate import And, Predicate
from converter.model.value import Kind
from converter.readers.pipelines.flow import Flow
from converter.readers.pipelines.values import (
    NULL,
    NUMBERS,
    Literal,
    Of,
    Stored,
    Value,
    before,
    behind,
    behind_start,
    concat,
    distinct,
    element,
    is_many,
    joined,
    kind_of,
    numeric,
    one,
    sliced,
)
from converter.readers.spl.check import EQUAL
from converter.readers.spl.columns import Columns, subject
from converter.readers.spl.moments import time_of
from converter.readers.spl.texts import unescaped
from converter.readers.unraised import UnraisedError

NOTHING: Final = Text("(null)")
"""Stands for null in keys, which `stats` would drop."""
_NULL: Final = Call("null")
_ALWAYS: Final = Call("true")
_ZERO, _ONE = Number("0"), Number("1")
_BLANKS: Final = Text(" \\t\\n\\r")
_BAD_PERCENT: Final = "%(?![0-9A-Fa-f][0-9A-Fa-f])"
_SIGNS: Final = {Sign.ADD: "+", Sign.SUBTRACT: "-", Sign.MULTIPLY: "*"}
_PLAIN: Final = {"round": "round", "abs": "abs", "ceiling": "ceil", "floor": "floor"}
_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")
_LEAST, _MOST = -(1 << 31), (1 << 31) - 1


class RowValues:
    """Reads expressions over the present row; `held` are the columns that stages made, `true` reads a condition."""

    def __init__(self, flow: Flow, columns: Columns, true: Callable[[Expression], Predicate]) -> None:
        self._flow = flow
        self._columns = columns
        self._true = true
        self.held: dict[str, Value | UnraisedError] = {}
        self.made: dict[str, Expression] = {}

    def name(self, name: str) -> Value:
        """The value of a column. Raises UnraisedError."""
        found = self.held.get(name)
        if isinstance(found, UnraisedError):
            raise found
        if found is not None:
            return found
        if name not in self._columns:
            raise UnraisedError(f"the column {name}")
        return Stored(self._columns[name])

    def value(self, node: Expression) -> Value:
        """The value or values. Raises UnraisedError."""
        known = self._stored(node)
        if known is not None:
            return known
        match node:
            case Name(text):
                return self.name(text)
            case Text(raw):
                return Literal(unescaped(raw))
            case Number(digits):
                return Literal(int(digits) if digits.isdigit() else float(digits))
            case Negative(Number(digits)):
                return Literal(-int(digits) if digits.isdigit() else -float(digits))
            case Call("if", (test, one_, other)):
                return self._choice(test, one_, other)
            case Call("case", arms) if len(arms) % 2 == 0:
                return self._case(arms)
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)
            case _:
                raise UnraisedError(f"a value of the kind {type(node).__name__}")

    def _stored(self, node: Expression) -> Value | None:
        """The column of the event that an expression of a table gives, or its time."""
        if isinstance(node, Name | Text | Number | Negative):
            return None
        timed = time_of(replaced(node, self.made))
        if timed is not None:
            found = self._columns.get(subject(timed))
            return None if found is None or found.kind is not Kind.DATE else Stored(found)
        try:
            text = subject(replaced(node, self.made))
        except UnraisedError:
            return None
        return Stored(self._columns[text]) if text in self._columns else None

    def _single(self, node: Expression) -> Value:
        """The only value of what has no more. Raises UnraisedError for what may have several."""
        found = self.value(node)
        if is_many(found):
            raise UnraisedError("one value asked of a field of several")
        return found

    def _number(self, node: Expression) -> Value:
        return numeric(self._single(node))

    # ---- choices

    def _case(self, arms: tuple[Expression, ...]) -> Value:
        pairs = list(zip(arms[::2], arms[1::2], strict=True))
        match arms:
            case (true, Text("true"), false, Text("false")) if false != _ALWAYS:
                return self._flow.truth(self._true(true), self._true(false))
            case _:
                pass
        last: Value = NULL
        if pairs and pairs[-1][0] == _ALWAYS:
            last = self.value(pairs.pop()[1])
        return self._flow.choice([(self._true(test), self.value(value)) for test, value in pairs], last)

    def _choice(self, test: Expression, one_: Expression, other: Expression) -> Value:
        found = self._unguarded(test, one_) if other == _NULL else None
        found = found or self._shaped(test, one_, other)
        if found is not None:
            return found
        return self._flow.choice([(self._true(test), self.value(one_))], self.value(other))

    def _unguarded(self, test: Expression, value: Expression) -> Value | None:
        """What `if(test, value, null())` is where the test asks for no more than that the value is there."""
        match test, value:
            case Binary(sign, Call("mvcount", (counted,)), Number("1")), _ if sign in EQUAL and counted == value:
                return one(self.value(value))
            case Call("isnotnull", (name,)), Call("mvmap", (each, changed)) if each == name:
                return self._each(name, changed)
            case _, Binary(Sign.CONCAT):
                return self._joined(test, value)
            case Binary(Sign.GT, Call("mvcount", (parts,)), Number("1")), Call("substr", (text, position)):
                return self._behind(parts, text, position)
            case Binary(sign, Binary(Sign.CONCAT, Text("="), first), Text("=")), Call("substr", (text, position)) if (
                sign in EQUAL
            ):
                return self._behind_start(first, text, position)
            case Logic(Junction.OR, (Call("cidrmatch", (Text(a), left)), Call("cidrmatch", (Text(b), right)))), _ if (
                a,
                b,
            ) == _EVERYWHERE and left == right == value:
                inner = self._single(value)
                return Of(f"to_ip of {'ip' if kind_of(inner) is Kind.IP else 'text'}", (inner,), Kind.IP)
            case _, Call("case", arms) if found := self._located(test, arms):
                return found
            case _:
                return self._within(test, value)

    def _located(self, test: Expression, arms: tuple[Expression, ...]) -> Value | None:
        """`case(len(part)==0, 1, true(), if(mvcount(split(text, part))>1, len(before)+1, 0))`, or its last value."""
        *empty, always, last = arms
        match last:
            case Call(
                "if",
                (
                    Binary(Sign.GT, Call("mvcount", (pieces,)), Number("1")),
                    Binary(Sign.ADD, Call("len", (first,)), Number("1")),
                    Number("0"),
                ),
            ) if always == _ALWAYS:
                cut = self.value(pieces)
            case _:
                return None
        match cut, empty:
            case Of("split", (_, Literal(str(part)))), [] if part:
                pass
            case Of("split", (_, part)), [Binary(sign, Call("len", (asked,)), Number("0")), Number("1")] if (
                sign in EQUAL and self.value(asked) == part
            ):
                pass
            case _:
                return None
        parts = cut.arguments
        there = normalise(And(tuple(self._flow.present(one_) for one_ in parts if not isinstance(one_, Literal))))
        if self.value(first) != element(cut, 0):
            return None
        return Of("locate", parts, Kind.LONG) if normalise(self._true(test)) == there else None

    def _shaped(self, test: Expression, one_: Expression, other: Expression) -> Value | None:
        match test, one_, other:
            case Binary(sign, name, nothing), null, again if (
                sign in EQUAL and nothing == NOTHING and null == _NULL and name == again
            ):
                marked = self.value(name)
                return marked.arguments[0] if isinstance(marked, Of) and marked.word == "mark" else None
            case Binary(Sign.EQ, Call("if", (Call("match", (text, Text(bad))), *_)), _), null, Call(
                "urldecode", (plain,)
            ) if bad == _BAD_PERCENT and null == _NULL and plain == Call("replace", (text, Text("[+]"), Text(" "))):
                return Of("url_decode", (self._single(text),), Kind.KEYWORD)
            case Binary(Sign.GE, value, Number("0")), Call("floor", (down,)), Call("ceiling", (up,)) if (
                value == down == up
            ):
                return self._whole(value)
            case Binary(sign, below, Number("0")), null, Binary(Sign.DIVIDE, above, again) if (
                sign in EQUAL and null == _NULL and below == again
            ):
                return Of("/", (self._number(above), self._number(below)), Kind.DOUBLE)
            case _:
                return None

    def _whole(self, value: Expression) -> Value | None:
        """A quotient rounded toward zero."""
        found = self._number(value)
        if isinstance(found, Of) and found.word == "/":
            return Of("div", found.arguments, Kind.LONG)
        return None

    def _within(self, test: Expression, value: Expression) -> Value | None:
        """A whole number that an integer holds."""
        match test:
            case Logic(Junction.AND, (Binary(Sign.GE, a, low), Binary(Sign.LE, b, high))) if (
                a == b == value and self.value(low) == Literal(_LEAST) and self.value(high) == Literal(_MOST)
            ):
                inner = self._number(value)
                word = "text" if isinstance(inner, Of) and inner.word == "to_long of text" else kind_of(inner).value
                argument = inner.arguments[0] if isinstance(inner, Of) and word == "text" else inner
                return Of(f"to_integer of {word}", (argument,), Kind.LONG)
            case _:
                return None

    def _each(self, name: Expression, changed: Expression) -> Value | None:
        match changed:
            case Call("lower" | "upper" as word, (inner,)) if inner == name:
                return Of(word, (self.value(name),), Kind.KEYWORD, many=is_many(self.value(name)))
            case _:
                raise UnraisedError("values changed one by one")

    def _joined(self, test: Expression, value: Expression) -> Value:
        """Texts one behind another, all of which are there."""
        parts = [self._single(part) for part in _pieces(value)]
        there = normalise(And(tuple(map(self._flow.present, parts))))
        if normalise(self._true(test)) != there:
            raise UnraisedError("texts put together of which one may be missing")
        return concat(tuple(parts))

    def _behind(self, parts: Expression, text: Expression, position: Expression) -> Value | None:
        match self.value(parts), position:
            case (
                Of("split", (whole, Literal(str(sign)))),
                Binary(Sign.ADD, Call("len", (first,)), Number(digits)),
            ) if (
                self.value(text) == whole and self.value(first) == before(whole, sign) and digits == str(len(sign) + 1)
            ):
                return behind(whole, sign)
            case _:
                raise UnraisedError("a part of a text")

    def _behind_start(self, first: Expression, text: Expression, position: Expression) -> Value | None:
        match self.value(first), position:
            case (
                Of("before", (whole, Literal(str(head)))),
                Binary(Sign.ADD, Call("len", (again,)), Number(digits)),
            ) if self.value(text) == whole and again == first and digits == str(len(head) + 1):
                return behind_start(whole, head)
            case _:
                raise UnraisedError("a part of a text")

    # ---- functions

    def _call(self, node: Call) -> Value:
        match node:
            case Call("null", ()):
                return NULL
            case Call("coalesce", (value, last)) if last == NOTHING:
                inner = self.value(value)
                return Of("mark", (inner,), kind_of(inner), is_many(inner))
            case Call("coalesce", parts):
                return self._flow.first(tuple(map(self.value, parts)))
            case Call("lower" | "upper" as word, (value,)):
                return Of(word, (self._single(value),), Kind.KEYWORD)
            case Call("len", (value,)):
                return Of("length", (self._single(value),), Kind.LONG)
            case Call("tonumber", (value,)):
                return self._as_number(self._single(value))
            case Call("tostring", (value,)):
                return Of("string", (self._number(value),), Kind.KEYWORD)
            case Call("round", (Call("tonumber", (value,)),)) if kind_of(self._single(value)) not in NUMBERS:
                return Of("to_long of text", (self._single(value),), Kind.LONG)
            case Call("round" | "abs" | "ceiling" | "floor" as word, arguments):
                numbers = tuple(map(self._number, arguments))
                return Of(_PLAIN[word], numbers[:1] if numbers[1:] == (Literal(0),) else numbers, kind_of(numbers[0]))
            case _:
                return self._of_text(node)

    def _as_number(self, value: Value) -> Value:
        match value:
            case Of("capture"):
                return Of(value.word, value.arguments, Kind.LONG)
            case _ if kind_of(value) in NUMBERS:
                return value
            case _:
                return Of("to_double of text", (value,), Kind.DOUBLE)

    def _of_text(self, node: Call) -> Value:
        match node:
            case Call("trim", (value, blanks)) if blanks == _BLANKS:
                return Of("trim", (self._single(value),), Kind.KEYWORD)
            case Call("substr", (value, Number(start), *size)) if start.isdigit() and int(start) > 0:
                sizes = [self.value(one_) for one_ in size]
                return Of("substring", (self._single(value), Literal(int(start) - 1), *sizes), Kind.KEYWORD)
            case Call("replace", (value, Text(pattern), new)):
                return self._replaced(value, pattern, new)
            case Call("split", (value, apart)):
                return Of("split", (self._single(value), self._single(apart)), Kind.KEYWORD, many=True)
            case Call("mvcount", (values,)):
                return self._flow.counted(self.value(values))
            case Call("mvjoin", (values, Text(apart))):
                return joined(self.value(values), unescaped(apart))
            case Call("mvdedup", (values,)):
                return distinct(self.value(values))
            case Call("mvsort", (values,)):
                return self._sorted(self.value(values))
            case Call("mvindex", (values, at)):
                match self.value(at):
                    case Literal(int(place)):
                        return element(self.value(values), place)
                    case _:
                        raise UnraisedError("a place that is computed")
            case Call("mvindex", (values, first, last)):
                return sliced(self.value(values), self._places(first, last))
            case _:
                raise UnraisedError(f"the function {node.function}")

    def _places(self, *nodes: Expression) -> tuple[int, ...]:
        found = [self.value(node) for node in nodes]
        places = tuple(one_.value for one_ in found if isinstance(one_, Literal) and isinstance(one_.value, int))
        if len(places) < len(found):
            raise UnraisedError("a place that is computed")
        return places

    def _sorted(self, values: Value) -> Value:
        """Values in the order of texts; those that have no order may be in any."""
        if not is_many(values):
            return values
        if kind_of(values) not in (Kind.KEYWORD, Kind.BOOLEAN) and values not in self._flow.unordered:
            raise UnraisedError("an order of values that are no texts")
        return Of("sorted", (values,), kind_of(values), many=True)

    def _replaced(self, value: Expression, pattern: str, new: Expression) -> Value:
        from converter.readers.pipelines.regex import perl, pieces  # few pipelines have one

        parts: list[str | int] = []
        for piece in _pieces(new):
            match piece:
                case Text(raw):
                    parts += _template(raw)
                case Call("urldecode", (Text(raw),)) if len(raw) == 3 and raw.startswith("%"):  # noqa: PLR2004
                    parts.append(chr(int(raw[1:], 16)))
                case _:
                    raise UnraisedError("a replacement that is computed")
        return Of("replace", (self._single(value), perl(pattern), pieces(parts)), Kind.KEYWORD)

    def _binary(self, node: Binary) -> Value:
        match node:
            case Binary(Sign.MULTIPLY, Call("now", ()), Number("1000")):
                return Of("now", (), Kind.DATE)
            case Binary(Sign.MULTIPLY, Call("floor", (Binary(Sign.DIVIDE, value, Number(unit)),)), Number(again)) if (
                unit == again and unit.isdigit() and int(unit)
            ):
                return Of("trunc", (Literal(int(unit)), self._number(value)), kind_of(self.value(value)))
            case Binary(Sign.ADD | Sign.SUBTRACT | Sign.MULTIPLY as sign, left, right):
                sides = (self._number(left), self._number(right))
                return Of(_SIGNS[sign], sides, Kind.LONG)
            case Binary(Sign.DIVIDE, above, below):
                divisor = self._number(below)
                if not isinstance(divisor, Literal) or not divisor.value:
                    raise UnraisedError("a division by what may be 0")
                return Of("/", (self._number(above), divisor), Kind.DOUBLE)
            case _:
                raise UnraisedError(f"a value with {node.sign.value}")


def _kind(values: tuple[Value, ...]) -> Kind:
    known = [one_ for one_ in values if one_ != NULL]
    return kind_of(known[0]) if known else Kind.KEYWORD


def _pieces(value: Expression) -> list[Expression]:
    """The texts that are joined, in order."""
    if isinstance(value, Binary) and value.sign is Sign.CONCAT:
        return [*_pieces(value.left), *_pieces(value.right)]
    return [value]


def _template(raw: str) -> list[str | int]:
    """The pieces of a replacement: a backslash and a digit are a group."""
    out: list[str | int] = []
    at = 0
    while at < len(raw):
        if raw[at] != "\\":
            out.append(raw[at])
            at += 1
        elif raw[at + 1 : at + 2].isdigit():
            out.append(int(raw[at + 1]))
            at += 2
        elif raw[at + 1 : at + 2] == '"':
            out.append('"')
            at += 2
        else:
            raise UnraisedError("a replacement with backslashes")
    return out
