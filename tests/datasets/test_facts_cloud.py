"""What the cloud tables declare of a column holds for every real event of the data set."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from cloud_cases import CASES, Case
from pairs import Raw, pairs_of, table_named
from shared import needs_shared

from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.table import Place
from converter.model.fact import Fact
from converter.reference import matches

pytestmark = needs_shared


def values(event: object, path: str) -> Iterator[str]:
    """The texts under a column's name; names may hold dots of their own, and `{}` stands for an array's elements."""
    if isinstance(event, list):
        for one in event:
            yield from values(one, path)
    elif not path:
        if isinstance(event, bool):
            yield str(event).lower()
        elif event is not None and not isinstance(event, Mapping):
            yield str(event)
    elif isinstance(event, Mapping):
        for name, inner in event.items():
            for head in (name, f"{name}{{}}"):
                if path == head:
                    yield from values(inner, "")
                elif path.startswith(f"{head}."):
                    yield from values(inner, path[len(head) + 1 :])


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


ONE: Mapping[Fact, Callable[[str], bool]] = {
    Fact.LOWER_CASE: lambda text: text == text.lower(),
    Fact.NEVER_EMPTY: bool,
    Fact.ONE_LINE: lambda text: "\n" not in text,
    Fact.ADDRESS: lambda text: not text or _address(text),
    Fact.IDENTIFIER: lambda text: text.isascii() and not any(c.isspace() for c in text),
}
"""What a fact says of one value."""


def broken(place: Place, events: Sequence[Raw], whole: Sequence[Raw]) -> list[str]:
    """The declared facts that an event of the place contradicts; `whole` are those events that lack no property."""
    found = []
    for column, facts in place.facts.items():
        each = [list(values(event, column)) for event in whole]
        texts = {t for event in (*whole, *events) for t in values(event, column)}
        for fact in facts:
            if fact is Fact.ALWAYS and not all(each):
                found.append(f"{column} is missing in {sum(not own for own in each)} of {len(each)} events")
            elif fact is Fact.ONE_SPELLING:
                named = {t.lower() for t in place.variants.get(column, ())}
                count = Counter(t.lower() for t in texts)
                twice = sorted(t for t in texts if count[t.lower()] > 1 and t.lower() not in named)
                found += [f"{column} has {twice}"] if twice else []
            elif fact in ONE and not all(map(ONE[fact], texts)):
                found.append(f"{column} is not {fact.word}: {sorted(t for t in texts if not ONE[fact](t))[:3]}")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_declared_facts_hold_for_every_real_event(case: Case) -> None:
    place = next(p for p in table_named(case.table).places[case.platform] if p.name == case.place)
    whole: list[Raw] = []
    others: list[Raw] = []
    for pair in pairs_of(case.dataset, derived=5000):
        row = case.row(pair.raw) if case.row else pair.raw
        if case.keep(pair) and row is not None:
            (whole if case.whole(pair) else others).append(row)
    assert len(whole) + len(others) >= case.least[0]
    assert place.facts or case.platform != "splunk"
    assert place.show
    assert not broken(place, others, whole)


@pytest.mark.parametrize("case", [c for c in CASES if c.dataset == "o365.audit"], ids=lambda case: case.name)
def test_declared_implications_hold_for_every_real_event(case: Case) -> None:
    site = builtin().site(case.table, case.platform, case.place)
    events = [p.raw for p in pairs_of(case.dataset, derived=5000) if case.keep(p)]
    assert site.implications
    for one in site.implications:
        meant = [event for event in events if matches(one.when, event)]
        assert meant
        assert [event for event in meant if not matches(one.then, event)] == []


def test_a_fact_that_an_event_contradicts_is_found() -> None:
    place = Place("p", {}, facts={"a.b{}.c": frozenset({*ONE, Fact.ALWAYS, Fact.ONE_SPELLING})})
    bad = {"a": {"b": [{"c": "X\ny"}, {"c": "x\nY"}, {"c": ""}]}}
    assert len(broken(place, [], [bad, {}])) == len(ONE) + 2
    assert broken(place, [], [{"a": {"b": [{"c": "::1"}]}}]) == []
