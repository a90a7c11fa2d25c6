"""Codes of this stage; see `converter.diagnostics.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code

CODES: Mapping[str, Code] = {}
