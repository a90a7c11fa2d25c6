"""Random rules over the plain columns of a place find in its rows what the reference finds in Elastic's events."""

from __future__ import annotations

import os
import sys
from collections import Counter
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from meaning.least import enough
from pairs import sentinel_hits, splunk_hits
from shared import needs_shared
from table_rows import fits, inverse, lay
from table_rules import conditions, places, rule_of

import converter
from converter.datasets.reading.catalogue import builtin
from converter.model.predicate import Constant, Predicate
from converter.model.rule import Match
from converter.model.value import Kind
from converter.proof.assumption import LOOKALIKES, breach
from converter.proof.rows import mapped_ipv4
from converter.proof.witness import witnesses
from converter.reference import matches

EXAMPLES = settings(max_examples=int(os.environ.get("SIEMGLOT_EXAMPLES", "160")))


@cache
def invertible(target: str) -> tuple[tuple[str, str], ...]:
    """The places whose rows can be made."""
    return tuple(one for one in places(target) if inverse(one[0], target, one[1]) is not None)


@st.composite
def cases(draw: st.DrawFn, target: str) -> tuple[str, str, Predicate]:
    """A place and a condition over its plain columns."""
    name, place = draw(st.sampled_from(invertible(target)))
    way = inverse(name, target, place)
    assert way is not None
    # Moments and analysed text are platform conventions of their own, judged under Elastic's names.
    known = [f for f in way.columns if f.kind not in (Kind.DATE, Kind.TEXT) and fits(way, f)]
    assume(known)
    some = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    return name, place, draw(conditions(name, some, most=4))


@pytest.mark.parametrize("target", ["splunk", pytest.param("sentinel", marks=needs_shared)])  # columns of its tables
def test_rows_have_the_verdict_of_their_events(target: str) -> None:
    count = Counter[str]()

    @EXAMPLES
    @given(cases(target))
    def check(case: tuple[str, str, Predicate]) -> None:
        name, place, where = case
        assume(not isinstance(where, Constant))
        rule = rule_of(builtin().table(name), Match(where))
        artifact = converter.convert(rule, target, fields="native", source=f"{name}/{place}", bare=True, case="exact")
        count[artifact.status] += 1
        if artifact.status != "exact":
            return
        way = inverse(name, target, place)
        assert way is not None
        broken, paths = breach(rule, artifact), [field.path for field in way.columns]
        events = [
            event
            for event in witnesses(where, 40)
            if broken(event) is None and not mapped_ipv4(event, paths) and LOOKALIKES.isdisjoint(str(event))
        ]
        laid = [(event, row) for event, row in zip(events, lay(way, events, where), strict=True) if row]
        rows = [row for _, row in laid]
        found = (
            splunk_hits(artifact, way.place, rows) if target == "splunk" else sentinel_hits(artifact, way.place, rows)
        )
        wanted = {number for number, (event, _) in enumerate(laid) if matches(where, event)}
        count["rows"] += len(rows)
        count["found"] += len(wanted)
        differing = [laid[number] for number in sorted(found ^ wanted)[:2]]
        assert found == wanted, f"{name}/{place}\n{where}\n{differing}\n{artifact.text}"

    check()
    sys.stdout.write(f"\n{target}: {dict(count)}")
    assert count["found"] > 0
    enough(f"{target} rows", "random", count["rows"], count["rows"])
