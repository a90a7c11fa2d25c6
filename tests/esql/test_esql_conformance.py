"""Elasticsearch's own suite, by result."""

from __future__ import annotations

from typing import Any

import pytest
from esql_cases import ALL, FILES, NOW, ROOT, compared, tables

from converter.reference.esql import esql


@pytest.mark.skipif(not FILES, reason=f"the shared cases are not at {ROOT} (set SIEMGLOT_SHARED)")
def test_all_cases_are_there() -> None:
    assert len(ALL) == 392


@pytest.mark.parametrize("case", ALL)
def test_case(case: dict[str, Any]) -> None:
    compared(case, esql(case["query"], tables(), now=NOW))
