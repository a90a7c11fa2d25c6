"""Values of EQL scripts as expressions of eval: what a function comes to over single values, NULL where it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from backends.splunk.condition import regex
from backends.splunk.condition.literal import is_plain, string
from backends.splunk.condition.names import Names
from backends.splunk.condition.number import number
from converter.model.pattern import Case, Pattern
from converter.model.value import Call, Field, Function, Instant, Kind, Literal, Now, Value

MARK = "="
"""Put before (or behind) both sides of a comparison of texts, so that neither looks like a number."""


_LONGEST = 20_000
"""Some functions say an argument more than once, so that text doubles with every level."""


class Unsayable(Exception):  # noqa: N818 - a finding, not an error of the program
    """A script, or a part of one, without exact form; the message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """Text of eval for one value. `text`: it is text (else a number); `whole`: an integer."""

    text: str
    is_text: bool = True
    whole: bool = False


class Expressions:
    """Writes values; raises Unsayable."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def expression(self, value: Value) -> Expression:
        """The value as text of eval; NULL where it has none."""
        found = self._expression(value)
        if len(found.text) > _LONGEST:
            raise Unsayable("it is nested too deeply")
        return found

    def _expression(self, value: Value) -> Expression:
        match value:
            case Field():
                name = self._names.eval(value)
                if value.kind in (Kind.LONG, Kind.DOUBLE):
                    return Expression(f"tonumber({name})", is_text=False, whole=value.kind is Kind.LONG)
                if value.kind is Kind.DATE:
                    raise Unsayable("it computes with a date")
                return Expression(name)
            case Literal(constant):
                return _literal(constant)
            case Call():
                return self._computed(value)
            case _:
                assert_never(value)

    def _computed(self, call: Call) -> Expression:
        arguments = call.arguments
        match call.function:
            case Function.ADD | Function.SUBTRACT | Function.MULTIPLY | Function.DIVIDE | Function.MODULO:
                return _arithmetic(call.function, self.number(arguments[0]), self.number(arguments[1]))
            case Function.LENGTH:
                return Expression(f"len({self.text(arguments[0]).text})", is_text=False, whole=True)
            case Function.CONCAT:
                return self._concat(arguments)
            case Function.SUBSTRING:
                return self._substring(self.text(arguments[0]), arguments[1:])
            case Function.INDEX_OF:
                return self._index_of(self.text(arguments[0]), arguments[1:], call.case)
            case Function.BETWEEN:
                return _between(self.text(arguments[0]), arguments[1:], call.case)
            case Function.NUMBER:
                return _to_number(self.text(arguments[0]), arguments[1:])
            case Function.STRING:
                inner = self.expression(arguments[0])
                return inner if inner.is_text else Expression(f"tostring({inner.text})")
            case _:
                raise Unsayable(f"{call.function.value} is no value")

    def text(self, value: Value) -> Expression:
        """A value that has to be text."""
        found = self.expression(value)
        if not found.is_text:
            raise Unsayable("a function of texts is given a number")
        return found

    def number(self, value: Value) -> Expression:
        """A value that has to be a number."""
        found = self.expression(value)
        if found.is_text:
            raise Unsayable("it calculates with text")
        return found

    def _substring(self, source: Expression, places: tuple[Value, ...]) -> Expression:
        if all(isinstance(p, Literal) and isinstance(p.value, int) for p in places):
            simple = _substring(source, [_integer(p) for p in places])
            if simple is not None:
                return simple
        start = _from_start(source, self.number(places[0]))
        end = _from_start(source, self.number(places[1])) if len(places) > 1 else f"len({source.text})"
        computed = [self.number(p).text for p in places if not isinstance(p, Literal)]
        nulls = " OR ".join(f"isnull({text})" for text in (source.text, *computed))
        arms = [
            f"{nulls}, null()",
            f'{end}<={start} OR {start}>=len({source.text}), ""',
            f"true(), substr({source.text}, {start}+1, {end}-{start})",
        ]
        return Expression(f"case({', '.join(arms)})")

    def _index_of(self, source: Expression, rest: tuple[Value, ...], case: Case) -> Expression:
        if isinstance(rest[0], Literal):
            return _index_of(source, rest, case)
        if len(rest) > 1:
            raise Unsayable("it looks for a computed text from a place on")
        return Expression(place_of(source, self.text(rest[0]), case, of_empty="0"), is_text=False, whole=True)

    def _concat(self, arguments: tuple[Value, ...]) -> Expression:
        """NULL if any part is NULL, whatever Splunk makes of a NULL beside a dot."""
        parts = [self.expression(a) for a in arguments]
        shown = [p.text if p.is_text else f"tostring({p.text})" for p in parts]
        nulls = [f"isnull({s})" for s, a in zip(shown, arguments, strict=True) if not isinstance(a, Literal)]
        text = ".".join(shown)
        return Expression(f"if({' OR '.join(nulls)}, null(), {text})" if nulls else f"({text})")


def _literal(constant: object) -> Expression:
    match constant:
        case None:
            return Expression("null()")
        case bool():
            return Expression(f'"{str(constant).lower()}"')
        case int():
            return Expression(number(constant), is_text=False, whole=True)
        case float():
            return Expression(number(constant), is_text=False)
        case str():
            if constant and not is_plain(constant) and not is_plain(MARK + constant):
                raise Unsayable("a constant has characters that a string of SPL does not hold with certainty")
            return Expression(string(constant))
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


def match_test(one: Expression, pattern: str) -> str:
    """Whether a regular expression is found in the value."""
    return f'match({one.text}, "{pattern}")'


def folded(one: Expression, case: Case) -> str:
    """The value as it is compared."""
    return f"lower({one.text})" if case is Case.INSENSITIVE else one.text


def marked(one: Expression, case: Case) -> str:
    """The value behind a mark, which no number begins with."""
    return f'("{MARK}".{folded(one, case)})'


def ends_with(text: str, part: str) -> str:
    """Whether `text` ends in `part`: cut from a text that is always long enough."""
    tail = f'substr({part}."{MARK}".{text}."{MARK}", len({text})+2)'
    return f'len({part})<=len({text}) AND {tail}==({part}."{MARK}")'


_SIGNS: dict[Function, str] = {Function.ADD: "+", Function.SUBTRACT: "-", Function.MULTIPLY: "*"}


def _arithmetic(function: Function, one: Expression, other: Expression) -> Expression:
    whole = one.whole and other.whole
    sign = _SIGNS.get(function)
    if sign is not None:
        return Expression(f"({one.text}{sign}{other.text})", is_text=False, whole=whole)
    quotient = f"({one.text}/{other.text})"
    cut = f"if({quotient}<0, ceiling({quotient}), floor({quotient}))"
    if function is Function.DIVIDE:
        return Expression(cut if whole else quotient, is_text=False, whole=whole)
    return Expression(f"({one.text}-{other.text}*{cut})", is_text=False, whole=whole)


def _from_start(source: Expression, place: Expression) -> str:
    """A place counted from the start; a negative one counts from the end and stops at the start."""
    if place.text.isdigit():
        return place.text
    from_end = f"len({source.text})+{place.text}"
    stopped = f"if({from_end}>0, {from_end}, 0)"
    return stopped if place.text.startswith("-") else f"if({place.text}>=0, {place.text}, {stopped})"


def _substring(source: Expression, places: list[int]) -> Expression | None:
    """A slice between constant places, said by cutting with replace; None if that is not shorter."""
    start, end = places[0], places[1] if len(places) > 1 else None
    text = source.text
    match start, end:
        case 0, None:
            return source
        case _, None if start > 0:
            return Expression(f'replace({text}, "(?s)^.{{0,{start}}}", "")')
        case _, None:
            return Expression(f'replace({text}, "(?s)^.*(?=.{{{-start}}}\\z)", "")')
        case 0, int() if end < 0:
            return Expression(f'replace({text}, "(?s).{{0,{-end}}}\\z", "")')
        case _, int() if start >= 0 and end > start:
            return Expression(f'replace({text}, "(?s)^.{{0,{start}}}(.{{0,{end - start}}}).*\\z", "\\1")')
    return None


def place_of(source: Expression, part: Expression, case: Case, *, of_empty: str) -> str:
    """Where a computed text stands first in another, NULL if nowhere.

    split() takes its separator as plain text; what it does at the ends of a text is not settled, so that these are
    asked first and last.
    """
    text, wanted = folded(source, case), folded(part, case)
    starts = f'substr("{MARK}".{text}, 1, len("{MARK}".{wanted}))==("{MARK}".{wanted})'
    arms = [
        f"isnull({text}) OR isnull({wanted}), null()",
        f"len({wanted})==0, {of_empty}",
        f"{starts}, 0",
        f"mvcount(split({text}, {wanted}))>1, len(mvindex(split({text}, {wanted}), 0))",
        f"{ends_with(text, wanted)}, len({text})-len({wanted})",
    ]
    return f"case({', '.join(arms)})"


def _index_of(source: Expression, rest: tuple[Value, ...], case: Case) -> Expression:
    """The length of what stands before the first occurrence."""
    wanted = constant_text(rest[0])
    start = max(0, _integer(rest[1])) if len(rest) > 1 else 0
    inner = regex.literal(wanted, case)
    found = regex.flagged(regex.Written(f"^(.{{{start},}}?){inner.text}.*\\z", inner.folds, dots=True), case)
    text = f'if(match({source.text}, "{found}"), len(replace({source.text}, "{found}", "\\1")), null())'
    return Expression(text, is_text=False, whole=True)


def _between(source: Expression, rest: tuple[Value, ...], case: Case) -> Expression:
    """What stands between the first `left` and the next (if greedy, the last) `right`; "" if there is nothing."""
    left, right = regex.literal(constant_text(rest[0]), case), regex.literal(constant_text(rest[1]), case)
    greedy = len(rest) > 2 and isinstance(rest[2], Literal) and rest[2].value is True  # noqa: PLR2004
    if not left.text or not right.text:
        return source
    run = "(.*)" if greedy else "(.*?)"
    body = regex.Written(f"^.*?{left.text}{run}{right.text}.*\\z", left.folds or right.folds, dots=True)
    found = regex.flagged(body, case)
    empty = f'if(isnull({source.text}), null(), "")'
    return Expression(f'if(match({source.text}, "{found}"), replace({source.text}, "{found}", "\\1"), {empty})')


def _to_number(source: Expression, rest: tuple[Value, ...]) -> Expression:
    """Decimal text, or hexadecimal after 0x."""
    if rest:
        if isinstance(rest[0], Literal) and rest[0].value is None:
            return Expression("null()", is_text=False)
        base = _integer(rest[0])
        body = source.text if base != 16 else f'replace({source.text}, "^0x", "")'  # noqa: PLR2004
        return Expression(f"tonumber({body}, {base})", is_text=False, whole=True)
    decimal = r"^[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?\z"
    tests = [
        f'match({source.text}, "{decimal}"), tonumber({source.text})',
        f'match({source.text}, "^0x[0-9A-Fa-f]+\\z"), tonumber(substr({source.text}, 3), 16)',
    ]
    return Expression(f"case({', '.join(tests)})", is_text=False)
