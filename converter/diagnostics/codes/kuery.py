"""Codes of kuery; see `converter.diagnostics.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code
from converter.diagnostics.codes.clause import clause_codes

CODES: Mapping[str, Code] = clause_codes("K", "024", "025")
