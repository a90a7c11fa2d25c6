"""Wildcard patterns by `like`, which compares letters as they are: `%` is any run of characters, `_` any one.

https://help.splunk.com/en/splunk-enterprise/search/spl2-search-manual/wildcards-quotes-and-escape-characters
names the two signs and no escape, so that a text with one of them, or with a backslash, is left to `match`.
"""

from __future__ import annotations

from collections.abc import Sequence

from backends.splunk.condition.columns import Columns
from backends.splunk.condition.literal import is_plain, string
from converter.deferred import compiled, replace
from converter.languages.spl.shorthand import binary, call, concat, disjunction, number
from converter.languages.spl.syntax import Expression, Sign, Text
from converter.model.pattern import Case, Pattern, Wild, of
from converter.model.predicate import Constant, Leaf, Like, OneOf, Predicate
from converter.model.walk import map_leaves

MOST = 4
"""More patterns than this read better as one regular expression."""
_OPEN = compiled(r"[%_\\\x00-\x1f\x7f`\ud800-\udfff]")
_SIGNS = {Wild.ANY_RUN: "%", Wild.ANY_ONE: "_"}


def sayable(patterns: Sequence[Pattern], case: Case) -> bool:
    """Whether `like` says these patterns with certainty.

    Lower-case letters of a value beyond ASCII may be more than one character, which `?` would count.
    """
    folds = case is Case.INSENSITIVE and has_letters(patterns)
    # a dashboard expands what stands between two dollar signs
    dollars = (sum(p.count("$") for p in pattern.parts if isinstance(p, str)) for pattern in patterns)
    return all(d <= 1 for d in dollars) and all(
        not (isinstance(part, str) and (_OPEN.search(part) or (folds and not part.isascii())))
        and not (folds and part is Wild.ANY_ONE)
        for pattern in patterns
        for part in pattern.parts
    )


def has_letters(patterns: Sequence[Pattern]) -> bool:
    """Whether upper and lower case matter."""
    return any(isinstance(p, str) and p.lower() != p.upper() for pattern in patterns for p in pattern.parts)


def test(value: Expression, patterns: Sequence[Pattern], *, lower: bool) -> Expression:
    """The value matches one of the patterns; NULL where it is NULL."""
    return disjunction(_one(value, pattern, lower=lower) for pattern in dict.fromkeys(patterns))


def possible(predicate: Predicate, columns: Columns) -> Predicate:
    """The predicate without patterns that hold a blank, where values are the pieces of a text between blanks."""

    def left(leaf: Leaf) -> Predicate:
        if not isinstance(leaf, OneOf | Like) or columns.cut(leaf.field) is None:
            return leaf
        if isinstance(leaf, OneOf):
            values = tuple(v for v in leaf.values if " " not in v)
            return replace(leaf, values=values) if values else Constant(value=False)
        kept = tuple(p for p in leaf.patterns if not any(isinstance(t, str) and " " in t for t in p.parts))
        return replace(leaf, patterns=kept) if kept else Constant(value=False)

    return map_leaves(predicate, left)


def piece(text: Expression, patterns: Sequence[Pattern]) -> Expression | None:
    """A piece of the text between blanks matches one of the patterns; None if `like` cannot tell."""
    found = [_in_text(p) for p in patterns]
    whole = [p for p in found if p is not None]
    if len(whole) < len(patterns) or len(whole) > MOST or not sayable(whole, Case.SENSITIVE):
        return None
    return test(concat(_BLANK, text, _BLANK), whole, lower=False)


def _in_text(pattern: Pattern) -> Pattern | None:
    """The text with a blank at both ends, where one of its pieces matches the pattern: a run may take no blank."""
    if any(isinstance(part, str) and " " in part for part in pattern.parts):
        return None
    match pattern.parts:
        case (str(a),):
            return of(Wild.ANY_RUN, f" {a} ", Wild.ANY_RUN)
        case (str(a), Wild.ANY_RUN):
            return of(Wild.ANY_RUN, f" {a}", Wild.ANY_RUN)
        case (Wild.ANY_RUN, str(a)):
            return of(Wild.ANY_RUN, f"{a} ", Wild.ANY_RUN)
        case (Wild.ANY_RUN, str(a), Wild.ANY_RUN):
            return of(Wild.ANY_RUN, a, Wild.ANY_RUN)
        case _:
            return None


_BLANK = Text(" ")


def _one(value: Expression, pattern: Pattern, *, lower: bool) -> Expression:
    text = "".join(_SIGNS[p] if isinstance(p, Wild) else p.lower() if lower else p for p in pattern.parts)
    if pattern.literal == "":
        return binary(call("len", value), Sign.EQ, number(0))
    if pattern.literal is not None and is_plain(text):
        return binary(value, Sign.EQ, string(text))
    return call("like", value, string(text))
