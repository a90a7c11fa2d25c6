"""A new target is one folder: in a copy of the tree with one added, every test that looks at all targets passes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shared import ROOT

from converter.target import registry

COPIED = ("converter", "backends", "rules", "examples", "docs", "tests", "benchmarks", ".ci", "constraints")
TESTS = (
    "tests/api",
    "tests/documents",
    "tests/cli/test_cli.py",
    "tests/architecture/test_code_shape.py",
)
_OTHERS = " and ".join(f"not {name}" for name in (*registry.builtin_names(), "[converter/"))
"""Leaves out the cases of one other target, or of one file: the suite itself runs them, and they look at no new one."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This tree, with the toy target of the examples as a folder in `backends` and nothing else changed."""
    copy = tmp_path_factory.mktemp("tree")
    for entry in ROOT.iterdir():
        if entry.is_file():
            shutil.copy2(entry, copy)
    for folder in COPIED:
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    # Under a name of its own: the file of the examples may not pass for a target of the package (T009).
    text = (ROOT / "examples" / "toy_target.py").read_text(encoding="utf-8")
    (copy / "backends" / "sentence").mkdir()
    (copy / "backends" / "sentence" / "__init__.py").write_text(
        text.replace('name="toy"', 'name="sentence"'), encoding="utf-8"
    )
    return copy


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("PYTEST_ADDOPTS", "COVERAGE_PROCESS_CONFIG"):  # coverage is the outer run's
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def test_new_target_is_found_and_is_at_most_approximate(tree: Path) -> None:
    listed = run(tree, "-m", "converter", "targets")
    assert "sentence" in listed.stdout.split()
    rule = tree / "tests" / "cli" / "rules" / "cmd.toml"
    converted = run(tree, "-m", "converter", str(rule), "--to", "sentence")
    assert converted.stdout.startswith("Alert when process.name is one of ")
    assert "T011" in converted.stderr
    assert "sentence: 0 exact, 1 approximate, 0 refused" in converted.stderr


def test_new_target_needs_no_edit_elsewhere(tree: Path) -> None:
    judged = run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", _OTHERS, *TESTS)
    assert judged.returncode == 0, judged.stdout[-3000:]
    assert "sentence-" in run(tree, "-m", "pytest", "--collect-only", "-q", "tests/api/test_contract.py").stdout
