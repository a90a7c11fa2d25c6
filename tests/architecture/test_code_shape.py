"""The rules of the code that no linter knows: sizes, words, codes, and who imports whom."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
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


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def documentation(module: ast.Module) -> set[ast.AST]:
    """The string nodes that are docstrings or stand alone, as comments do."""
    return {node.value for node in ast.walk(module) if isinstance(node, ast.Expr)}


def texts(module: ast.Module) -> Iterator[ast.Constant]:
    """The string literals that are no documentation."""
    skipped = documentation(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node


def test_there_is_something_to_judge() -> None:
    assert len(SOURCES) > 60


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_functions_are_short(path: Path) -> None:
    """Statements and signatures count, not docstrings; a table of options is one statement."""
    for function in functions(tree(path)):
        assert function.end_lineno is not None
        doc = function.body[0] if ast.get_docstring(function) else None
        lines = function.end_lineno - function.lineno + 1
        lines -= (doc.end_lineno or doc.lineno) - doc.lineno + 1 if doc else 0
        if name(path) not in (
            "converter/cli/app.py",
            "converter/cli/evaluating.py",
        ):  # signatures there are the tables of options
            assert lines <= 60, function.name


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_identifier_says_kql(path: Path) -> None:
    """It means both Kibana's and Microsoft's language. What another package calls its own is not ours to name."""
    module = tree(path)
    named = {n.id for n in ast.walk(module) if isinstance(n, ast.Name)}
    named |= {n.attr for n in ast.walk(module) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    named |= {n.arg for n in ast.walk(module) if isinstance(n, ast.arg)}
    named |= {n.name for n in ast.walk(module) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    assert not [n for n in {*named, path.stem} if "kql" in n.lower()]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_field_name_of_a_product(path: Path) -> None:
    """Facts about fields live in the tables."""
    fields = {path for path, _, _ in load_ecs() if "." in path} - STRUCTURAL
    said = {str(node.value) for node in texts(tree(path))}
    assert not said & fields


def test_codes_are_objects_and_each_is_said() -> None:
    # A target that no engine judges yet explains its codes in its own refusals.
    nascent = {ROOT / "backends" / t for t in registry.builtin_names() if not registry.load(t).judges}
    said = [p for p in SOURCES if p.name != "codes.py" and not nascent & set(p.parents)]
    assert not {(name(p), str(n.value)) for p in said for n in texts(tree(p)) if CODE.fullmatch(str(n.value))}
    used = {n.id for p in said for n in ast.walk(tree(p)) if isinstance(n, ast.Name) and CODE.fullmatch(n.id)}
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


def imported(path: Path) -> set[str]:
    """The packages that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", [p for p in SOURCES if "backends" in p.parts], ids=name)
def test_targets_import_the_converter_and_themselves(path: Path) -> None:
    allowed = {"converter", "sigma", "yaml", "re2", *sys.stdlib_module_names}
    package = path.relative_to(ROOT / "backends").parts[0]
    for module in imported(path):
        first, _, rest = module.partition(".")
        if first == "backends":
            assert rest.split(".")[0] == package, module
        else:
            assert first in allowed, module
        assert not module.startswith(("converter.cli", "converter.api", "converter.target.registry"))


def test_only_sigma_as_target_judge_and_input_know_pysigma() -> None:
    for path in SOURCES:
        if name(path).startswith(("backends/sigma/", "converter/proof/judges/sigma", "converter/proof/panel/sigma")):
            continue
        if name(path) == "converter/readers/sigma/values.py":  # it applies modifiers to values
            continue
        assert not {m for m in imported(path) if m.split(".")[0] == "sigma"}, name(path)


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
