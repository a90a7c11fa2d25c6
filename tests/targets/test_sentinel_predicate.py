"""Kusto conditions say what the predicate says: our interpreter under every reading, and Microsoft's parser."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from targets.sentinel_cases import events, leaves, query, rows, trees

from converter.model.predicate import Predicate
from converter.proof.judges.kusto.run import READINGS, Reading
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


pytestmark = pytest.mark.filterwarnings("error")
