"""Codes of the targets: T0xx for all of them, and a module `target_<name>` for each."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from converter.diagnostics.codes import Code

_MODULES = sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if m.name.startswith("target_"))

CODES: Mapping[str, Code] = {
    code: entry
    for name in _MODULES
    for code, entry in importlib.import_module(f"converter.diagnostics.codes.{name}").CODES.items()
}
