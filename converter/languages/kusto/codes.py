"""Codes of Kusto texts that data set tables hold."""

from __future__ import annotations

from converter.diagnostics.code import Code

J001 = Code(
    "J001",
    "Kusto that is not understood",
    "The text is no Kusto expression or query, or uses an operator that siemglot does not know.",
    "Correct the place that is shown; expressions of tables may use scalar functions and the common operators.",
)
J002 = Code(
    "J002",
    "Kusto that nests too deeply",
    "The text has more levels of parentheses than are read.",
    "Name parts of it with extend or let.",
)
J003 = Code(
    "J003",
    "Kusto that is too long",
    "The text has more characters than are read.",
    "Move long lists of values into a watchlist.",
)
