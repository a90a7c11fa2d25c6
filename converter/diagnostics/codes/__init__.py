"""The catalogue of diagnostic codes: what each means and what to do. Codes are never reused.

F rule file, K kuery, L lucene and filters, E eql, Q esql, J kusto, M mapping, T target, X internal. One module a stage.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One entry: a short title, what it means, and the remedy."""

    title: str
    meaning: str
    remedy: str


_STAGES = {
    "F": "file",
    "K": "kuery",
    "L": "lucene",
    "E": "eql",
    "Q": "esql",
    "J": "kusto",
    "M": "mapping",
    "T": "target",
    "X": "internal",
}


def catalogue(stage: str) -> Mapping[str, Code]:
    """The codes of a stage, by its letter."""
    module = importlib.import_module(f"converter.diagnostics.codes.{_STAGES[stage]}")
    codes: Mapping[str, Code] = module.CODES
    return codes


def lookup(code: str) -> Code | None:
    """The entry of `code`, or None if there is no such code."""
    return catalogue(code[0].upper()).get(code.upper()) if code[:1].upper() in _STAGES else None


def all_codes() -> Mapping[str, Code]:
    """Every code, by stage."""
    return {code: entry for stage in _STAGES for code, entry in catalogue(stage).items()}
