"""Values that satisfy a leaf of a predicate, and values that only nearly do."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar, assert_never

from converter.model.pattern import Alternate, AnyChar, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild
from converter.model.predicate import Between, Compare, Holds, InNetwork, Leaf, Like, Matches, OneOf, Phrase, Present
from converter.model.value import Call, Field, Instant, Kind, Literal, Now, Value
from converter.reference.predicate import date_math

Scalar: TypeAlias = str | int | float | bool

NOW = 1_717_243_200_000
"""The moment that witnesses are made for, in milliseconds: 2024-06-01T12:00:00Z."""


def iso(ms: int) -> str:
    """Milliseconds as a timestamp of an event."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


_ANY: dict[Kind, tuple[Scalar, ...]] = {
    Kind.KEYWORD: ("x", ""),
    Kind.TEXT: ("some Text",),
    Kind.LONG: (1, 0),
    Kind.DOUBLE: (1.5, 0.0),
    Kind.BOOLEAN: (True, False),
    Kind.IP: ("81.2.69.142", "10.1.2.3", "2a02:cf40::7"),
    Kind.DATE: (iso(NOW - 60_000),),
}


def any_values(kind: Kind) -> tuple[Scalar, ...]:
    """Values that nothing in particular is true of."""
    return _ANY[kind]


def examples(leaf: Leaf) -> Iterator[Scalar]:
    """Values that should satisfy the leaf, the plainest first. A script has none of its own."""
    match leaf:
        case Present(field=field):
            yield from any_values(field.kind)
        case Compare():
            yield from _around(leaf)
        case Between():
            yield from itertools.chain.from_iterable(map(_around, leaf.ends))
        case OneOf(values=values):
            yield from _spread(values)
        case Like(patterns=patterns):
            picked = list(_spread(patterns))
            for filling in ("", "x", "a b", "l1\nl2", "é"):
                yield from (pattern_text(p, filling) for p in picked)
        case Matches(regexes=regexes):
            for longer in (False, True):
                for regex in _spread(regexes):
                    yield from _regex_texts(regex, longer=longer)
        case InNetwork(networks=networks):
            for network in _spread(networks):
                yield from _addresses(network)
        case Phrase(tokens=tokens):
            words = [pattern_text(token, "x") for token in tokens]
            yield from (
                " ".join(words),
                f"[{'.-'[len(words) % 2].join(words).upper()}](x)",
                f"see {' '.join(words)} now",
            )
        case Holds():
            return
        case _:
            assert_never(leaf)


_SPREAD = 5


_Item = TypeVar("_Item")


def _spread(items: tuple[_Item, ...]) -> Iterator[_Item]:
    """The first, the last and some between."""
    if len(items) <= _SPREAD:
        yield from items
    else:
        yield from (items[0], items[-1], *(items[len(items) * i // _SPREAD] for i in range(1, _SPREAD - 1)))


def pattern_text(pattern: Pattern, filling: str) -> str:
    """A text that the pattern matches: `filling` for a run, its first character for one."""
    one = filling[:1] or "x"
    return "".join(one if p is Wild.ANY_ONE else filling if p is Wild.ANY_RUN else str(p) for p in pattern.parts)


def _regex_texts(regex: Regex, *, longer: bool) -> Iterator[str]:
    text = _regex_text(regex, longer=longer)
    if text is not None:
        yield text


def _regex_text(regex: Regex, *, longer: bool) -> str | None:
    """A text that the expression matches: as few repeats as allowed, or one more of each; None if there is none."""
    match regex:
        case Char(char=char):
            return char
        case AnyChar():
            return "\n" if longer else "x"
        case CharClass():
            return _class_member(regex, last=longer)
        case Concat(parts=parts):
            found = [_regex_text(part, longer=longer) for part in parts]
            return None if None in found else "".join(text or "" for text in found)
        case Alternate(options=options):
            texts = [text for option in options if (text := _regex_text(option, longer=longer)) is not None]
            return (texts[-1] if longer else texts[0]) if texts else None
        case Repeat(item=item, least=least, most=most):
            count = least + 1 if longer and (most is None or most > least) else least
            text = _regex_text(item, longer=longer) if count else ""
            return None if text is None else text * count
        case _:
            assert_never(regex)


def _class_member(found: CharClass, *, last: bool) -> str | None:
    if not found.negated:
        return (found.ranges[-1][1] if last else found.ranges[0][0]) if found.ranges else None
    pool = "é\nZz9x" if last else "x9zZ\né~ "
    return next((c for c in pool if not any(low <= c <= high for low, high in found.ranges)), None)


def _addresses(network: str) -> Iterator[str]:
    """The edges of a network and an address inside, in several spellings."""
    net = ipaddress.ip_network(network, strict=False)
    inside = net[net.num_addresses // 2]
    for one in (net[0], net[-1], inside):
        yield str(one)
    if isinstance(inside, ipaddress.IPv6Address):
        yield inside.exploded.upper()
    else:
        yield f"::ffff:{inside}"


def _outside(network: str) -> Iterator[str]:
    """The addresses just beside a network."""
    net = ipaddress.ip_network(network, strict=False)
    for edge, step in ((net[0], -1), (net[-1], 1)):
        try:
            yield str(edge + step)
        except ipaddress.AddressValueError:
            continue


def _around(leaf: Compare) -> Iterator[Scalar]:
    """The boundary of a comparison and the values next to it; which of them hold is for the evaluator to say."""
    value = leaf.value
    match value:
        case bool():
            yield from (value, not value)
        case Instant(ms=ms):
            yield from (iso(ms + d) for d in (0, 1, -1))
        case Now(offset_ms=offset, round_to=unit):
            yield from (iso(date_math(offset, unit, NOW) + d) for d in (0, 1, -1, 60_000, -60_000))
        case int() | float() if leaf.field.kind is Kind.DOUBLE:
            yield from (value, value + 0.5, value - 0.5)
        case int():
            yield from (value, value + 1, value - 1)
        case float():
            yield from (int(value), int(value) + 1, int(value) - 1)
        case str() if leaf.field.kind is Kind.IP:
            yield from (value, *_outside(value))
        case str():
            yield from (value, value + "0", value[:-1], value.swapcase())
        case _:
            assert_never(value)


def near(leaf: Leaf, value: Scalar) -> Iterator[Scalar]:
    """Values one slip away from `value`, which satisfies the leaf."""
    match leaf:
        case Compare():
            yield from _around(leaf)
            if not isinstance(value, (str, bool)):
                yield from (str(value), f"{value}.5")
        case Between():
            yield from itertools.chain.from_iterable(near(end, value) for end in leaf.ends)
        case InNetwork(networks=networks):
            for network in _spread(networks):
                yield from _outside(network)
            yield from ("not an address", "", str(value) + "0")
        case Present() if leaf.field.kind not in (Kind.KEYWORD, Kind.TEXT):
            yield "malformed"
        case Phrase(tokens=tokens):
            words = [pattern_text(token, "x") for token in tokens]
            text = " ".join(words)
            yield from (
                " ".join(reversed(words)),
                " and ".join(words),
                f"x{text}x",
                " ".join(words[1:]),
                text.upper(),
                "",
            )
        case Holds() | Present() | OneOf() | Like() | Matches():
            yield from _near_text(str(value))
        case _:
            assert_never(leaf)


_LOOKALIKES = str.maketrans({"k": "\u212a", "K": "\u212a", "s": "\u017f", "S": "\u017f", "i": "\u0131", "I": "\u0130"})


def _near_text(text: str) -> Iterator[str]:
    """Other case, one character more or less at either end, a sign taken for what it means elsewhere."""
    yield from (text.swapcase(), text.upper(), text.lower(), text + "x", "x" + text, text[:-1], text[1:])
    yield from (text + "\n", text + " ", text.translate(_LOOKALIKES), "")
    for sign in "*?.\\%_[+":
        if sign in text:
            yield text.replace(sign, "zz")
    if text.isdigit():
        yield "0" + text


def script_values(call: Call) -> Iterator[Scalar]:
    """Values worth trying for the fields of a script: its constants, their neighbours, texts of their length."""
    for literal in _literals(call):
        value = literal.value
        match value:
            case Pattern():
                yield from (pattern_text(value, filling) for filling in ("", "x"))
            case bool():
                yield value
            case int() | float():
                yield from _numbers_and_lengths(value)
            case str():
                yield from (value, f"{value}x", f"x{value}", f"x{value}y", value.swapcase(), value * 2)
            case Instant() | Now() | None:
                continue
            case _:
                assert_never(value)
    yield from ("x", "xy", "", 1, 0, "10.1.2.3")


_LONGEST = 40_000


def _numbers_and_lengths(number: float) -> Iterator[Scalar]:
    for n in (number, number + 1, number - 1):
        yield n
        yield str(n)
        if 0 <= n <= _LONGEST:
            yield "x" * int(n)


def _literals(value: Value) -> Iterable[Literal]:
    match value:
        case Literal():
            yield value
        case Field():
            return
        case Call():
            for argument in value.arguments:
                yield from _literals(argument)
        case _:
            assert_never(value)
