"""The scripts of EQL (`Holds`) as conditions that are never NULL.

A script ranges over the values of each field it mentions, every mention on its own. So does each side of an and or
an or, and the question goes down to single functions: `true` asks whether some combination makes it true, `false`
whether some makes it false (a negation asks the other one; NULL is neither). A function that mentions one field of
several values is asked through `mvfilter` or `mvmap`; with two such mentions it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from backends.splunk import regex
from backends.splunk.layout import Condition, Join, Line, joined
from backends.splunk.literal import is_plain, string
from backends.splunk.names import INLINE, Names
from backends.splunk.number import number
from backends.splunk.order import ordered
from converter.model.pattern import Case, Pattern
from converter.model.predicate import Comparison
from converter.model.value import Access, Call, Field, Function, Instant, Kind, Literal, Now, Value

_MARK = "="
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


_RELATIONS = {
    Function.EQ: "==",
    Function.NE: "!=",
    Function.LT: "<",
    Function.LE: "<=",
    Function.GT: ">",
    Function.GE: ">=",
}
_MIRRORED = {
    Function.LT: Function.GT,
    Function.LE: Function.GE,
    Function.GT: Function.LT,
    Function.GE: Function.LE,
}
_OPPOSITE = {
    Function.LT: Function.GE,
    Function.LE: Function.GT,
    Function.GT: Function.LE,
    Function.GE: Function.LT,
}


class Scripts:
    """Writes scripts; raises Unsayable."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def truth(self, call: Call, *, wanted: bool = True) -> Condition:
        """Whether some combination of values makes the call true (or, if not `wanted`, false)."""
        match call.function:
            case Function.NOT:
                return self.truth(_call(call.arguments[0]), wanted=not wanted)
            case Function.AND | Function.OR:
                parts = [self.truth(_call(a), wanted=wanted) for a in call.arguments]
                return joined(Join.AND if (call.function is Function.AND) is wanted else Join.OR, parts)
            case _:
                return self._leaf(call, wanted)

    # ---- several values

    def _leaf(self, call: Call, wanted: bool) -> Condition:  # noqa: FBT001 - passed on from `truth`
        many = _many(call)
        if not many:
            return Line(self._asked(call, wanted))
        if len(many) > 1:
            return self._combined(call, many, wanted)
        field = many[0]
        name = self._names.eval(field)
        test = self._asked(call, wanted)
        if set(_fields(call)) == {field}:
            some: Condition = Line(f"coalesce(mvcount(mvfilter({test})),0)>0")
        else:
            marked = f'mvmap({name}, if({test}, "1", "0"))'
            some = joined(Join.AND, [Line(f"isnotnull({name})"), Line(f'isnotnull(mvfind({marked}, "1"))')])
        if call.function is Function.IS_NULL and wanted:
            return joined(Join.OR, [Line(f"isnull({name})"), some])
        return some

    def _combined(self, call: Call, many: list[Field], wanted: bool) -> Condition:  # noqa: FBT001
        """Every combination of values by its number, of which each mention has one digit."""
        if call.function is Function.IS_NULL:
            raise Unsayable("it asks whether a combination of several values is missing")
        names = [self._names.eval(f) for f in many]
        counts = [f"mvcount({n})" for n in names]
        number = self._names.column("each_combination", f"mvrange(0, {'*'.join(counts)})")
        places: list[str] = []
        rest = number
        for count in counts:
            places.append(f"{rest}%{count}")
            rest = f"floor({rest}/{count})"
        values = iter(f"mvindex({n}, {p})" for n, p in zip(names, places, strict=True))
        test = self._asked(_placed(call, values), wanted)
        there = [Line(f"isnotnull({n})") for n in dict.fromkeys(names)]
        marked = f'mvmap({number}, if({test}, "1", "0"))'
        return joined(Join.AND, [*there, Line(f'isnotnull(mvfind({marked}, "1"))')])

    def _asked(self, call: Call, wanted: bool) -> str:  # noqa: FBT001
        """The test of one function over single values, never NULL."""
        function = call.function
        if function is Function.IS_NULL:
            inner = self.expression(call.arguments[0]).text
            return f"isnull({inner})" if wanted else f"isnotnull({inner})"
        if function is Function.NE or (function is Function.EQ and not wanted):
            # Not equal asks for two values that are there.
            if wanted is (function is Function.NE):
                return self._unless(call, self._relation(Function.EQ, call))
            return f"if({self._relation(Function.EQ, call)},1,0)==1"
        if not wanted and function in _OPPOSITE:
            function, wanted = _OPPOSITE[function], True
        test = self._relation(function, call) if function in _RELATIONS else self._boolean(function, call)
        return f"if({test},1,0)==1" if wanted else self._unless(call, test)

    def _unless(self, call: Call, test: str) -> str:
        """The test is false although its arguments are there."""
        nulls = [f"isnull({self.expression(a).text}),0" for a in call.arguments if not isinstance(a, Literal)]
        return f"case({','.join([*nulls, f'{test},0', 'true(),1'])})==1"

    # ---- true or false

    def _relation(self, function: Function, call: Call) -> str:
        left, right = call.arguments
        if isinstance(left, Literal) and not isinstance(right, Literal):
            return self._relation(_MIRRORED.get(function, function), Call(function, (right, left), call.case))
        if isinstance(right, Literal):
            return self._against(function, left, right.value, call.case)
        one, other = self.expression(left), self.expression(right)
        if one.is_text != other.is_text:
            raise Unsayable("it compares text with a number")
        if not one.is_text:
            return f"{one.text}{_RELATIONS[function]}{other.text}"
        if function is not Function.EQ:
            raise Unsayable("SPL has no order of computed texts")
        return f"{_marked(one, call.case)}=={_marked(other, call.case)}"

    def _against(self, function: Function, left: Value, right: object, case: Case) -> str:
        """A relation with a constant on the right."""
        match right:
            case bool():
                return self._is(function, left, wanted=right)
            case int() | float():
                one = self.expression(left)
                if one.is_text:
                    raise Unsayable("it compares text with a number")
                return f"{one.text}{_RELATIONS[function]}{number(right)}"
            case str():
                return self._against_text(function, self.expression(left), right, case)
            case _:
                raise Unsayable("it compares with a constant that SPL has no word for")

    def _is(self, function: Function, left: Value, *, wanted: bool) -> str:
        if function is not Function.EQ:
            raise Unsayable("SPL has no order of true and false")
        if isinstance(left, Call):
            return self._asked(left, wanted)
        return f'{self.expression(left).text}=="{str(wanted).lower()}"'

    def _against_text(self, function: Function, one: Expression, text: str, case: Case) -> str:
        if not one.is_text:
            raise Unsayable("it compares a number with text")
        if function is Function.EQ:
            folds = case is Case.INSENSITIVE and any(c.isascii() and c.isalpha() for c in text)
            if is_plain(text) and not folds:
                return f"{one.text}=={string(text)}"
            return _match(one, regex.flagged(regex.texts((text,), case), case))
        if case is Case.INSENSITIVE:
            raise Unsayable("SPL has no case-insensitive order of text")
        return _match(one, regex.flagged(ordered(Comparison(function.value), text), case))

    def _boolean(self, function: Function, call: Call) -> str:
        source = self._text(call.arguments[0])
        rest = call.arguments[1:]
        match function:
            case Function.CIDR_MATCH:
                nets = [_constant(a) for a in rest]
                tests = ", ".join(f"cidrmatch({string(n)}, {source.text}), 1" for n in nets)
                return f"case({tests}, true(), 0)==1"
            case Function.LIKE:
                patterns = [_pattern(a) for a in rest]
                found = regex.flagged(regex.patterns(patterns, call.case), call.case)
                return _match(source, found) if found else f"isnotnull({source.text})"
            case Function.STARTS_WITH:
                one, part = _marked(source, call.case), _marked(self._text(rest[0]), call.case)
                return f"substr({one}, 1, len({part}))=={part}"
            case Function.ENDS_WITH:
                return _ends(_folded(source, call.case), _folded(self._text(rest[0]), call.case))
            case Function.STRING_CONTAINS:
                return self._contains(source, rest[0], call.case)
            case _:
                raise Unsayable(f"{function.value} gives no truth value")

    def _contains(self, source: Expression, part: Value, case: Case) -> str:
        if isinstance(part, Literal):
            text = _constant(part)
            return _match(source, regex.flagged(regex.literal(text, case), case)) if text else "1==0"
        return f"{_place_of(source, self._text(part), case, of_empty='null()')}>=0"

    # ---- values

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
                return _arithmetic(call.function, self._number(arguments[0]), self._number(arguments[1]))
            case Function.LENGTH:
                return Expression(f"len({self._text(arguments[0]).text})", is_text=False, whole=True)
            case Function.CONCAT:
                return self._concat(arguments)
            case Function.SUBSTRING:
                return self._substring(self._text(arguments[0]), arguments[1:])
            case Function.INDEX_OF:
                return self._index_of(self._text(arguments[0]), arguments[1:], call.case)
            case Function.BETWEEN:
                return _between(self._text(arguments[0]), arguments[1:], call.case)
            case Function.NUMBER:
                return _to_number(self._text(arguments[0]), arguments[1:])
            case Function.STRING:
                inner = self.expression(arguments[0])
                return inner if inner.is_text else Expression(f"tostring({inner.text})")
            case _:
                raise Unsayable(f"{call.function.value} is no value")

    def _text(self, value: Value) -> Expression:
        found = self.expression(value)
        if not found.is_text:
            raise Unsayable("a function of texts is given a number")
        return found

    def _number(self, value: Value) -> Expression:
        found = self.expression(value)
        if found.is_text:
            raise Unsayable("it calculates with text")
        return found

    def _substring(self, source: Expression, places: tuple[Value, ...]) -> Expression:
        if all(isinstance(p, Literal) and isinstance(p.value, int) for p in places):
            simple = _substring(source, [_integer(p) for p in places])
            if simple is not None:
                return simple
        start = _from_start(source, self._number(places[0]))
        end = _from_start(source, self._number(places[1])) if len(places) > 1 else f"len({source.text})"
        computed = [self._number(p).text for p in places if not isinstance(p, Literal)]
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
        return Expression(_place_of(source, self._text(rest[0]), case, of_empty="0"), is_text=False, whole=True)

    def _concat(self, arguments: tuple[Value, ...]) -> Expression:
        """NULL if any part is NULL, whatever Splunk makes of a NULL beside a dot."""
        parts = [self.expression(a) for a in arguments]
        shown = [p.text if p.is_text else f"tostring({p.text})" for p in parts]
        nulls = [f"isnull({s})" for s, a in zip(shown, arguments, strict=True) if not isinstance(a, Literal)]
        text = ".".join(shown)
        return Expression(f"if({' OR '.join(nulls)}, null(), {text})" if nulls else f"({text})")


def _call(value: Value) -> Call:
    """A truth value inside and, or, not: a field is compared with true."""
    match value:
        case Call():
            return value
        case Field() | Literal():
            return Call(Function.EQ, (value, Literal(value=True)))
        case _:
            assert_never(value)


def _fields(value: Value) -> tuple[Field, ...]:
    match value:
        case Field():
            return (value,)
        case Literal():
            return ()
        case Call():
            return tuple(f for a in value.arguments for f in _fields(a))
        case _:
            assert_never(value)


def _placed(call: Call, values: Iterator[str]) -> Call:
    """The call with each mention of several values replaced by one of them."""
    arguments: list[Value] = []
    for argument in call.arguments:
        match argument:
            case Call():
                arguments.append(_placed(argument, values))
            case Field() if argument.many:
                arguments.append(replace(argument, many=False, access=Access(next(values), INLINE)))
            case Field() | Literal():
                arguments.append(argument)
            case _:
                assert_never(argument)
    return replace(call, arguments=tuple(arguments))


def _many(call: Call) -> list[Field]:
    return [f for f in _fields(call) if f.many]


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
            if constant and not is_plain(constant) and not is_plain(_MARK + constant):
                raise Unsayable("a constant has characters that a string of SPL does not hold with certainty")
            return Expression(string(constant))
        case Instant() | Now() | Pattern():
            raise Unsayable("a constant is no plain value")
        case _:
            raise Unsayable("a constant is no plain value")


def _constant(value: Value) -> str:
    if isinstance(value, Literal) and isinstance(value.value, str):
        return value.value
    raise Unsayable("an argument is computed that SPL needs as a constant")


def _integer(value: Value) -> int:
    if isinstance(value, Literal) and isinstance(value.value, int):
        return value.value
    raise Unsayable("a place in a text is computed")


def _pattern(value: Value) -> Pattern:
    if isinstance(value, Literal) and isinstance(value.value, Pattern):
        return value.value
    raise Unsayable("a wildcard pattern is computed")


def _match(one: Expression, pattern: str) -> str:
    return f'match({one.text}, "{pattern}")'


def _folded(one: Expression, case: Case) -> str:
    return f"lower({one.text})" if case is Case.INSENSITIVE else one.text


def _marked(one: Expression, case: Case) -> str:
    return f'("{_MARK}".{_folded(one, case)})'


def _ends(text: str, part: str) -> str:
    """Whether `text` ends in `part`: cut from a text that is always long enough."""
    tail = f'substr({part}."{_MARK}".{text}."{_MARK}", len({text})+2)'
    return f'len({part})<=len({text}) AND {tail}==({part}."{_MARK}")'


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


def _place_of(source: Expression, part: Expression, case: Case, *, of_empty: str) -> str:
    """Where a computed text stands first in another, NULL if nowhere.

    split() takes its separator as plain text; what it does at the ends of a text is not settled, so that these are
    asked first and last.
    """
    text, wanted = _folded(source, case), _folded(part, case)
    starts = f'substr("{_MARK}".{text}, 1, len("{_MARK}".{wanted}))==("{_MARK}".{wanted})'
    arms = [
        f"isnull({text}) OR isnull({wanted}), null()",
        f"len({wanted})==0, {of_empty}",
        f"{starts}, 0",
        f"mvcount(split({text}, {wanted}))>1, len(mvindex(split({text}, {wanted}), 0))",
        f"{_ends(text, wanted)}, len({text})-len({wanted})",
    ]
    return f"case({', '.join(arms)})"


def _index_of(source: Expression, rest: tuple[Value, ...], case: Case) -> Expression:
    """The length of what stands before the first occurrence."""
    wanted = _constant(rest[0])
    start = max(0, _integer(rest[1])) if len(rest) > 1 else 0
    inner = regex.literal(wanted, case)
    found = regex.flagged(regex.Written(f"^(.{{{start},}}?){inner.text}.*\\z", inner.folds, dots=True), case)
    text = f'if(match({source.text}, "{found}"), len(replace({source.text}, "{found}", "\\1")), null())'
    return Expression(text, is_text=False, whole=True)


def _between(source: Expression, rest: tuple[Value, ...], case: Case) -> Expression:
    """What stands between the first `left` and the next (if greedy, the last) `right`; "" if there is nothing."""
    left, right = regex.literal(_constant(rest[0]), case), regex.literal(_constant(rest[1]), case)
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
    if rest and not (isinstance(rest[0], Literal) and rest[0].value is None):
        base = _integer(rest[0])
        body = source.text if base != 16 else f'replace({source.text}, "^0x", "")'  # noqa: PLR2004
        return Expression(f"tonumber({body}, {base})", is_text=False, whole=True)
    decimal = r"^[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?\z"
    tests = [
        f'match({source.text}, "{decimal}"), tonumber({source.text})',
        f'match({source.text}, "^0x[0-9A-Fa-f]+\\z"), tonumber(substr({source.text}, 3), 16)',
    ]
    return Expression(f"case({', '.join(tests)})", is_text=False)
