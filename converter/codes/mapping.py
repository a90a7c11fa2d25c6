"""Codes of this stage; see `converter.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.codes import Code

CODES: Mapping[str, Code] = {}
