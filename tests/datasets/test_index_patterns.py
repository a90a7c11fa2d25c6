"""Two index patterns and whether they have a name in common."""

from __future__ import annotations

import itertools

from converter.datasets.choice.index import globs_meet
from converter.model.pattern import Case, Wild, like, of


def test_patterns_meet_where_some_name_matches_both() -> None:
    texts = ["".join(signs) for length in range(4) for signs in itertools.product("ab*", repeat=length)]
    names = ["".join(signs) for length in range(7) for signs in itertools.product("ab", repeat=length)]
    read = {t: of(*(Wild.ANY_RUN if c == "*" else c for c in t)) for t in texts}
    held = {t: {name for name in names if like(name, read[t], Case.SENSITIVE)} for t in texts}
    for one, other in itertools.product(texts, repeat=2):
        assert globs_meet(one, other) is not held[one].isdisjoint(held[other]), (one, other)
