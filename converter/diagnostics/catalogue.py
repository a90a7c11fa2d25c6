"""Every code there is, gathered from the rooms that say them: for `explain`, completion and summaries.

A room's codes are the `Code` values of its module `codes`. The modules are found as files, so that nothing has to be
listed.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path

from converter.diagnostics.code import Code

PACKAGES = ("converter", "backends")


@functools.cache
def all_codes() -> Mapping[str, Code]:
    """Every code by its name, in order."""
    found = {}
    for module in _modules():
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, Code):
                found[str(value)] = value
    return dict(sorted(found.items()))


def lookup(name: str) -> Code | None:
    """The code of this name, in letters of either case; None if there is no such code."""
    return all_codes().get(name.upper())


def _modules() -> Iterator[str]:
    """The modules named `codes`, by their dotted name."""
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
            for path in sorted(Path(folder).rglob("codes.py")):
                yield ".".join((package, *path.relative_to(folder).with_suffix("").parts))
