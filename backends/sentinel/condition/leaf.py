"""Tests of one value: each is true or false and never null, also on a missing value."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from backends.sentinel.condition import finding, literal, regex
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.layout import ATOM, FALSE, Expr, Leaf, Listing, chain
from backends.sentinel.condition.token import Inexact, phrase_regexes
from converter.model.pattern import Case, Pattern, Regex, Wild
from converter.model.predicate import Between, Compare, Comparison, InNetwork, Like, Matches, OneOf, Phrase, Present
from converter.model.value import Field, Instant, Kind, Now
from converter.target.contract import Notebook


@dataclass(frozen=True, slots=True)
class Phrases:
    """Some value of the field has one of these phrases."""

    field: Field
    phrases: tuple[Phrase, ...]


ScalarLeaf = Present | Compare | Between | OneOf | Like | Matches | InNetwork | Phrase | Phrases


def test(leaf: ScalarLeaf, value: Operand, notes: Notebook) -> Expr:
    """The test of one value that a leaf asks for."""
    match leaf:
        case Present():
            return present(value, notes)
        case Compare():
            return compare(leaf, value)
        case Between():
            return chain("and", [compare(end, value) for end in leaf.ends])
        case OneOf():
            return one_of(leaf, value, notes)
        case Like():
            return like(leaf, value, notes)
        case Matches(_, regexes, case):
            return chain("or", [_matches(r, case, value, notes) for r in regexes])
        case InNetwork():
            return in_network(leaf, value, notes)
        case Phrase():
            return _phrases([leaf], value, notes)
        case Phrases(_, phrases):
            return _phrases(phrases, value, notes)
        case _:
            assert_never(leaf)


def _phrases(phrases: Sequence[Phrase], value: Operand, notes: Notebook) -> Expr:
    try:
        # a phrase without tokens matches nothing, as an empty query does
        found = phrase_regexes([p for p in phrases if p.tokens])
    except Inexact as reason:
        notes.add(finding.error("T312", str(reason), phrases[0].span))
        return FALSE
    return chain("or", [_regex(value, f) for f in found])


def present(value: Operand, notes: Notebook) -> Expr:
    """The value exists."""
    if value.is_text:
        notes.add(finding.EMPTY_IS_MISSING)
        return Leaf(f"isnotempty({value.text})", f"isempty({value.text})", ATOM)
    if value.type == "dynamic":
        notes.add(finding.EMPTY_IS_MISSING)
        return Leaf(f"isnotempty({value.as_text()})", f"isempty({value.as_text()})", ATOM)
    return Leaf(f"isnotnull({value.text})", f"isnull({value.text})", ATOM)


def _guarded(value: str, condition: str) -> Expr:
    """A comparison that is null on null, made false there (Q null-values.md: false and null is false)."""
    return chain("and", [Leaf(f"isnotnull({value})", f"isnull({value})", ATOM), Leaf(condition)])


def compare(leaf: Compare, value: Operand) -> Expr:
    """The value stands in the relation to the literal."""
    sign, literal_value = leaf.comparison, leaf.value
    match literal_value:
        case bool():
            return _equal(value.as_bool(), literal.boolean(value=literal_value))
        case int() | float():
            whole = leaf.field.kind is Kind.LONG
            number = value.as_number(real=not whole or isinstance(literal_value, float))
            return _ordered(number, sign, literal.number(literal_value))
        case Instant(ms):
            return _ordered(value.as_time(), sign, literal.instant(ms))
        case Now(offset, round_to):
            return _ordered(value.as_time(), sign, now(offset, round_to))
        case str():
            return _text_order(leaf.comparison, literal_value, value)
        case _:
            assert_never(literal_value)


def _equal(value: str, constant: str) -> Expr:
    return Leaf(f"{value} == {constant}", f"{value} != {constant}")


def _ordered(value: str, sign: Comparison, constant: str) -> Expr:
    # null == 5 is false and null != 5 true (Q null-values.md); the order relations are null on null
    if sign is Comparison.EQ:
        return _equal(value, constant)
    return _guarded(value, f"{value} {sign.value} {constant}")


def _text_order(sign: Comparison, constant: str, value: Operand) -> Expr:
    text = value.as_text()
    present_text = Leaf(f"isnotempty({text})", f"isempty({text})", ATOM)
    return chain("and", [present_text, Leaf(f"strcmp({text}, {literal.text(constant)}) {sign.value} 0")])


_START = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def now(offset_ms: int, round_to: str) -> str:
    """`now() - 30d`, rounded down."""
    moment = "now()" if not offset_ms else f"ago({literal.span(-offset_ms)})"
    return f"bin({moment}, {literal.span(_START[round_to])})" if round_to else moment


def one_of(leaf: OneOf, value: Operand, notes: Notebook) -> Expr:
    """The value is one of the texts."""
    if leaf.case is Case.SENSITIVE and not value.is_text and (typed := _typed(leaf.values, value)) is not None:
        return typed
    text = value.as_text()
    if "" in leaf.values and value.type == "dynamic":
        # a dynamic tells the empty text from null, which tostring() makes empty too
        rest = tuple(v for v in leaf.values if v)
        empty = chain("and", [Leaf(f'{text} == ""'), Leaf(f'gettype({value.text}) == "string"')])
        others = [one_of(replace(leaf, values=rest), value, notes)] if rest else []
        return chain("or", [*others, empty])
    if "" in leaf.values:
        notes.add(finding.empty_value(text, leaf.span))
    if leaf.case is Case.SENSITIVE:
        return _equality(text, leaf.values, _EXACT)
    plain = tuple(v for v in leaf.values if v.isascii())
    other = [v for v in leaf.values if not v.isascii()]
    parts: list[Expr] = []
    if plain:
        parts.append(_equality(text, plain, _FOLDED))
    # The insensitive operators may fold beyond ASCII; `matches regex` says exactly what folds.
    parts += [_regex(value, regex.of_pattern(Pattern((v,)), Case.INSENSITIVE)) for v in other]
    return chain("or", parts)


_EXACT = ("==", "!=", "in", "!in")
_FOLDED = ("=~", "!~", "in~", "!in~")


def _equality(text: str, values: Sequence[str], signs: tuple[str, str, str, str]) -> Expr:
    one, not_one, some, not_some = signs
    items = literal.texts(values)
    if len(items) == 1:
        return Leaf(f"{text} {one} {items[0]}", f"{text} {not_one} {items[0]}")
    return Listing(f"{text} {some} (", items, f"{text} {not_some} (")


def _typed(values: Sequence[str], value: Operand) -> Expr | None:
    """Texts compared with a typed column as values of its type, if each is spelled as the type prints it."""
    if value.type in {"int", "long"} and all(v.isascii() and _canonical_integer(v) for v in values):
        if len(values) == 1:
            return _equal(value.text, values[0])
        return Listing(f"{value.text} in (", tuple(values), f"{value.text} !in (")
    if value.type == "bool" and len(values) == 1 and values[0] in {"true", "false"}:
        return _equal(value.text, values[0])
    return None


def _canonical_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isdigit() and str(int(digits)) == digits and abs(int(digits)) < 2**31


_SHAPES = {
    Case.SENSITIVE: ("startswith_cs", "endswith_cs", "contains_cs"),
    Case.INSENSITIVE: ("startswith", "endswith", "contains"),
}


def like(leaf: Like, value: Operand, notes: Notebook) -> Expr:
    """The value matches one of the patterns; whole texts among them stand in one list."""
    whole = tuple(p.literal for p in leaf.patterns if p.literal is not None)
    parts: list[Expr] = []
    if whole:
        parts.append(one_of(OneOf(leaf.field, whole, leaf.case, leaf.span), value, notes))
    parts += [_like(p, leaf.case, value, notes) for p in leaf.patterns if p.literal is None]
    return chain("or", parts)


def _like(pattern: Pattern, case: Case, value: Operand, notes: Notebook) -> Expr:
    text = value.as_text()
    exact = case is Case.SENSITIVE or all(isinstance(p, Wild) or p.isascii() for p in pattern.parts)
    starts, ends, contains = _SHAPES[case]
    match pattern.parts:
        case (Wild.ANY_RUN,):
            return present(value, notes)
        case (str(part), Wild.ANY_RUN) if exact:
            return Leaf(f"{text} {starts} {literal.text(part)}", f"{text} !{starts} {literal.text(part)}")
        case (Wild.ANY_RUN, str(part)) if exact:
            return Leaf(f"{text} {ends} {literal.text(part)}", f"{text} !{ends} {literal.text(part)}")
        case (Wild.ANY_RUN, str(part), Wild.ANY_RUN) if exact:
            return Leaf(f"{text} {contains} {literal.text(part)}", f"{text} !{contains} {literal.text(part)}")
        case _:
            return _regex(value, regex.of_pattern(pattern, case))


def _regex(value: Operand, expression: str) -> Expr:
    return Leaf(f"{value.as_text()} matches regex {literal.verbatim(expression)}")


def _matches(node: Regex, case: Case, value: Operand, notes: Notebook) -> Expr:
    found = _regex(value, regex.whole(node, case))
    return chain("and", [present(value, notes), found]) if regex.takes_empty(node) else found


_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> _Network:
    """The network; one inside ::ffff:0:0/96 is the IPv4 network that it maps."""
    network = ipaddress.ip_network(text, strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        address = ipaddress.IPv4Address(int(network.network_address) & 0xFFFF_FFFF)
        return ipaddress.IPv4Network((address, network.prefixlen - 96))
    return network


def in_network(leaf: InNetwork, value: Operand, notes: Notebook) -> Expr:
    """The address is in one of the networks. The functions are null on a text that they cannot read."""
    networks = [_network(n) for n in leaf.networks]
    four = [n for n in networks if isinstance(n, ipaddress.IPv4Network)]
    six = [n for n in networks if isinstance(n, ipaddress.IPv6Network)]
    text = value.as_text()
    parts: list[Expr] = []
    if four:
        notes.add(finding.ADDRESS_FAMILY)
        parts.append(_in_four(text, four, is_address=leaf.field.kind is Kind.IP))
    if six:
        parts.append(_in_six(text, six))
    if any(_MAPPED.subnet_of(n) for n in six):
        parts.append(Leaf(f"isnotnull(parse_ipv4({text}))", f"isnull(parse_ipv4({text}))", ATOM))
    found = chain("or", parts)
    if leaf.field.kind is Kind.IP or not networks:
        return found
    # the functions take a text with a prefix of its own for an address
    return chain("and", [Leaf(f'{text} !contains_cs "/"', f'{text} contains_cs "/"'), found])


def _written(network: _Network) -> str:
    single = network.prefixlen == network.max_prefixlen
    return literal.text(str(network.network_address) if single else str(network))


def _in_four(text: str, networks: Sequence[ipaddress.IPv4Network], *, is_address: bool) -> Expr:
    items = tuple(map(_written, networks))
    if is_address and all(n.prefixlen == n.max_prefixlen for n in networks):
        if len(items) == 1:
            return _equal(text, items[0])
        return Listing(f"{text} in (", items, f"{text} !in (")
    return _coalesced("ipv4_is_in_range" if len(items) == 1 else "ipv4_is_in_any_range", text, items)


def _in_six(text: str, networks: Sequence[ipaddress.IPv6Network]) -> Expr:
    items = tuple(map(_written, networks))
    if len(items) > 1:
        return _coalesced("ipv6_is_in_any_range", text, items)
    single = networks[0].prefixlen == networks[0].max_prefixlen
    return _coalesced("ipv6_is_match" if single else "ipv6_is_in_range", text, items)


def _coalesced(function: str, text: str, items: tuple[str, ...]) -> Expr:
    return Listing(f"coalesce({function}({text}, ", items, tail="), false)", binds=ATOM)
