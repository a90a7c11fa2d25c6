"""Rewriting what a leaf compares: values one by one, beginnings of values, the tail of a path."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import field

from converter.datasets.reading.table import Always, Lost, Raw, Replacement, Unknown
from converter.deferred import compiled, dataclass
from converter.model import pattern as patterns
from converter.model.pattern import AnyChar, Case, Char, CharClass, Concat, Pattern, Regex, Repeat, Wild, fold

ANY_OTHER = "*"
"""The key of a table's `values` that stands for every value not listed."""


def fits(pattern: Pattern, value: str, case: Case) -> bool:
    """Whether a whole value matches a pattern."""
    return pattern.least <= len(value) and patterns.like(value, pattern, case)


Values = Mapping[str, Replacement]
"""What a table says of a field's values, by the values; a key may hold `*`."""


@dataclass(slots=True)
class _Keys:
    """The keys of a table's values as rules ask for them: by their folded text, and those with `*`.

    `raws` are the values of the platform that another value of Elastic's stands for, with that one.
    """

    folded: dict[str, list[str]] = field(default_factory=dict)
    wild: list[str] = field(default_factory=list)
    raws: list[tuple[str, str]] = field(default_factory=list)


_known: dict[int, tuple[Values, _Keys]] = {}
"""The keys of the values that were asked for last, by their mapping's id. It is kept, so that its id stays its own."""
_MOST_KNOWN = 1024


def _keys(values: Values) -> _Keys:
    known = _known.get(id(values))
    if known is not None:
        return known[1]
    found = _Keys()
    for key, replacement in values.items():
        if isinstance(replacement, Raw):
            found.raws += ((key, value) for value in replacement.values if value != key)
        if key == ANY_OTHER:
            continue
        found.folded.setdefault(fold(key, Case.INSENSITIVE), []).append(key)
        if "*" in key:
            found.wild.append(key)
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[id(values)] = (values, found)
    return found


def listed(values: Values, value: str, case: Case) -> list[Replacement]:
    """What a value becomes: the entries whose key equals it (a key may hold `*`), else that of any other value."""
    if case is Case.SENSITIVE:
        exact = [value] if value in values and value != ANY_OTHER else []
    else:
        exact = _keys(values).folded.get(fold(value, case), [])
    if exact:
        return [values[key] for key in exact]
    for key in _keys(values).wild:
        if fits(as_pattern(key), value, case):
            return [values[key]]
    return [values[ANY_OTHER]] if ANY_OTHER in values else []


def matching(values: Values, pattern: Pattern, case: Case) -> list[tuple[str, Replacement]]:
    """The listed values that a pattern matches. A key with `*` counts if the pattern is that key, or says no less."""
    folded, fitting = as_folded(pattern, case), patterns.matcher(pattern, case)
    found = []
    for key, replacement in values.items():
        if key == ANY_OTHER:
            continue
        if as_pattern(fold(key, case)) == folded if "*" in key else fitting(key):
            found.append((key, replacement))
    if found:
        return found
    wide = (key for key in _keys(values).wild if _is_nothing(values[key]) and _begins(pattern, key, case))
    return [(key, values[key]) for key in wide][:1]


def hidden(values: Values, used: set[str], pattern: Pattern, case: Case) -> tuple[str, ...]:
    """Raw values that the pattern matches as they are although Elastic's value for them, not `used`, does not."""
    fitting = patterns.matcher(pattern, case)
    return tuple(raw for key, raw in _keys(values).raws if key not in used and fitting(raw))


def _is_nothing(replacement: Replacement) -> bool:
    """Whether a value is no event's here: what holds of all values that a key stands for holds of fewer."""
    return isinstance(replacement, Lost | Unknown) or (isinstance(replacement, Always) and not replacement.value)


def _begins(pattern: Pattern, key: str, case: Case) -> bool:
    """Whether all that a pattern matches begins as a key says that ends in its only `*`."""
    head = pattern.parts[0] if pattern.parts and key != ANY_OTHER else None
    return isinstance(head, str) and key.find("*") == len(key) - 1 and fold(head, case).startswith(fold(key[:-1], case))


@functools.lru_cache(maxsize=4096)
def as_pattern(text: str) -> Pattern:
    """A key of a table as a pattern: `*` is a wildcard."""
    parts: list[str | Wild] = []
    for index, piece in enumerate(text.split("*")):
        if index:
            parts.append(Wild.ANY_RUN)
        parts.append(piece)
    return patterns.of(*parts)


def as_folded(pattern: Pattern, case: Case) -> Pattern:
    """A pattern with its texts folded."""
    return Pattern(tuple(fold(p, case) if isinstance(p, str) else p for p in pattern.parts))


Rewrite = Iterable[tuple[str, tuple[str, ...]]]
"""A value's beginning, and the beginnings that stand for it."""


def ended(pattern: Pattern, endings: Iterable[tuple[str, str]], case: Case) -> Pattern:
    """The pattern whose text ends otherwise in the column; one that ends in a wildcard stays."""
    if pattern.parts and isinstance(last := pattern.parts[-1], str):
        for old, new in endings:
            if fold(last, case).endswith(fold(old, case)):
                return patterns.of(*pattern.parts[:-1], last[: len(last) - len(old)] + new)
    return pattern


def replaced(pattern: Pattern, rewrite: Rewrite, case: Case) -> list[Pattern] | None:
    """The patterns that match a column whose values begin otherwise than the Elastic ones.

    None if the pattern's beginning is neither a listed one nor a wildcard, so that no rewriting is sound.
    A leading run of any characters takes either beginning.
    """
    if not pattern.parts or pattern.parts[0] is Wild.ANY_RUN:
        return _after_run(pattern, rewrite, case)
    head = pattern.parts[0]
    if not isinstance(head, str):
        return None
    for old, new in rewrite:
        if not old.startswith(_RUN) and fold(head, case).startswith(fold(old, case)):
            return [patterns.of(one + head[len(old) :], *pattern.parts[1:]) for one in new]
    # The pattern's text ends inside a listed beginning and a wildcard follows: each such beginning is meant.
    if len(pattern.parts) > 1 and pattern.parts[1] is Wild.ANY_RUN:
        inside = [(old, one) for old, new in rewrite if fold(old, case).startswith(fold(head, case)) for one in new]
        if inside:
            return [one for old, new in inside for one in _from_inside(pattern, old, new, case)]
    return None


_RUN = "*"


def _after_run(pattern: Pattern, rewrite: Rewrite, case: Case) -> list[Pattern]:
    """A pattern with a leading run: only beginnings that are listed with a leading `*` apply to the text after it."""
    if len(pattern.parts) > 1 and isinstance(text := pattern.parts[1], str):
        for old, new in rewrite:
            if old.startswith(_RUN) and fold(text, case).startswith(fold(old[1:], case)):
                after = text[len(old) - 1 :]
                return [patterns.of(Wild.ANY_RUN, one.removeprefix(_RUN) + after, *pattern.parts[2:]) for one in new]
    return [pattern]


def _from_inside(pattern: Pattern, old: str, new: str, case: Case) -> Iterable[Pattern]:
    """Patterns whose first text ends inside the beginning `old`: the run after it may end inside `old` or later."""
    head, rest = pattern.parts[0], pattern.parts[2:]
    assert isinstance(head, str)  # noqa: S101  # the caller looked
    yield patterns.of(new, Wild.ANY_RUN, *rest)
    if not rest:
        return
    text = rest[0]
    for at in range(len(head), len(old)):
        left = old[at:]
        if isinstance(text, str) and fold(text, case).startswith(fold(left, case)):
            yield patterns.of(new, text[len(left) :], *rest[1:])


def tail(pattern: Pattern, separator: str) -> Pattern | Regex:
    """What a path column must match for its last part to match `pattern`: a pattern where that is exact."""
    runs = [i for i, p in enumerate(pattern.parts) if p is Wild.ANY_RUN]
    if not any(isinstance(p, Wild) for p in pattern.parts):
        return patterns.of(Wild.ANY_RUN, separator, *pattern.parts)
    if runs == [0] and all(isinstance(p, str) for p in pattern.parts[1:]):
        return pattern
    outside = CharClass(((separator, separator),), negated=True)
    parts: list[Regex] = [Repeat(AnyChar(), 0, None), *(Char(c) for c in separator)]
    for part in pattern.parts:
        if isinstance(part, str):
            parts.extend(Char(c) for c in part)
        else:
            parts.append(Repeat(outside, 0, None) if part is Wild.ANY_RUN else outside)
    return Concat(tuple(parts))


def word(pattern: Pattern) -> tuple[Pattern, ...]:
    """What a text matches if one of its words, after the first, matches `pattern`: between blanks, or at the end.

    A word in quotes is none of them, and a run in the pattern goes on over blanks: an approximation, for places that
    have the text only. A value that holds blanks itself is some part of the text.
    """
    if any(isinstance(part, str) and " " in part for part in pattern.parts):
        return (within(pattern),)
    opens, closes = pattern.parts[:1] == (Wild.ANY_RUN,), pattern.parts[-1:] == (Wild.ANY_RUN,)
    before = () if opens else (Wild.ANY_RUN, " ")
    if closes:
        return (patterns.of(*before, *pattern.parts),)
    return (patterns.of(*before, *pattern.parts, " ", Wild.ANY_RUN), patterns.of(*before, *pattern.parts))


_PLAIN = compiled(r"[A-Za-z0-9_.:/-]+")
_SCALARS = ("true", "false")


@functools.lru_cache(maxsize=4096)
def in_json(pattern: Pattern) -> tuple[Pattern, ...] | None:
    """What compact JSON text matches if the text that Java makes of the object (`{key=value, ...}`) holds a piece.

    None where the two may differ: the piece must be plain signs that neither JSON escapes nor Java's text sets apart,
    with one `=` at most and something before it. What is left of `=` is then the end of a member's name, what is right
    of it the beginning of its value, a text or one without quotation marks; or all of it is in one text. Elastic's text
    has no member whose value is empty or null: a piece that ends in `=` matches more JSON texts (`ends_in_name`).
    """
    match pattern.parts:
        case (Wild.ANY_RUN, str(piece), Wild.ANY_RUN):
            key, equals, value = piece.partition("=")
        case _:
            return None
    if not _PLAIN.fullmatch(key) or (value and (not _PLAIN.fullmatch(value) or "null".startswith(value))):
        return None
    found = [piece]
    if equals and not value:
        found = [f'{key}":', piece]
    elif equals:
        bare = value[0] in "-0123456789" or any(word.startswith(value) for word in _SCALARS)
        found = [f'{key}":"{value}', *([f'{key}":{value}'] if bare else []), piece]
    return tuple(within(patterns.of(text)) for text in found)


def ends_in_name(pattern: Pattern) -> bool:
    """Whether a piece asks for a member by its name alone."""
    return any(isinstance(part, str) and part.endswith("=") for part in pattern.parts)


def within(pattern: Pattern) -> Pattern:
    """What a text matches if some part of it matches `pattern`."""
    return patterns.of(Wild.ANY_RUN, *pattern.parts, Wild.ANY_RUN)
