"""The scripts of EQL (`Holds`) as conditions that are never NULL.

A script ranges over the values of each field it mentions, every mention on its own. So does each side of an and or
an or, and the question goes down to single functions: `true` asks whether some combination makes it true, `false`
whether some makes it false (a negation asks the other one; NULL is neither). A function that mentions one field of
several values is asked through `mvfilter` or `mvmap`; with more such mentions, over numbered combinations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from backends.splunk.condition import regex
from backends.splunk.condition.columns import Columns
from backends.splunk.condition.literal import is_plain, string
from backends.splunk.condition.order import ordered
from backends.splunk.condition.scalar import (
    ALWAYS,
    Scalar,
    Scalars,
    Unsayable,
    constant_pattern,
    constant_text,
    ends_with,
    folded,
    marked,
    match_test,
    place_of,
)
from converter.deferred import replace
from converter.languages.spl.shorthand import (
    FALSE,
    NULL,
    binary,
    call,
    case,
    conjunction,
    disjunction,
    equal,
    number,
)
from converter.languages.spl.syntax import Call as SplCall
from converter.languages.spl.syntax import Expression, Name, Number, Sign, Text
from converter.model.pattern import Case
from converter.model.predicate import Comparison
from converter.model.value import Call, Field, Function, Literal, Spelled, Value

_RELATIONS = {
    Function.EQ: Sign.EQ,
    Function.NE: Sign.NE,
    Function.LT: Sign.LT,
    Function.LE: Sign.LE,
    Function.GT: Sign.GT,
    Function.GE: Sign.GE,
}
_ONE, _ZERO = Number("1"), Number("0")
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

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._values = Scalars(columns)

    def truth(self, script: Call, *, wanted: bool = True) -> Expression:
        """Whether some combination of values makes the call true (or, if not `wanted`, false)."""
        match script.function:
            case Function.NOT:
                return self.truth(_call(script.arguments[0]), wanted=not wanted)
            case Function.AND | Function.OR:
                parts = [self.truth(_call(a), wanted=wanted) for a in script.arguments]
                return conjunction(parts) if (script.function is Function.AND) is wanted else disjunction(parts)
            case _:
                return self._leaf(script, wanted=wanted)

    # ---- several values

    def _leaf(self, script: Call, *, wanted: bool) -> Expression:
        many = _many(script)
        if not many:
            return self._asked(script, wanted=wanted)
        if len(many) > 1:
            return self._combined(script, many, wanted=wanted)
        field = many[0]
        name = self._columns.value(field)
        test = self._asked(script, wanted=wanted)
        some = at_least_one(test) if set(_fields(script)) == {field} else _found(name, [name], test)
        if script.function is Function.IS_NULL and wanted:
            return disjunction([call("isnull", name), some])
        return some

    def _combined(self, script: Call, many: list[Field], *, wanted: bool) -> Expression:
        """Every combination of values by its number, of which each mention has one digit."""
        if script.function is Function.IS_NULL:
            raise Unsayable("it asks whether a combination of several values is missing")
        names = [self._columns.value(f) for f in many]
        counts = [call("mvcount", n) for n in names]
        product: Expression = counts[0]
        for count in counts[1:]:
            product = binary(product, Sign.MULTIPLY, count)
        number_of = Name(self._columns.column("each_combination", call("mvrange", _ZERO, product)))
        rest: Expression = number_of
        places: list[Expression] = []
        for count in counts:
            places.append(binary(rest, Sign.MODULO, count))
            rest = call("floor", binary(rest, Sign.DIVIDE, count))
        picked = [call("mvindex", n, p) for n, p in zip(names, places, strict=True)]
        ways = iter([self._columns.spelled(p) for p in picked])
        test = self._asked(_placed(script, ways), wanted=wanted)
        return _found(number_of, list(dict.fromkeys(names)), test)

    def _asked(self, script: Call, *, wanted: bool) -> Expression:
        """The test of one function over single values, never NULL."""
        function = script.function
        if function is Function.IS_NULL:
            inner = self._values.scalar(script.arguments[0]).tree
            return call("isnull" if wanted else "isnotnull", inner)
        if function is Function.NE or (function is Function.EQ and not wanted):
            # Not equal asks for two values that are there.
            test = self._relation(Function.EQ, script)
            return self._unless(script, test) if wanted is (function is Function.NE) else certain(test)
        if not wanted and function in _OPPOSITE:
            function, wanted = _OPPOSITE[function], True
        test = self._relation(function, script) if function in _RELATIONS else self._boolean(function, script)
        return certain(test) if wanted else self._unless(script, test)

    def _unless(self, script: Call, test: Expression) -> Expression:
        """The test is false although its arguments are there."""
        nulls = [
            (call("isnull", self._values.scalar(a).tree), _ZERO) for a in script.arguments if not isinstance(a, Literal)
        ]
        return equal(case(*nulls, (test, _ZERO), (ALWAYS, _ONE)), _ONE)

    # ---- true or false

    def _relation(self, function: Function, script: Call) -> Expression:
        left, right = script.arguments
        if isinstance(left, Literal) and not isinstance(right, Literal):
            return self._relation(_MIRRORED.get(function, function), Call(function, (right, left), script.case))
        if isinstance(right, Literal):
            return self._against(function, left, right.value, script.case)
        one, other = self._values.scalar(left), self._values.scalar(right)
        if one.is_text != other.is_text:
            raise Unsayable("it compares text with a number")
        if not one.is_text:
            return binary(one.tree, _RELATIONS[function], other.tree)
        if function is not Function.EQ:
            raise Unsayable("SPL has no order of computed texts")
        return equal(marked(one.tree, script.case), marked(other.tree, script.case))

    def _against(self, function: Function, left: Value, right: object, folding: Case) -> Expression:
        """A relation with a constant on the right."""
        match right:
            case bool():
                return self._is(function, left, wanted=right)
            case int() | float():
                one = self._values.scalar(left)
                if one.is_text:
                    raise Unsayable("it compares text with a number")
                return binary(one.tree, _RELATIONS[function], number(right))
            case str():
                return self._against_text(function, self._values.scalar(left), right, folding)
            case _:
                raise Unsayable("it compares with a constant that SPL has no word for")

    def _is(self, function: Function, left: Value, *, wanted: bool) -> Expression:
        if function is not Function.EQ:
            raise Unsayable("SPL has no order of true and false")
        if isinstance(left, Call):
            return self._asked(left, wanted=wanted)
        return equal(self._values.scalar(left).tree, Text(str(wanted).lower()))

    def _against_text(self, function: Function, one: Scalar, text: str, folding: Case) -> Expression:
        if not one.is_text:
            raise Unsayable("it compares a number with text")
        if function is Function.EQ:
            folds = folding is Case.INSENSITIVE and any(c.isascii() and c.isalpha() for c in text)
            if is_plain(text) and not folds:
                return equal(one.tree, string(text))
            return match_test(one.tree, regex.flagged(regex.texts((text,), folding), folding))
        if folding is Case.INSENSITIVE:
            raise Unsayable("SPL has no case-insensitive order of text")
        return match_test(one.tree, regex.flagged(ordered(Comparison(function.value), text), folding))

    def _boolean(self, function: Function, script: Call) -> Expression:
        source = self._values.text(script.arguments[0])
        rest = script.arguments[1:]
        match function:
            case Function.CIDR_MATCH:
                return any_network(source, [constant_text(a) for a in rest])
            case Function.LIKE:
                patterns = [constant_pattern(a) for a in rest]
                found = regex.flagged(regex.patterns(patterns, script.case), script.case)
                return match_test(source, found) if found else call("isnotnull", source)
            case Function.STARTS_WITH:
                one, part = marked(source, script.case), marked(self._values.text(rest[0]), script.case)
                return equal(call("substr", one, _ONE, call("len", part)), part)
            case Function.ENDS_WITH:
                return ends_with(folded(source, script.case), folded(self._values.text(rest[0]), script.case))
            case Function.STRING_CONTAINS:
                return self._contains(source, rest[0], script.case)
            case _:
                raise Unsayable(f"{function.value} gives no truth value")

    def _contains(self, source: Expression, part: Value, folding: Case) -> Expression:
        if isinstance(part, Literal):
            text = constant_text(part)
            if not text:
                return FALSE
            return match_test(source, regex.flagged(regex.literal(text, folding), folding))
        return binary(place_of(source, self._values.text(part), folding, of_empty=NULL), Sign.GE, _ZERO)


def certain(test: Expression) -> Expression:
    """The test, false where it is NULL: `if` takes its second value whenever the test is not true."""
    total = isinstance(test, SplCall) and test.function in ("isnull", "isnotnull")
    return test if total else equal(call("if", test, _ONE, _ZERO), _ONE)


def at_least_one(test: Expression) -> Expression:
    """Some value of the one field that the test names passes it."""
    count = call("coalesce", call("mvcount", call("mvfilter", test)), _ZERO)
    return binary(count, Sign.GT, _ZERO)


def any_network(address: Expression, networks: list[str]) -> Expression:
    """The address lies in one of the networks."""
    tests = [call("cidrmatch", string(n), address) for n in networks]
    if len(tests) == 1:
        return tests[0]
    return equal(case(*((t, _ONE) for t in tests), (ALWAYS, _ZERO)), _ONE)


def _found(each: Expression, there: list[Expression], test: Expression) -> Expression:
    """Some value of `each` passes a test that names other fields too; all of `there` are there."""
    shown = call("mvmap", each, call("if", test, Text("1"), Text("0")))
    nulls = [call("isnotnull", n) for n in there]
    return conjunction([*nulls, call("isnotnull", call("mvfind", shown, Text("1")))])


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


def _placed(script: Call, values: Iterator[Spelled]) -> Call:
    """The script with each mention of several values replaced by one of them."""
    arguments: list[Value] = []
    for argument in script.arguments:
        match argument:
            case Call():
                arguments.append(_placed(argument, values))
            case Field() if argument.many:
                arguments.append(replace(argument, many=False, way=next(values)))
            case Field() | Literal():
                arguments.append(argument)
            case _:
                assert_never(argument)
    return replace(script, arguments=tuple(arguments))


def _many(script: Call) -> list[Field]:
    return [f for f in _fields(script) if f.many]
