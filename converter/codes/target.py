"""Codes of all targets: T0xx common, T1xx sigma, T2xx splunk, T3xx sentinel, T4xx python; one module a target."""

from __future__ import annotations

from collections.abc import Mapping

from converter.codes import Code
from converter.codes.target_sentinel import CODES as SENTINEL
from converter.codes.target_splunk import CODES as SPLUNK

CODES: Mapping[str, Code] = {
    **SPLUNK,
    **SENTINEL,
}
