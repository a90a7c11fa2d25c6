"""Law 1 of the house, on random rules and tables: what becomes of each leaf is told, or the artifact is not exact."""

from __future__ import annotations

import os
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_rules import Setting, settings_for

from converter import api
from converter.model.walk import leaves, placed
from converter.target.account import Ending

TARGETS = ("splunk", "sentinel", "sigma")
EXAMPLES = settings(max_examples=int(os.environ.get("SIEMGLOT_EXAMPLES", "250")))  # fewer meet too few exact rules


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("unmapped", ["refuse", "drop"])
def test_no_leaf_vanishes(target: str, unmapped: str) -> None:
    statuses = Counter[str]()

    @EXAMPLES
    @given(settings_for(target))
    def check(setting: Setting) -> None:
        artifact = api.convert(
            setting.rule, target, fields="native", source=setting.source, known=setting.known, unmapped=unmapped
        )
        statuses[artifact.status] += 1
        if artifact.status == "refused":
            assert artifact.text == ""
            return
        told = Counter(line.leaf for line in artifact.account)
        said = Counter(leaf for where in placed(setting.rule.detection) for leaf in leaves(where))
        missing = said - told
        assert not missing or artifact.status == "approximate", f"{list(missing)}\n{artifact.text}"
        lost = [line for line in artifact.account if line.ending is Ending.GIVEN_UP]
        assert not lost or artifact.status == "approximate", f"{lost}\n{artifact.text}"
        for line in artifact.account:
            assert line.ending is not Ending.EMITTED or line.columns, line
            assert line.ending is not Ending.IMPLIED or line.why, line
            assert line.ending is not Ending.GIVEN_UP or line.finding, line

    check()
    sys.stdout.write(f"\n{target}, {unmapped}: {dict(statuses)}")
    assert statuses["exact"] > 5, statuses
    assert statuses["refused"] + statuses["approximate"] > 5, statuses


@settings(max_examples=60)
@given(st.sampled_from(TARGETS).flatmap(settings_for))
def test_conversion_of_random_rules_is_repeatable(setting: Setting) -> None:
    first, second = (
        api.convert(setting.rule, setting.target, fields="native", source=setting.source, known=setting.known)
        for _ in range(2)
    )
    assert first == second
