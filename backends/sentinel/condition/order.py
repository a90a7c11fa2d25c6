"""Texts that must stand one after another in a value, without a regular expression.

`*a*b*` is: it holds a, and what stands behind the first a holds b. The first is the one that leaves most room, so
that looking at no other is exact. `*a??b` is: its last characters, as many as that, begin with a and end with b.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from backends.sentinel.condition import tree
from converter.languages.kusto.syntax import Binary, Call, Expression, Number, Text
from converter.model.pattern import Case, Wild

MOST = 2
"""Places in one value beyond which a regular expression reads better."""
MOST_PATTERNS = 3
"""Patterns with places, of one test, beyond which one regular expression for all reads better."""

Parts = Sequence[str | Wild]


def places(parts: Parts) -> int:
    """How many places in the value a pattern asks for: of texts between two runs all but the last, and of an end."""
    runs = [i for i, p in enumerate(parts) if p is Wild.ANY_RUN]
    if not runs:
        return 0
    between = [parts[a + 1 : b] for a, b in itertools.pairwise(runs)]
    return max(0, len(between) - 1) + (Wild.ANY_ONE in parts[runs[-1] :])


def folds(parts: Parts, case: Case) -> bool:
    """Whether a place is found by lower-case letters that a letter beyond ASCII may become."""
    runs = [i for i, p in enumerate(parts) if p is Wild.ANY_RUN]
    texts = [p for p in parts[runs[0] : runs[-1]] if isinstance(p, str)] if runs else []
    return case is Case.INSENSITIVE and any(not _BEYOND.isdisjoint(t) for t in texts[:-1])


_BEYOND = frozenset("kKsSiI")


def behind(text: Expression, found: str, case: Case) -> Expression:
    """What stands behind the first of these texts. In a value that has none it is not what it says."""
    whole, from_ = _of(text)
    folded = case is Case.INSENSITIVE and found.lower() != found.upper()
    searched = tree.call("tolower", whole) if folded else whole
    first = tree.call("indexof", searched, Text(found.lower() if folded else found), *from_)
    return tree.call("substring", whole, Binary("+", first, Number(len(found))))


def _of(text: Expression) -> tuple[Expression, tuple[Expression, ...]]:
    """The whole of which a text is what stands behind so many characters, and how many, for indexof()."""
    match text:
        case Call("substring", (whole, Number() as start)):
            return whole, (start,)
        case _:
            return text, ()


def length(parts: Parts) -> int:
    """How many characters a pattern without runs takes."""
    return sum(len(p) if isinstance(p, str) else 1 for p in parts)


def last(text: Expression, count: int) -> Expression:
    """The last characters of a text that has so many."""
    return tree.call("substring", text, Binary("-", tree.call("strlen", text), Number(count)))


def at_least(text: Expression, count: int) -> Expression:
    """The text has so many characters."""
    return Binary(">=", tree.call("strlen", text), Number(count))
