"""The tables of cloud data sets against real events: raw and as Elastic indexes them."""

from __future__ import annotations

import pytest
from cloud_cases import CASES, Case
from pairs import Setting, check
from shared import needs_shared

from converter.proof.judges.errors import EngineUnavailable

pytestmark = needs_shared


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_raw_events_get_the_verdicts_of_their_documents(case: Case) -> None:
    setting = Setting(
        case.table, case.platform, case.place, case.row, case.excused, case.skipped, case.renamed, case.derived_probes
    )
    try:
        proof = check(setting, case.pairs())
    except EngineUnavailable as error:  # the list of Sentinel's columns is not at hand
        pytest.skip(str(error))
    print(f"{case.name}: {proof.summary()}")  # noqa: T201  # what the proof rests on
    assert not proof.faults, "\n\n".join(proof.faults[:5])
    least_pairs, least_rules, least_probes = case.least
    assert (proof.pairs >= least_pairs, proof.rules >= least_rules, proof.probes >= least_probes) == (True, True, True)
