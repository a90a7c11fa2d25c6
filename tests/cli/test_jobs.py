"""Several processes give the same bytes and the same messages in the same order as one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shared import ROOT

RULE = """[rule]
name = "rule {number}"
type = "query"
language = "kuery"
index = ["logs-o365.audit-*"]
query = '''{query}'''
"""
QUERIES = ("event.dataset: o365.audit and user.id: a{number}", "user.id: b and acme.x: {number}", "user.id: (", "a: b")
COUNT = 60


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    for number in range(COUNT):
        text = RULE.format(number=number, query=QUERIES[number % len(QUERIES)].format(number=number))
        (folder / f"r{number}.toml").write_text(text, encoding="utf-8")
    (folder / "broken.toml").write_text("[rule", encoding="utf-8")
    return folder


def converted(rules: Path, out: Path, jobs: int) -> tuple[int, str, dict[str, bytes]]:
    command = [sys.executable, "-m", "converter", ".", "-t", "splunk,sentinel", "-v", "-j", str(jobs)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [*command, "--report", "json", "-o", out],
        cwd=rules,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    files = {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    said = ran.stderr.replace(out.as_posix(), "OUT")
    return ran.returncode, said, {name: data.replace(out.as_posix().encode(), b"OUT") for name, data in files.items()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only a system that can fork shares the work")
def test_two_processes_give_what_one_gives(rules: Path, tmp_path: Path) -> None:
    one, two = (converted(rules, tmp_path / str(jobs), jobs) for jobs in (1, 2))
    assert one == two
    code, said, files = one
    assert code == 1
    assert len([name for name in files if name.endswith(".spl")]) >= COUNT // len(QUERIES)
    assert "error[" in said


def test_one_kuery_rule_needs_neither_yaml_nor_pydantic_nor_pysigma(rules: Path) -> None:
    code = "import sys; from converter.cli import main\ntry: main(['r0.toml', '-t', 'splunk', '-q'])\nexcept SystemExit: pass\nprint(sorted({m.partition('.')[0] for m in sys.modules} & {'yaml', 'pydantic', 'sigma'}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=rules, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr
