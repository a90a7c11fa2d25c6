"""The scripts of EQL (`Holds`) as conditions that are never NULL.

A script ranges over the values of each field it mentions, every mention on its own. So does each side of an and or
an or, and the question goes down to single functions: `true` asks whether some combination makes it true, `false`
whether some makes it false (a negation asks the other one; NULL is neither). A function that mentions one field of
several values is asked through `mvfilter` or `mvmap`; with more such mentions, over numbered combinations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from backends.splunk.condition import regex
from backends.splunk.condition.expression import (
    Expression,
    Expressions,
    Unsayable,
    constant_pattern,
    constant_text,
    ends_with,
    folded,
    marked,
    match_test,
    place_of,
)
from backends.splunk.condition.layout import Condition, Join, Line, joined
from backends.splunk.condition.literal import is_plain, string
from backends.splunk.condition.names import Names
from backends.splunk.condition.number import number
from backends.splunk.condition.order import ordered
from converter.model.pattern import Case
from converter.model.predicate import Comparison
from converter.model.value import Call, Field, Function, Literal, Spelled, Value

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
        self._values = Expressions(names)

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
            shown = f'mvmap({name}, if({test}, "1", "0"))'
            some = joined(Join.AND, [Line(f"isnotnull({name})"), Line(f'isnotnull(mvfind({shown}, "1"))')])
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
        shown = f'mvmap({number}, if({test}, "1", "0"))'
        return joined(Join.AND, [*there, Line(f'isnotnull(mvfind({shown}, "1"))')])

    def _asked(self, call: Call, wanted: bool) -> str:  # noqa: FBT001
        """The test of one function over single values, never NULL."""
        function = call.function
        if function is Function.IS_NULL:
            inner = self._values.expression(call.arguments[0]).text
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
        nulls = [f"isnull({self._values.expression(a).text}),0" for a in call.arguments if not isinstance(a, Literal)]
        return f"case({','.join([*nulls, f'{test},0', 'true(),1'])})==1"

    # ---- true or false

    def _relation(self, function: Function, call: Call) -> str:
        left, right = call.arguments
        if isinstance(left, Literal) and not isinstance(right, Literal):
            return self._relation(_MIRRORED.get(function, function), Call(function, (right, left), call.case))
        if isinstance(right, Literal):
            return self._against(function, left, right.value, call.case)
        one, other = self._values.expression(left), self._values.expression(right)
        if one.is_text != other.is_text:
            raise Unsayable("it compares text with a number")
        if not one.is_text:
            return f"{one.text}{_RELATIONS[function]}{other.text}"
        if function is not Function.EQ:
            raise Unsayable("SPL has no order of computed texts")
        return f"{marked(one, call.case)}=={marked(other, call.case)}"

    def _against(self, function: Function, left: Value, right: object, case: Case) -> str:
        """A relation with a constant on the right."""
        match right:
            case bool():
                return self._is(function, left, wanted=right)
            case int() | float():
                one = self._values.expression(left)
                if one.is_text:
                    raise Unsayable("it compares text with a number")
                return f"{one.text}{_RELATIONS[function]}{number(right)}"
            case str():
                return self._against_text(function, self._values.expression(left), right, case)
            case _:
                raise Unsayable("it compares with a constant that SPL has no word for")

    def _is(self, function: Function, left: Value, *, wanted: bool) -> str:
        if function is not Function.EQ:
            raise Unsayable("SPL has no order of true and false")
        if isinstance(left, Call):
            return self._asked(left, wanted)
        return f'{self._values.expression(left).text}=="{str(wanted).lower()}"'

    def _against_text(self, function: Function, one: Expression, text: str, case: Case) -> str:
        if not one.is_text:
            raise Unsayable("it compares a number with text")
        if function is Function.EQ:
            folds = case is Case.INSENSITIVE and any(c.isascii() and c.isalpha() for c in text)
            if is_plain(text) and not folds:
                return f"{one.text}=={string(text)}"
            return match_test(one, regex.flagged(regex.texts((text,), case), case))
        if case is Case.INSENSITIVE:
            raise Unsayable("SPL has no case-insensitive order of text")
        return match_test(one, regex.flagged(ordered(Comparison(function.value), text), case))

    def _boolean(self, function: Function, call: Call) -> str:
        source = self._values.text(call.arguments[0])
        rest = call.arguments[1:]
        match function:
            case Function.CIDR_MATCH:
                nets = [constant_text(a) for a in rest]
                tests = ", ".join(f"cidrmatch({string(n)}, {source.text}), 1" for n in nets)
                return f"case({tests}, true(), 0)==1"
            case Function.LIKE:
                patterns = [constant_pattern(a) for a in rest]
                found = regex.flagged(regex.patterns(patterns, call.case), call.case)
                return match_test(source, found) if found else f"isnotnull({source.text})"
            case Function.STARTS_WITH:
                one, part = marked(source, call.case), marked(self._values.text(rest[0]), call.case)
                return f"substr({one}, 1, len({part}))=={part}"
            case Function.ENDS_WITH:
                return ends_with(folded(source, call.case), folded(self._values.text(rest[0]), call.case))
            case Function.STRING_CONTAINS:
                return self._contains(source, rest[0], call.case)
            case _:
                raise Unsayable(f"{function.value} gives no truth value")

    def _contains(self, source: Expression, part: Value, case: Case) -> str:
        if isinstance(part, Literal):
            text = constant_text(part)
            return match_test(source, regex.flagged(regex.literal(text, case), case)) if text else "1==0"
        return f"{place_of(source, self._values.text(part), case, of_empty='null()')}>=0"


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
                arguments.append(replace(argument, many=False, way=Spelled(next(values))))
            case Field() | Literal():
                arguments.append(argument)
            case _:
                assert_never(argument)
    return replace(call, arguments=tuple(arguments))


def _many(call: Call) -> list[Field]:
    return [f for f in _fields(call) if f.many]
