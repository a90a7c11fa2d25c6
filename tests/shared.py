"""Where the shared corpus, events and conformance cases are, and how tests skip without them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SIEMGLOT_SHARED", ROOT.parent / "shared"))

needs_shared = pytest.mark.skipif(
    not (SHARED / "corpus").is_dir(), reason=f"the shared corpus is not at {SHARED} (set SIEMGLOT_SHARED)"
)


def corpus_rules() -> Iterator[Path]:
    """Every rule file of the shared corpus, in a stable order; none where it is absent."""
    yield from sorted((SHARED / "corpus").rglob("*.toml"))
