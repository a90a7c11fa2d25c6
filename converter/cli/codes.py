"""Codes of faults of our own."""

from __future__ import annotations

from converter.diagnostics.code import Code

X001 = Code(
    "X001",
    "internal error",
    "The converter itself failed on this input. Nothing was written for it; other inputs are not affected.",
    "Run again with SIEMGLOT_DEBUG=1 in the environment and report what it prints, with the rule.",
)
