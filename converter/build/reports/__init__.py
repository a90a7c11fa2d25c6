"""The accounts of a build, each made of its records alone: no times, and no paths that nobody gave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from converter.build.changes import Change
    from converter.build.run import Build

Maker: TypeAlias = "Callable[[Build, Sequence[Change]], str]"


def maker(kind: str) -> Maker:
    """What makes the report of a kind (`html`, `sarif`); only the kinds that are wanted are imported."""
    import importlib  # see above

    found: Maker = importlib.import_module(f"{__name__}.as_{kind}").report
    return found
