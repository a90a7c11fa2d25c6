"""The rules of the code that no linter knows: sizes, words, codes, and who imports whom."""

from __future__ import annotations

import ast
import copy
import functools
import pickle
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest
from shared import ROOT

from converter.diagnostics.catalogue import all_codes
from converter.fields.ecs import load_ecs
from converter.target import registry

SOURCES = sorted(p for folder in ("converter", "backends") for p in (ROOT / folder).rglob("*.py"))
CODE = re.compile(r"[BFKLEQJMSTVX]\d{3}")

# Every event has these, whatever its source.
STRUCTURAL = {"@timestamp", "event.category", "event.ingested"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), path.name)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def documentation(module: ast.Module) -> set[ast.AST]:
    """The string nodes that are docstrings or stand alone, as comments do."""
    return {node.value for node in ast.walk(module) if isinstance(node, ast.Expr)}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rules ask of a file: `texts` are its string literals without documentation, `functions` name -> lines."""

    lines: int
    functions: tuple[tuple[str, int], ...]
    identifiers: frozenset[str]
    names: frozenset[str]
    texts: frozenset[str]
    imported: frozenset[str]


@functools.cache
def shape(path: Path) -> Shape:
    """Each file is parsed once; its tree is not kept."""
    module = tree(path)
    nodes, skipped = list(ast.walk(module)), documentation(module)
    names = frozenset(n.id for n in nodes if isinstance(n, ast.Name))
    identifiers = names | {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    identifiers |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    identifiers |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return Shape(
        len(path.read_text(encoding="utf-8").splitlines()),
        tuple((n.name, length(n)) for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)),
        identifiers,
        names,
        frozenset(
            n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and n not in skipped
        ),
        frozenset(imports(nodes)),
    )


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Statements and signatures count, not docstrings."""
    assert function.end_lineno is not None
    doc = function.body[0] if ast.get_docstring(function) else None
    return function.end_lineno - function.lineno + 1 - ((doc.end_lineno or doc.lineno) - doc.lineno + 1 if doc else 0)


def imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The packages that a file imports, anywhere in it."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_there_is_something_to_judge() -> None:
    assert len(SOURCES) > 600
    assert sum(len(shape(path).functions) for path in SOURCES) > 4_000


def test_files_are_short() -> None:
    assert [name(path) for path in SOURCES if shape(path).lines > 450] == []


def test_functions_are_short() -> None:
    options = [f"converter/cli/{one}.py" for one in ("app", "build", "evaluating")]  # signatures are tables of options
    judged = [path for path in SOURCES if name(path) not in options]
    assert [(name(path), one) for path in judged for one, lines in shape(path).functions if lines > 60] == []


def test_no_identifier_says_kql() -> None:
    """It means both Kibana's and Microsoft's language. What another package calls its own is not ours to name."""
    named = ((path, one) for path in SOURCES for one in {*shape(path).identifiers, path.stem})
    assert [(name(path), one) for path, one in named if "kql" in one.lower()] == []


def test_no_field_name_of_a_product() -> None:
    """Facts about fields live in the tables."""
    fields = {path for path, _, _ in load_ecs() if "." in path} - STRUCTURAL
    assert [(name(path), shape(path).texts & fields) for path in SOURCES if shape(path).texts & fields] == []


def test_codes_are_objects_and_each_is_said() -> None:
    # A target that no engine judges yet explains its codes in its own refusals.
    nascent = {ROOT / "backends" / t for t in registry.builtin_names() if not registry.load(t).judges}
    said = [p for p in SOURCES if p.name != "codes.py" and not nascent & set(p.parents)]
    assert [(name(p), text) for p in said for text in shape(p).texts if CODE.fullmatch(text)] == []
    used = {one for p in said for one in shape(p).names if CODE.fullmatch(one)}
    assert used == set(all_codes())


def test_every_test_file_is_collected(pytestconfig: pytest.Config) -> None:
    """Pytest's own list of folders to leave out holds `build`, as a room of ours is called."""
    left_out = pytestconfig.getini("norecursedirs")
    folders = {part for path in (ROOT / "tests").rglob("test_*.py") for part in path.relative_to(ROOT).parts[:-1]}
    assert "build" in folders
    assert not {folder for folder in folders for pattern in left_out if fnmatch(folder, pattern)}


def test_every_code_is_expected_by_a_test() -> None:
    """By its name in a test, or in a text that a test expects word for word."""
    folder = ROOT / "tests"
    expecting = [*folder.rglob("*.py"), *(folder / "errors").rglob("*.txt")]
    named = {code for path in expecting for code in re.findall(r"\b[A-Z]\d{3}\b", path.read_text(encoding="utf-8"))}
    assert set(all_codes()) <= named


def test_a_code_is_its_name_with_an_entry() -> None:
    for code in all_codes().values():
        for copied in (pickle.loads(pickle.dumps(code)), copy.deepcopy(code)):  # noqa: S301 - our own
            assert copied == code
            assert (copied.summary, copied.meaning, copied.remedy) == (code.summary, code.meaning, code.remedy)


def test_code_entries_are_sentences() -> None:
    for code, entry in all_codes().items():
        assert CODE.fullmatch(code)
        assert entry.summary
        assert entry.summary[-1] != "."
        assert entry.meaning.endswith((".", "!", "?")), code
        assert entry.remedy.endswith((".", "!", "?")), code


def test_targets_import_the_converter_and_themselves() -> None:
    allowed = {"converter", "sigma", "yaml", "re2", *sys.stdlib_module_names}
    for path in (p for p in SOURCES if "backends" in p.parts):
        package = path.relative_to(ROOT / "backends").parts[0]
        for module in shape(path).imported:
            first, _, rest = module.partition(".")
            if first == "backends":
                assert rest.split(".")[0] == package, (name(path), module)
            else:
                assert first in allowed, (name(path), module)
            forbidden = ("converter.cli", "converter.api", "converter.target.registry")
            assert not module.startswith(forbidden), (name(path), module)


def test_only_sigma_as_target_judge_and_input_know_pysigma() -> None:
    for path in SOURCES:
        if name(path).startswith(("backends/sigma/", "converter/proof/judges/sigma", "converter/proof/panel/sigma")):
            continue
        if name(path) == "converter/readers/sigma/values.py":  # it applies modifiers to values
            continue
        assert not {m for m in shape(path).imported if m.split(".")[0] == "sigma"}, name(path)


def test_start_up_imports_little() -> None:
    """`converter` alone costs next to nothing, and the core works where nothing compiled is installed."""
    script = (
        "import sys; import converter; light = set(sys.modules);"
        "import converter.api, converter.cli; heavy = set(sys.modules);"
        "print('|'.join(sorted({m.split('.')[0] for m in light})), '|'.join(sorted({m.split('.')[0] for m in heavy})))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    light, heavy = (set(part.split("|")) for part in done.stdout.split())
    assert not light & {"typer", "rich", "yaml", "tomli", "sigma", "re2"}
    assert not heavy & {"sigma", "rich", "backends"}


def test_import_contracts() -> None:
    pytest.importorskip("importlinter", reason="import-linter is in the dev extra")
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout
