"""No two modules import each other, however long the way round and wherever in a module the import stands."""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Iterator, Mapping

import pytest
from shared import ROOT

Graph = Mapping[str, frozenset[str]]

ALLOWED: dict[frozenset[str], str] = {}
"""Rings that may be, each with its reason."""


@functools.cache
def modules() -> Graph:
    """Every module by its name, which ends in a dot for a package's `__init__`, with those that it imports."""
    found = {}
    for folder in ("converter", "backends"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__")
            found[name] = ast.parse(path.read_text(encoding="utf-8"), path.name)
    return graph(found)


def graph(trees: Mapping[str, ast.Module]) -> Graph:
    """The modules that each imports: at its top, inside of functions, and for its types only."""
    names = {name.removesuffix("."): name for name in trees}
    edges = {}
    for name, tree in trees.items():
        nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
        found = {names[one] for node in nodes for one in imported(node, name, names) if one in names}
        edges[name] = frozenset(found - {name})
    return edges


def imported(node: ast.Import | ast.ImportFrom, inside: str, names: Collection[str]) -> Iterator[str]:
    """What an import names: `from a import b` is the module a.b if there is one, else a."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    above = inside.split(".")[: -node.level] if node.level else []
    base = ".".join([*above, *filter(None, [node.module])])
    for alias in node.names:
        whole = f"{base}.{alias.name}"
        yield whole if whole in names else base


def rings(edges: Graph) -> list[frozenset[str]]:
    """The sets of modules of which each reaches each (Tarjan's strongly connected components) of more than one."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found: list[frozenset[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        waiting.append(name)
        for other in sorted(edges[name]):
            if other not in order:
                visit(other)
            if other in waiting:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            place = waiting.index(name)
            ring = frozenset(waiting[place:])
            del waiting[place:]
            if len(ring) > 1:
                found.append(ring)

    for name in edges:
        if name not in order:
            visit(name)
    return found


def test_no_modules_import_in_a_ring() -> None:
    found = rings(modules())
    assert [sorted(ring) for ring in found if ring not in ALLOWED] == []
    assert set(ALLOWED) <= set(found), "a ring that is no more"
    assert all(ALLOWED.values())


def test_the_graph_is_that_of_the_packages() -> None:
    edges = modules()
    assert len(edges) > 400
    assert sum(map(len, edges.values())) > 2 * len(edges)
    assert "converter.plan.window" in edges["backends.splunk.detection.window"]
    assert "converter.languages.kusto.literal" in edges["converter.languages.kusto.layout"]  # from a package
    assert "converter.readers.eql." in edges["converter.readers.detection"]  # a package that has names of its own


@pytest.mark.parametrize(
    "sources",
    [
        {"a": "import b", "b": "from a import x"},
        {"a": "import b", "b": "def f():\n    import a"},
        {"a": "import b", "b": "if TYPE_CHECKING:\n    from a import X"},
        {"a": "import b", "b": "import c", "c": "import a"},
        {"p.": "from p.a import x", "p.a": "from p import b", "p.b": "from p import x"},
        {"p.": "", "p.a": "from . import b", "p.b": "from .a import x"},
    ],
)
def test_a_ring_is_found(sources: dict[str, str]) -> None:
    assert rings(graph({name: ast.parse(text) for name, text in sources.items()}))


def test_what_is_no_ring() -> None:
    sources = {"p.": "from p.a import x", "p.a": "from p import b, c", "p.b": "import p.c", "p.c": "import re"}
    assert not rings(graph({name: ast.parse(text) for name, text in sources.items()}))
