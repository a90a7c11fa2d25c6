"""Where the shared corpus, events and conformance cases are, and how tests skip without them."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from converter import api
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Rule

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))

needs_shared = pytest.mark.skipif(
    not (SHARED / "corpus").is_dir(), reason=f"the shared corpus is not at {SHARED} (set SIEMGLOT_SHARED)"
)

some_or_all = pytest.mark.parametrize(
    "everything", [False, pytest.param(True, marks=pytest.mark.sweep)], ids=["some", "all"]
)
"""A test over the shared corpus that takes a few of its rules, and all of them in a sweep."""


def corpus_rules(every: int = 1) -> Iterator[Path]:
    """Every rule file of the shared corpus (or each n-th), in a stable order; none where it is absent."""
    yield from sorted((SHARED / "corpus").rglob("*.toml"))[::every]


@functools.cache
def corpus_rule(path: Path) -> Rule | None:
    """The rule of a file of the corpus, read once for all tests; None where it is refused, which tests of reading judge."""
    try:
        return api.read_rule(path)
    except ConverterError:
        return None
