"""Text functions and comparisons of EQL scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from backends.sentinel.condition import network, regex, text, tree
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.place import Place
from backends.sentinel.condition.regex import Style
from backends.sentinel.condition.term import NULL, UNKNOWN, Term, Truth, Unsayable, guards
from backends.sentinel.condition.text import Wanted
from converter.languages.kusto.syntax import Binary, Expression, Number, Text
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import InNetwork
from converter.model.value import Field, Function, Kind, Literal, Value

_ANY = Field("script", Kind.KEYWORD)


def truth(test: Expression, *terms: Term) -> Truth:
    """A test of terms that are all not null, else null."""
    known = guards(*terms)
    return Truth(tree.all_of([*known, test]), tree.all_of([*known, tree.negate(test)]))


_SIGNS = {Function.EQ: ("==", "=~"), Function.NE: ("!=", "!~")}


def compare(left: Term, right: Term, function: Function, case: Case) -> Truth:
    """A comparison of two texts or two numbers; of a text and a number it is null."""
    if left.is_number and right.is_number:
        return truth(Binary(function.value, left.expression, right.expression), left, right)
    if not (left.type == right.type == "string"):
        return UNKNOWN
    if function in _SIGNS:
        exact, folded = _SIGNS[function]
        sign = exact if case is Case.SENSITIVE else folded
        return truth(Binary(sign, left.expression, right.expression), left, right)
    a, b = (_cased(t, case) for t in (left, right))
    return truth(Binary(function.value, tree.call("strcmp", a, b), Number(0)), left, right)


def _cased(term: Term, case: Case) -> Expression:
    return term.expression if case is Case.SENSITIVE else tree.call("tolower", term.expression)


def shaped(sign: str, case: Case, source: Term, part: Term, place: Place) -> Truth:
    """startsWith, endsWith, stringContains."""
    if not (source.type == part.type == "string"):
        return UNKNOWN
    return truth(_shape(sign, case, source, part, place), source, part)


def _shape(sign: str, case: Case, source: Term, part: Term, place: Place) -> Expression:
    if part.constant == "":
        return tree.FALSE if sign == "contains" else tree.TRUE
    if case is Case.INSENSITIVE and isinstance(part.constant, str) and not part.constant.isascii():
        before = () if sign == "startswith" else (Wild.ANY_RUN,)
        after = () if sign == "endswith" else (Wild.ANY_RUN,)
        node = regex.of_pattern(patterns.of(*before, part.constant, *after))
        return text.matching(Wanted(source.expression, _ANY, case, place), [node])
    found = Binary(sign if case is Case.INSENSITIVE else f"{sign}_cs", source.expression, part.expression)
    if sign == "contains" and part.constant is None:
        return tree.all_of([text.present(part.expression), found])  # of an empty part: false (rule E11)
    return found


def like(source: Term, wanted: Sequence[Value], case: Case, place: Place) -> Truth:
    """The text matches one of the patterns."""
    if source.type != "string":
        return UNKNOWN
    found = tuple(v.value for v in wanted if isinstance(v, Literal) and isinstance(v.value, Pattern))
    if len(found) < len(wanted):
        raise Unsayable("like over a pattern that is not a literal has no counterpart in Kusto")
    if patterns.of(Wild.ANY_RUN) in found:
        return truth(tree.TRUE, source)
    return truth(text.patterned(Wanted(source.expression, _ANY, case, place), found), source)


def cidr_match(place: Place, source: Term, *networks: Term) -> Truth:
    """The text is an address in one of the networks."""
    if source.type != "string":
        return UNKNOWN
    written = tuple(n.constant for n in networks if isinstance(n.constant, str))
    if len(written) < len(networks):
        raise Unsayable("cidrMatch over a network that is not a literal has no counterpart in Kusto")
    return truth(network.in_network(InNetwork(_ANY, written), Operand(source.expression, "string"), place), source)


def _length(_case: Case, source: Term) -> Term:
    return Term(tree.call("strlen", source.expression), "long", source.guards) if source.type == "string" else NULL


def _string(_case: Case, source: Term) -> Term:
    if source.type in {"string", "bool"}:
        return Term(source.expression, "string", source.guards, source.constant)
    return Term(tree.call("tostring", source.expression), "string", source.guards)


def _concat(case: Case, *parts: Term) -> Term:
    texts = [_string(case, p) for p in parts]
    if not texts:
        return Term(Text(""), "string", (), "")
    return Term(tree.call("strcat", *(t.expression for t in texts)), "string", guards(*texts))


def _index_of(case: Case, source: Term, part: Term, start: Term | None = None) -> Term:
    """Null where it is not found (rule E11)."""
    if not (source.type == part.type == "string") or (start is not None and not start.is_number):
        return NULL
    arguments = [_cased(t, case) for t in (source, part)]
    terms = (source, part) if start is None else (source, part, start)
    if start is not None:
        zero = Number(0)
        arguments.append(
            start.expression if _natural(start) else _at_least_zero(start.expression, zero, start.expression)
        )
    found = tree.call("indexof", *arguments)
    return Term(found, "long", (*guards(*terms), Binary(">=", found, Number(0))))


def _natural(term: Term) -> bool:
    return isinstance(term.constant, int) and term.constant >= 0


def _substring(_case: Case, source: Term, start: Term, end: Term | None = None) -> Term:
    """Negative places count from the end, and the end is exclusive (rule E11); Kusto takes a start and a length."""
    if source.type != "string" or start.type != "long" or (end is not None and end.type != "long"):
        return NULL
    terms = (source, start) if end is None else (source, start, end)
    first = _place(source, start)
    if end is None:
        found = source.expression if first == Number(0) else tree.call("substring", source.expression, first)
    elif _natural(start) and _natural(end):
        length: Expression = Number(max(int(end.constant or 0) - int(start.constant or 0), 0))
        found = tree.call("substring", source.expression, first, length)
    else:
        last = _place(source, end)
        length = last if first == Number(0) else _at_least_zero(last, first, Binary("-", last, first))
        found = tree.call("substring", source.expression, first, length)
    return Term(found, "string", guards(*terms))


def _place(source: Term, place: Term) -> Expression:
    """A place counted from the start, never negative."""
    if _natural(place):
        return place.expression
    length = tree.call("strlen", source.expression)
    if isinstance(place.constant, int):
        back = Number(-place.constant)
        return _at_least_zero(length, back, Binary("-", length, back))
    zero, here = Number(0), place.expression
    from_end = Binary("+", length, here)
    return tree.call("case", Binary(">=", here, zero), here, Binary(">", from_end, zero), from_end, zero)


def _at_least_zero(left: Expression, right: Expression, difference: Expression) -> Expression:
    """`left - right`, or 0 where that is negative."""
    return tree.call("iff", Binary(">", left, right), difference, Number(0))


def between(case: Case, source: Term, left: Term, right: Term, greedy: Term | Truth | None = None) -> Term:
    """The text between the first `left` and the next (greedy: last) `right`; empty where they do not stand so."""
    if not (source.type == left.type == right.type == "string"):
        return NULL
    if not (isinstance(left.constant, str) and isinstance(right.constant, str)):
        raise Unsayable("between needs literal borders to have a counterpart in Kusto")
    if not (left.constant and right.constant):
        return source
    run = ".*" if isinstance(greedy, Truth) and greedy.true == tree.TRUE else ".*?"
    start, end = (regex.literal(b, Style(case)) for b in (left.constant, right.constant))
    found = tree.call("extract", Text(f"(?s){start}({run}){end}"), Number(1), source.expression)
    return Term(found, "string", source.guards)


_DECIMAL = r"^[+\-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?$"


def _number(_case: Case, source: Term, base: Term | None = None) -> Term:
    """A decimal number; null where the text is none."""
    if source.type != "string":
        return NULL
    if base is None or base.constant != 10:  # noqa: PLR2004
        raise Unsayable("number reads hexadecimal text when no base is given, which has no counterpart in Kusto")
    is_decimal = Binary("matches regex", source.expression, Text(_DECIMAL))
    return Term(tree.call("todouble", source.expression), "real", (*source.guards, is_decimal))


SHAPES: Mapping[Function, str] = {
    Function.ENDS_WITH: "endswith",
    Function.STARTS_WITH: "startswith",
    Function.STRING_CONTAINS: "contains",
}
FUNCTIONS: Mapping[Function, Callable[..., Term | Truth]] = {
    Function.CONCAT: _concat,
    Function.INDEX_OF: _index_of,
    Function.LENGTH: _length,
    Function.NUMBER: _number,
    Function.STRING: _string,
    Function.SUBSTRING: _substring,
}
