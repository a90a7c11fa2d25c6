"""The source of the runtime pieces, and which of them an artifact needs."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from pathlib import Path

from converter.deferred import dataclass

_FOLDER = Path(__file__).parent.parent / "runtime"
_PACKAGE = "backends.python.runtime."


@dataclass(frozen=True, slots=True)
class Piece:
    """One runtime module: what it imports, and its source without imports and docstring."""

    name: str
    needs: tuple[str, ...]
    imports: tuple[str, ...]
    body: str


@functools.cache
def piece(name: str) -> Piece:
    """The piece of a runtime module."""
    text = (_FOLDER / f"{name}.py").read_text(encoding="utf-8")
    needs, imports, first = [], [], 0
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(_PACKAGE):
            needs.append(node.module.removeprefix(_PACKAGE))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                imports.append(ast.unparse(node))
        elif isinstance(node, ast.Expr) and first == 0 and node.lineno == 1:
            continue
        else:
            break
        first = node.end_lineno or 0
    body = "\n".join(text.splitlines()[first:]).strip("\n")
    return Piece(name, tuple(needs), tuple(imports), body)


def assemble(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The import lines and the bodies of the pieces named and of what they need, each once, needed ones first."""
    ordered: dict[str, Piece] = {}

    def add(name: str) -> None:
        if name not in ordered:
            found = piece(name)
            for need in found.needs:
                add(need)
            ordered[name] = found

    for name in names:
        add(name)
    imports = sorted({line for found in ordered.values() for line in found.imports})
    return tuple(imports), tuple(found.body for found in ordered.values())
