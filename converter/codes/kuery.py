"""Codes of kuery; see `converter.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.codes import Code
from converter.codes.clause import clause_codes

CODES: Mapping[str, Code] = clause_codes("K", "024", "025")
