"""Text functions and comparisons of EQL scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from backends.sentinel.condition import leaf, literal, regex
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.layout import FALSE, TRUE, Expr, Leaf, chain, negate
from backends.sentinel.condition.term import NULL, UNKNOWN, Term, Truth, Unsayable, guards
from converter.model import pattern as patterns
from converter.model.pattern import Case, Pattern, Wild
from converter.model.predicate import InNetwork, Like
from converter.model.value import Field, Function, Kind, Literal, Value
from converter.target.contract import Notebook

_ANY = Field("script", Kind.KEYWORD)


def truth(test: Expr, *terms: Term) -> Truth:
    """A test of terms that are all not null, else null."""
    known = guards(*terms)
    return Truth(chain("and", [*known, test]), chain("and", [*known, negate(test)]))


_SIGNS = {
    Function.EQ: ("==", "=~", "!=", "!~"),
    Function.NE: ("!=", "!~", "==", "=~"),
}


def compare(left: Term, right: Term, function: Function, case: Case) -> Truth:
    """A comparison of two texts or two numbers; of a text and a number it is null."""
    if left.is_number and right.is_number:
        sign = function.value
        opposite = {"==": "!=", "!=": "=="}.get(sign, "")
        negated = f"{left.text} {opposite} {right.text}" if opposite else ""
        return truth(Leaf(f"{left.text} {sign} {right.text}", negated), left, right)
    if not (left.type == right.type == "string"):
        return UNKNOWN
    if function in _SIGNS:
        exact, folded, not_exact, not_folded = _SIGNS[function]
        sign, opposite = (exact, not_exact) if case is Case.SENSITIVE else (folded, not_folded)
        return truth(Leaf(f"{left.text} {sign} {right.text}", f"{left.text} {opposite} {right.text}"), left, right)
    a, b = (t.text if case is Case.SENSITIVE else f"tolower({t.text})" for t in (left, right))
    return truth(Leaf(f"strcmp({a}, {b}) {function.value} 0"), left, right)


def _starts(sign: str) -> Callable[..., Truth]:
    def test(case: Case, source: Term, part: Term) -> Truth:
        if not (source.type == part.type == "string"):
            return UNKNOWN
        return truth(_shaped(case, sign, source, part), source, part)

    return test


def _shaped(case: Case, sign: str, source: Term, part: Term) -> Expr:
    if part.constant == "":
        return FALSE if sign == "contains" else TRUE
    if case is Case.INSENSITIVE and isinstance(part.constant, str) and not part.constant.isascii():
        before = () if sign == "startswith" else (Wild.ANY_RUN,)
        after = () if sign == "endswith" else (Wild.ANY_RUN,)
        expression = regex.of_pattern(patterns.of(*before, part.constant, *after), case)
        return Leaf(f"{source.text} matches regex {literal.verbatim(expression)}")
    operator = sign if case is Case.INSENSITIVE else f"{sign}_cs"
    found = Leaf(f"{source.text} {operator} {part.text}", f"{source.text} !{operator} {part.text}")
    if sign == "contains" and part.constant is None:
        return chain("and", [Leaf(f"isnotempty({part.text})"), found])  # of an empty part: false (rule E11)
    return found


def like(source: Term, wanted: Sequence[Value], case: Case, notes: Notebook) -> Truth:
    """The text matches one of the patterns."""
    if source.type != "string":
        return UNKNOWN
    found = tuple(v.value for v in wanted if isinstance(v, Literal) and isinstance(v.value, Pattern))
    if len(found) < len(wanted):
        raise Unsayable("like over a pattern that is not a literal has no counterpart in Kusto")
    if patterns.of(Wild.ANY_RUN) in found:
        return truth(TRUE, source)
    return truth(leaf.like(Like(_ANY, found, case), Operand(source.text, "string"), notes), source)


def cidr_match(notes: Notebook, source: Term, *networks: Term) -> Truth:
    """The text is an address in one of the networks."""
    if source.type != "string":
        return UNKNOWN
    written = tuple(n.constant for n in networks if isinstance(n.constant, str))
    if len(written) < len(networks):
        raise Unsayable("cidrMatch over a network that is not a literal has no counterpart in Kusto")
    return truth(leaf.in_network(InNetwork(_ANY, written), Operand(source.text, "string"), notes), source)


def _length(_case: Case, source: Term) -> Term:
    return Term(f"strlen({source.text})", "long", source.guards) if source.type == "string" else NULL


def _string(_case: Case, source: Term) -> Term:
    if source.type in {"string", "bool"}:
        return Term(source.text, "string", source.guards, source.constant)
    return Term(f"tostring({source.text})", "string", source.guards)


def _concat(case: Case, *parts: Term) -> Term:
    texts = [_string(case, p) for p in parts]
    if not texts:
        return Term('""', "string", (), "")
    return Term(f"strcat({', '.join(t.text for t in texts)})", "string", guards(*texts))


def _index_of(case: Case, source: Term, part: Term, start: Term | None = None) -> Term:
    """Null where it is not found (rule E11)."""
    if not (source.type == part.type == "string") or (start is not None and not start.is_number):
        return NULL
    texts = [t.text if case is Case.SENSITIVE else f"tolower({t.text})" for t in (source, part)]
    terms = (source, part) if start is None else (source, part, start)
    if start is not None:
        texts.append(start.text if _natural(start) else _at_least_zero(start.text, "0", start.text))
    text = f"indexof({', '.join(texts)})"
    return Term(text, "long", (*guards(*terms), Leaf(f"{text} >= 0", f"{text} < 0")))


def _natural(term: Term) -> bool:
    return isinstance(term.constant, int) and term.constant >= 0


def _substring(_case: Case, source: Term, start: Term, end: Term | None = None) -> Term:
    """Negative places count from the end, and the end is exclusive (rule E11); Kusto takes a start and a length."""
    if source.type != "string" or start.type != "long" or (end is not None and end.type != "long"):
        return NULL
    terms = (source, start) if end is None else (source, start, end)
    first = _place(source, start)
    if end is None:
        text = source.text if first == "0" else f"substring({source.text}, {first})"
    elif _natural(start) and _natural(end):
        length = max(int(end.constant or 0) - int(start.constant or 0), 0)
        text = f"substring({source.text}, {first}, {length})"
    else:
        last = _place(source, end)
        length_text = last if first == "0" else _at_least_zero(last, first, f"{last} - {first}")
        text = f"substring({source.text}, {first}, {length_text})"
    return Term(text, "string", guards(*terms))


def _place(source: Term, place: Term) -> str:
    """A place counted from the start, never negative."""
    if _natural(place):
        return place.text
    if isinstance(place.constant, int):
        length = f"strlen({source.text})"
        return _at_least_zero(length, str(-place.constant), f"{length} - {-place.constant}")
    from_end = f"strlen({source.text}) + {place.text}"
    return f"case({place.text} >= 0, {place.text}, {from_end} > 0, {from_end}, 0)"


def _at_least_zero(left: str, right: str, difference: str) -> str:
    """`left - right`, or 0 where that is negative."""
    return f"iff({left} > {right}, {difference}, 0)"


def between(case: Case, source: Term, left: Term, right: Term, greedy: Term | Truth | None = None) -> Term:
    """The text between the first `left` and the next (greedy: last) `right`; empty where they do not stand so."""
    if not (source.type == left.type == right.type == "string"):
        return NULL
    if not (isinstance(left.constant, str) and isinstance(right.constant, str)):
        raise Unsayable("between needs literal borders to have a counterpart in Kusto")
    if not (left.constant and right.constant):
        return source
    run = ".*" if isinstance(greedy, Truth) and greedy.true == TRUE else ".*?"
    start, end = regex.part_text(left.constant, case), regex.part_text(right.constant, case)
    expression = f"{regex.flags(case, dots=True)}{start}({run}){end}"
    return Term(f"extract({literal.verbatim(expression)}, 1, {source.text})", "string", source.guards)


_DECIMAL = r"^[+\-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?$"


def _number(_case: Case, source: Term, base: Term | None = None) -> Term:
    """A decimal number; null where the text is none."""
    if source.type != "string":
        return NULL
    if base is None or base.constant != 10:  # noqa: PLR2004
        raise Unsayable("number reads hexadecimal text when no base is given, which has no counterpart in Kusto")
    is_decimal = Leaf(f"{source.text} matches regex {literal.verbatim(_DECIMAL)}")
    return Term(f"todouble({source.text})", "real", (*source.guards, is_decimal))


FUNCTIONS: Mapping[Function, Callable[..., Term | Truth]] = {
    Function.CONCAT: _concat,
    Function.ENDS_WITH: _starts("endswith"),
    Function.INDEX_OF: _index_of,
    Function.LENGTH: _length,
    Function.NUMBER: _number,
    Function.STARTS_WITH: _starts("startswith"),
    Function.STRING: _string,
    Function.STRING_CONTAINS: _starts("contains"),
    Function.SUBSTRING: _substring,
}
