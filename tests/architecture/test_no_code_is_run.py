"""What a rule says is never run: no eval, exec, pickle, network or process, but where this list says why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared import ROOT

CALLS = frozenset({"eval", "exec", "compile", "__import__", "exec_module", "system", "popen", "import_module"})
MODULES = frozenset(
    [
        "pickle",
        "marshal",
        "shelve",
        "subprocess",
        "socket",
        "socketserver",
        "http",
        "ftplib",
        "smtplib",
        "telnetlib",
        "ctypes",
        "code",
        "runpy",
        "pty",
    ]
) | {"urllib.request", "urllib.error", "os.system"}

ALLOWED: dict[tuple[str, str], str] = {
    (
        "converter/deferred.py",
        "exec",
    ): "constructors out of the names of fields of our classes, as the library makes them",
    ("converter/target/registry.py", "import_module"): "targets of the package, by the names of its own folders",
    ("converter/target/registry.py", "exec_module"): "a target file that the user names with --to (T008)",
    ("converter/deferred.py", "import_module"): "a package's own modules, by its table, when their names are asked for",
    ("converter/diagnostics/catalogue.py", "import_module"): "the rooms' modules of codes",
    ("converter/build/reports/__init__.py", "import_module"): "a report's own module, by a name of a table",
    ("converter/proof/panel/python.py", "exec"): "a Python artifact is judged by running it: what we emitted",
    ("converter/proof/panel/python.py", "compile"): "as above",
    ("converter/proof/panel/sigma.py", "import_module"): "a second opinion, if installed",
    ("converter/proof/judges/kusto_duckdb.py", "import_module"): "a second opinion, if installed",
    ("converter/proof/elastic/osmem.py", "import_module"): "a second opinion, if installed",
    ("converter/proof/elastic/osmem.py", "subprocess"): "osmem is a server of its own on this machine",
    ("converter/proof/elastic/osmem.py", "urllib.error"): "as above, asked over the loopback address",
    ("converter/proof/elastic/osmem.py", "urllib.request"): "as above",
}
"""(file, what) -> why it may. What is no longer there must go from the list."""


def used(tree: ast.AST) -> Iterator[str]:
    """The names of CALLS and MODULES that a module calls or imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield name
            case ast.Call(func=ast.Attribute(attr=name)) if name in CALLS - {"compile"}:  # many things compile
                yield name
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name):
                yield name
            case ast.Import(names=names):
                yield from (alias.name for alias in names if _forbidden(alias.name))
            case ast.ImportFrom(module=str(module)) if _forbidden(module):
                yield module


def _forbidden(module: str) -> bool:
    return module in MODULES or module.partition(".")[0] in MODULES


def everything() -> set[tuple[str, str]]:
    found = set()
    for room in ("converter", "backends"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "runtime" not in path.parts:  # the source of artifacts, which is data here
                found |= {(path.relative_to(ROOT).as_posix(), name) for name in used(ast.parse(path.read_bytes()))}
    return found


def test_nothing_runs_code_but_what_says_why() -> None:
    found = everything()
    assert found - ALLOWED.keys() == set()
    assert ALLOWED.keys() - found == set()


@pytest.mark.parametrize(
    "text", ["eval(x)", "import pickle", "from http.client import x", "import os\nos.system(x)", "builtins.exec(x)"]
)
def test_what_is_looked_for_is_found(text: str) -> None:
    assert list(used(ast.parse(text)))


def test_artifacts_source_runs_nothing_either() -> None:
    for path in (ROOT / "backends" / "python" / "runtime").rglob("*.py"):
        assert not [name for name in used(ast.parse(path.read_bytes())) if name != "import_module"], path
    assert list(Path(ROOT / "backends" / "python" / "runtime").rglob("*.py"))
