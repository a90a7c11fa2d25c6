"""Codes of reading Kusto text; see `converter.diagnostics.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code

CODES: Mapping[str, Code] = {
    "J001": Code(
        "Kusto that is not understood",
        "The text is no Kusto expression or query, or uses an operator that siemglot does not know.",
        "Correct the place that is shown; expressions of tables may use scalar functions and the common operators.",
    ),
    "J002": Code(
        "Kusto that nests too deeply",
        "The text has more levels of parentheses than are read.",
        "Name parts of it with extend or let.",
    ),
    "J003": Code(
        "Kusto that is too long",
        "The text has more characters than are read.",
        "Move long lists of values into a watchlist.",
    ),
}
