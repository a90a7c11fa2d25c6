"""Codes of this stage; see `converter.diagnostics.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code

CODES: Mapping[str, Code] = {
    "X001": Code(
        "internal error",
        "The converter itself failed on this input. Nothing was written for it; other inputs are not affected.",
        "Run again with SIEMGLOT_DEBUG=1 in the environment and report what it prints, with the rule.",
    ),
}
