"""Predicates as terms of the leading `search`: exactly where `search` can say them, else as a superset.

`search` compares text without regard to case, takes any value of a field, and its NOT is true on a missing field.
It cannot escape an asterisk, and its reading of an empty value is not settled.
"""

from __future__ import annotations

import re
from typing import assert_never

from backends.splunk.condition.layout import Condition, Join, Line, Negated, joined
from backends.splunk.condition.literal import SEARCH_RESERVED, is_searchable, search_field, search_value
from backends.splunk.condition.names import Names
from backends.splunk.condition.number import number
from converter.model.pattern import Case, Pattern
from converter.model.predicate import (
    And,
    Between,
    Compare,
    Constant,
    Element,
    Holds,
    InNetwork,
    Like,
    Matches,
    Not,
    OneOf,
    Or,
    Phrase,
    Predicate,
    Present,
)
from converter.model.value import Field

_SHORTEST_RUN = 3
_RUN = re.compile(r"[A-Za-z0-9]+")


class Terms:
    """Writes terms of `search`."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def _name(self, field: Field) -> str | None:
        if self._names.is_computed(field):
            return None
        name = self._names.of(field)
        return None if name.lower() in SEARCH_RESERVED else search_field(name)

    def exact(self, predicate: Predicate) -> Condition | None:
        """The predicate as `search` says it, or None if it cannot say just that."""
        match predicate:
            case And(terms) | Or(terms):
                parts = [self.exact(t) for t in terms]
                done = [p for p in parts if p is not None]
                join = Join.BLANK if isinstance(predicate, And) else Join.OR
                return joined(join, done) if done and len(done) == len(parts) else None
            case Between(field) if not field.many:
                return self.exact(And(predicate.ends))
            case Not(term):
                inner = self.exact(term)
                return Negated(inner) if inner is not None else None
            case OneOf(field, values, case):
                plain = all(map(is_searchable, values))
                blind = case is Case.INSENSITIVE or field.closed or not any(c.isalpha() for v in values for c in v)
                return self._values(field, values) if plain and blind else None
            case Compare():
                return self._compare(predicate)
            case InNetwork(field, networks):
                name = self._name(field)
                if name is None:
                    return None
                return joined(Join.OR, [Line(f"{name}={search_value(n)}") for n in networks])
            case Present() | Between() | Like() | Matches() | Phrase() | Element() | Holds() | Constant():
                return None
            case _:
                assert_never(predicate)

    def _values(self, field: Field, values: tuple[str, ...]) -> Condition | None:
        name = self._name(field)
        if name is None:
            return None
        if len(values) == 1:
            return Line(f"{name}={search_value(values[0])}")
        return Line(f"{name} IN ({', '.join(map(search_value, values))})")

    def _compare(self, leaf: Compare) -> Condition | None:
        name = self._name(leaf.field)
        match leaf.value:
            case _ if name is None:
                return None
            case bool():
                return Line(f"{name}={search_value(str(leaf.value).lower())}")
            case int() | float() if leaf.comparison.value != "==":
                return Line(f"{name}{leaf.comparison.value}{number(leaf.value)}")
            case _:
                return None

    def superset(self, predicate: Predicate) -> Condition | None:
        """A condition that holds wherever the predicate does, or None if there is none worth writing."""
        exact = self.exact(predicate)
        if exact is not None:
            return exact
        match predicate:
            case And(terms):
                some = [c for t in terms if (c := self.superset(t)) is not None]
                return joined(Join.BLANK, some) if some else None
            case Or(terms):
                all_ = [self.superset(t) for t in terms]
                done = [c for c in all_ if c is not None]
                return joined(Join.OR, done) if done and len(done) == len(all_) else None
            case Between():
                return self.superset(And(predicate.ends))
            case OneOf(field, values):
                return self._loose(field, tuple(v if is_searchable(v) else _contains(v) for v in values))
            case Like(field, patterns):
                return self._loose(field, tuple(_pattern(p) for p in patterns))
            case Phrase(field, tokens):
                found = [self._loose(field, (_pattern(t),)) for t in tokens]
                done = [c for c in found if c is not None]
                return joined(Join.BLANK, done) if done else None
            case Not() | Constant() | Present() | Compare() | Matches() | InNetwork() | Element() | Holds():
                return None
            case _:
                assert_never(predicate)

    def _loose(self, field: Field, values: tuple[str | None, ...]) -> Condition | None:
        known = tuple(dict.fromkeys(v for v in values if v is not None))
        return self._values(field, known) if known and None not in values else None


def _contains(text: str) -> str | None:
    """Wildcards around the longest run of letters and digits: across other signs Splunk promises nothing."""
    longest = max(_RUN.findall(text), key=len, default="")
    return f"*{longest}*" if len(longest) >= _SHORTEST_RUN else None


def _pattern(pattern: Pattern) -> str | None:
    runs = [p for p in pattern.parts if isinstance(p, str)]
    found = [c for r in runs if (c := _contains(r)) is not None]
    return max(found, key=len, default=None)
