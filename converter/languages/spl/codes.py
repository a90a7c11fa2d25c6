"""Codes of the Splunk target."""

from __future__ import annotations

from converter.diagnostics.code import Code

T228 = Code(
    "T228",
    "expression of a table cannot be read",
    "A data set table states an expression, or stages that prepare a place, in SPL that is not read here: nothing "
    "can be built on it.",
    "Correct the table; docs/tables.md says what an expression may hold.",
)
