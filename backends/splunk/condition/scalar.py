"""Values of EQL scripts as expressions of eval: what a function comes to over single values, NULL where it has none."""

from __future__ import annotations

from typing import assert_never

from backends.splunk.condition import regex
from backends.splunk.condition.columns import Columns
from backends.splunk.condition.literal import is_plain, string
from converter.deferred import dataclass
from converter.languages.spl.flow import named
from converter.languages.spl.shorthand import (
    NULL,
    binary,
    call,
    case,
    concat,
    conjunction,
    disjunction,
    equal,
    number,
)
from converter.languages.spl.syntax import Expression, Number, Sign, Text
from converter.model.pattern import Case, Pattern
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Value

MARK = Text("=")
"""Put before (or behind) both sides of a comparison of texts, so that neither looks like a number."""

EMPTY = Text("")
ALWAYS = call("true")
_MOST_NAMES = 500
"""Some functions say an argument more than once, so that text doubles with every level."""


class Unsayable(Exception):  # noqa: N818 - a finding, not an error of the program
    """A script, or a part of one, without exact form; the message says why."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """An expression for one value. `is_text`: it is text (else a number); `whole`: an integer."""

    tree: Expression
    is_text: bool = True
    whole: bool = False


class Scalars:
    """Writes values; raises Unsayable."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def scalar(self, value: Value) -> Scalar:
        """The value as an expression; NULL where it has none."""
        found = self._scalar(value)
        if sum(1 for _ in named(found.tree)) > _MOST_NAMES:
            raise Unsayable("it is nested too deeply")
        return found

    def _scalar(self, value: Value) -> Scalar:
        match value:
            case Field():
                name = self._columns.value(value)
                if value.kind in (Kind.LONG, Kind.DOUBLE):
                    return Scalar(call("tonumber", name), is_text=False, whole=value.kind is Kind.LONG)
                if value.kind is Kind.DATE:
                    raise Unsayable("it computes with a date")
                return Scalar(name)
            case Literal(constant):
                return _literal(constant)
            case Call():
                return self._computed(value)
            case _:
                assert_never(value)

    def _computed(self, done: Call) -> Scalar:
        arguments = done.arguments
        match done.function:
            case Function.ADD | Function.SUBTRACT | Function.MULTIPLY | Function.DIVIDE | Function.MODULO:
                return _arithmetic(done.function, self.number(arguments[0]), self.number(arguments[1]))
            case Function.LENGTH:
                return Scalar(call("len", self.text(arguments[0])), is_text=False, whole=True)
            case Function.CONCAT:
                return self._concat(arguments)
            case Function.SUBSTRING:
                return self._substring(self.text(arguments[0]), arguments[1:])
            case Function.INDEX_OF:
                return self._index_of(self.text(arguments[0]), arguments[1:], done.case)
            case Function.BETWEEN:
                return _between(self.text(arguments[0]), arguments[1:], done.case)
            case Function.NUMBER:
                return _to_number(self.text(arguments[0]), arguments[1:])
            case Function.STRING:
                inner = self.scalar(arguments[0])
                return inner if inner.is_text else Scalar(call("tostring", inner.tree))
            case _:
                raise Unsayable(f"{done.function.value} is no value")

    def text(self, value: Value) -> Expression:
        """A value that has to be text."""
        found = self.scalar(value)
        if not found.is_text:
            raise Unsayable("a function of texts is given a number")
        return found.tree

    def number(self, value: Value) -> Scalar:
        """A value that has to be a number."""
        found = self.scalar(value)
        if found.is_text:
            raise Unsayable("it calculates with text")
        return found

    def _substring(self, source: Expression, places: tuple[Value, ...]) -> Scalar:
        if all(isinstance(p, Literal) and isinstance(p.value, int) for p in places):
            simple = _substring(source, [_integer(p) for p in places])
            if simple is not None:
                return Scalar(simple)
        start = _from_start(source, places[0], self.number(places[0]).tree)
        end = _from_start(source, places[1], self.number(places[1]).tree) if len(places) > 1 else call("len", source)
        computed = [self.number(p).tree for p in places if not isinstance(p, Literal)]
        nulls = disjunction(call("isnull", value) for value in (source, *computed))
        past = disjunction(
            [binary(end, Sign.LE, start), binary(start, Sign.GE, call("len", source))],
        )
        cut = call("substr", source, _plus(start, 1), binary(end, Sign.SUBTRACT, start))
        return Scalar(case((nulls, NULL), (past, EMPTY), (ALWAYS, cut)))

    def _index_of(self, source: Expression, rest: tuple[Value, ...], folding: Case) -> Scalar:
        if isinstance(rest[0], Literal):
            return _index_of(source, rest, folding)
        if len(rest) > 1:
            raise Unsayable("it looks for a computed text from a place on")
        return Scalar(place_of(source, self.text(rest[0]), folding, of_empty=Number("0")), is_text=False, whole=True)

    def _concat(self, arguments: tuple[Value, ...]) -> Scalar:
        """NULL if any part is NULL, whatever Splunk makes of a NULL beside a dot."""
        parts = [self.scalar(a) for a in arguments]
        shown = [p.tree if p.is_text else call("tostring", p.tree) for p in parts]
        nulls = [call("isnull", s) for s, a in zip(shown, arguments, strict=True) if not isinstance(a, Literal)]
        text = concat(*shown)
        return Scalar(call("if", disjunction(nulls), NULL, text) if nulls else text)


def _literal(constant: object) -> Scalar:
    match constant:
        case None:
            return Scalar(NULL)
        case bool():
            return Scalar(Text(str(constant).lower()))
        case int():
            return Scalar(number(constant), is_text=False, whole=True)
        case float():
            return Scalar(number(constant), is_text=False)
        case str():
            if constant and not is_plain(constant) and not is_plain(MARK.raw + constant):
                raise Unsayable("a constant has characters that a string of SPL does not hold with certainty")
            return Scalar(string(constant))
        case Instant() | Now() | Pattern():
            raise Unsayable("a constant is no plain value")
        case _:
            raise Unsayable("a constant is no plain value")


def constant_text(value: Value) -> str:
    """An argument that SPL needs as a constant text."""
    if isinstance(value, Literal) and isinstance(value.value, str):
        return value.value
    raise Unsayable("an argument is computed that SPL needs as a constant")


def _integer(value: Value) -> int:
    if isinstance(value, Literal) and isinstance(value.value, int):
        return value.value
    raise Unsayable("a place in a text is computed")


def constant_pattern(value: Value) -> Pattern:
    """An argument that is a wildcard pattern."""
    if isinstance(value, Literal) and isinstance(value.value, Pattern):
        return value.value
    raise Unsayable("a wildcard pattern is computed")


def match_test(value: Expression, pattern: str) -> Expression:
    """Whether a regular expression is found in the value."""
    return call("match", value, Text(pattern))


def folded(value: Expression, folding: Case) -> Expression:
    """The value as it is compared."""
    return call("lower", value) if folding is Case.INSENSITIVE else value


def marked(value: Expression, folding: Case) -> Expression:
    """The value behind a mark, which no number begins with."""
    return concat(MARK, folded(value, folding))


def ends_with(text: Expression, part: Expression) -> Expression:
    """Whether `text` ends in `part`: cut from a text that is always long enough."""
    tail = call("substr", concat(part, MARK, text, MARK), _plus(call("len", text), 2))
    fits = binary(call("len", part), Sign.LE, call("len", text))
    return conjunction([fits, equal(tail, concat(part, MARK))])


def _plus(value: Expression, constant: int) -> Expression:
    return binary(value, Sign.ADD, number(constant))


_SIGNS: dict[Function, Sign] = {
    Function.ADD: Sign.ADD,
    Function.SUBTRACT: Sign.SUBTRACT,
    Function.MULTIPLY: Sign.MULTIPLY,
}


def _arithmetic(function: Function, one: Scalar, other: Scalar) -> Scalar:
    whole = one.whole and other.whole
    sign = _SIGNS.get(function)
    if sign is not None:
        return Scalar(binary(one.tree, sign, other.tree), is_text=False, whole=whole)
    quotient = binary(one.tree, Sign.DIVIDE, other.tree)
    cut = call("if", binary(quotient, Sign.LT, Number("0")), call("ceiling", quotient), call("floor", quotient))
    if function is Function.DIVIDE:
        return Scalar(cut if whole else quotient, is_text=False, whole=whole)
    rest = binary(one.tree, Sign.SUBTRACT, binary(other.tree, Sign.MULTIPLY, cut))
    return Scalar(rest, is_text=False, whole=whole)


def _from_start(source: Expression, given: Value, place: Expression) -> Expression:
    """A place counted from the start; a negative one counts from the end and stops at the start."""
    constant = given.value if isinstance(given, Literal) else None
    if isinstance(constant, int) and constant >= 0:
        return place
    from_end = binary(call("len", source), Sign.ADD, place)
    stopped = call("if", binary(from_end, Sign.GT, Number("0")), from_end, Number("0"))
    if constant is not None:
        return stopped
    return call("if", binary(place, Sign.GE, Number("0")), place, stopped)


def _substring(source: Expression, places: list[int]) -> Expression | None:
    """A slice between constant places, said by cutting with replace; None if that is not shorter."""
    start, end = places[0], places[1] if len(places) > 1 else None

    def cut(pattern: str, kept: str = "") -> Expression:
        return call("replace", source, Text(pattern), Text(kept))

    match start, end:
        case 0, None:
            return source
        case _, None if start > 0:
            return cut(f"(?s)^.{{0,{start}}}")
        case _, None:
            return cut(f"(?s)^.*(?=.{{{-start}}}\\z)")
        case 0, int() if end < 0:
            return cut(f"(?s).{{0,{-end}}}\\z")
        case _, int() if start >= 0 and end > start:
            return cut(f"(?s)^.{{0,{start}}}(.{{0,{end - start}}}).*\\z", "\\1")
    return None


def place_of(source: Expression, part: Expression, folding: Case, *, of_empty: Expression) -> Expression:
    """Where a computed text stands first in another, NULL if nowhere.

    split() takes its separator as plain text; what it does at the ends of a text is not settled, so that these are
    asked first and last.
    """
    text, wanted = folded(source, folding), folded(part, folding)
    mark_and_wanted = concat(MARK, wanted)
    starts = equal(call("substr", concat(MARK, text), Number("1"), call("len", mark_and_wanted)), mark_and_wanted)
    pieces = call("split", text, wanted)
    return case(
        (disjunction([call("isnull", text), call("isnull", wanted)]), NULL),
        (equal(call("len", wanted), Number("0")), of_empty),
        (starts, Number("0")),
        (
            binary(call("mvcount", pieces), Sign.GT, Number("1")),
            call("len", call("mvindex", pieces, Number("0"))),
        ),
        (ends_with(text, wanted), binary(call("len", text), Sign.SUBTRACT, call("len", wanted))),
    )


def _first_group(source: Expression, pattern: str) -> Expression:
    return call("replace", source, Text(pattern), Text("\\1"))


def _index_of(source: Expression, rest: tuple[Value, ...], folding: Case) -> Scalar:
    """The length of what stands before the first occurrence."""
    wanted = constant_text(rest[0])
    start = max(0, _integer(rest[1])) if len(rest) > 1 else 0
    inner = regex.literal(wanted, folding)
    found = regex.flagged(regex.Written(f"^(.{{{start},}}?){inner.text}.*\\z", inner.folds, dots=True), folding)
    place = call("if", match_test(source, found), call("len", _first_group(source, found)), NULL)
    return Scalar(place, is_text=False, whole=True)


def _between(source: Expression, rest: tuple[Value, ...], folding: Case) -> Scalar:
    """What stands between the first `left` and the next (if greedy, the last) `right`; "" if there is nothing."""
    left, right = regex.literal(constant_text(rest[0]), folding), regex.literal(constant_text(rest[1]), folding)
    greedy = len(rest) > 2 and isinstance(rest[2], Literal) and rest[2].value is True  # noqa: PLR2004
    if not left.text or not right.text:
        return Scalar(source)
    run = "(.*)" if greedy else "(.*?)"
    body = regex.Written(f"^.*?{left.text}{run}{right.text}.*\\z", left.folds or right.folds, dots=True)
    found = regex.flagged(body, folding)
    empty = call("if", call("isnull", source), NULL, EMPTY)
    return Scalar(call("if", match_test(source, found), _first_group(source, found), empty))


_DECIMAL = r"^[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?\z"


def _whole_of_base(source: Expression, base: int) -> Expression:
    """A whole number of the base; `0x` may stand before those of base 16.

    Splunk does not say what `tonumber` makes of blanks and signs: it is given digits alone.
    """
    last = "0123456789abcdefghijklmnopqrstuvwxyz"[base - 1]
    digit = f"[0-{last}]" if base <= 10 else f"[0-9A-{last.upper()}a-{last}]"  # noqa: PLR2004
    mark = "(?:0x)?" if base == 16 else ""  # noqa: PLR2004
    digits = call("tonumber", call("replace", source, Text(f"^{mark}[+-]?"), EMPTY), number(base))
    return case(
        (match_test(source, f"^{mark}[+]?{digit}+\\z"), digits),
        (match_test(source, f"^{mark}-{digit}+\\z"), binary(Number("0"), Sign.SUBTRACT, digits)),
    )


def _to_number(source: Expression, rest: tuple[Value, ...]) -> Scalar:
    """Decimal text, or hexadecimal after 0x."""
    if rest:
        if isinstance(rest[0], Literal) and rest[0].value is None:
            return Scalar(NULL, is_text=False)
        base = _integer(rest[0])
        if base != 10:  # noqa: PLR2004
            return Scalar(_whole_of_base(source, base), is_text=False, whole=True)
        return Scalar(case((match_test(source, _DECIMAL), call("tonumber", source))), is_text=False)
    digits = call("substr", source, Number("3"))
    return Scalar(
        case(
            (match_test(source, _DECIMAL), call("tonumber", source)),
            (match_test(source, "^0x[0-9A-Fa-f]+\\z"), call("tonumber", digits, Number("16"))),
        ),
        is_text=False,
    )
