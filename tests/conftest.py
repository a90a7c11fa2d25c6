"""Options and settings of the whole test suite."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples everywhere; SIEMGLOT_FUZZ=1 looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("fuzz", derandomize=False, deadline=None)
settings.load_profile("fuzz" if os.environ.get("SIEMGLOT_FUZZ") else "repeatable")

os.environ["SIEMGLOT_CACHE"] = "off"  # what a test sees is what the code does now; tests of the cache have their own


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write expected files anew, for a human to review")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
