"""Kusto conditions say what the predicate says: our interpreter under every reading, and Microsoft's parser."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from strategies import NESTED
from targets.sentinel_cases import emitted, events, leaves, query, rows, table, trees
from targets.test_splunk_predicate import OBJECTS, TERMS

from converter.model.normalise import normalise
from converter.model.predicate import Element, Not, Predicate
from converter.model.rule import Match
from converter.proof.judges.kusto.run import READINGS, Reading, run
from converter.reference import matches

_SETTINGS = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@_SETTINGS
@given(trees(leaves()), st.lists(events(), min_size=1, max_size=6), st.sampled_from(READINGS))
def test_verdict_random_predicates(predicate: Predicate, found: list[dict[str, object]], reading: Reading) -> None:
    text, diagnostics = query(predicate)
    note(text)
    note(repr(diagnostics))
    wanted = [i for i, event in enumerate(found) if matches(predicate, event)]
    assert rows(text, found, reading) == wanted


# Empty texts left out: a string column cannot tell them from missing values (T301).
SOME: list[dict[str, object]] = [{NESTED: [one]} for one in OBJECTS if one.get("role") != ""]
COLUMNS = {"row": "long", NESTED: "dynamic", "@timestamp": "datetime"}


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize("name", list(TERMS))
def test_one_object_of_an_array_satisfies_a_term(name: str, negated: bool) -> None:
    """Each object alone, two beside each other, an event without the array; what a member lacks is no null."""
    where = normalise(Not(Element(NESTED, TERMS[name])) if negated else Element(NESTED, TERMS[name]))
    found: list[dict[str, object]] = [*SOME, {NESTED: OBJECTS[1:4]}, {NESTED: OBJECTS[2]}, {}]
    emission = emitted(Match(where))
    assert emission.text, emission.diagnostics
    wanted = [number for number, event in enumerate(found) if matches(where, event, 0)]
    for reading in (READINGS[0], READINGS[-1]):
        result = run(emission.text, {"ECS": table(found, COLUMNS)}, reading=reading)
        assert sorted(int(str(row["row"])) for row in result) == wanted


pytestmark = pytest.mark.filterwarnings("error")
