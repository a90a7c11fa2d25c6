"""Several processes give the same bytes and the same messages in the same order as one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import run
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


HEAVY = """import sys
from converter.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print(end.code, sorted({name.partition('.')[0] for name in sys.modules} & {'yaml', 'pydantic', 'sigma'}))
"""


@pytest.mark.parametrize(
    "words",
    [
        ("r0.toml", "-t", "splunk", "-q", "-j", "1", "-o", "out"),
        ("evaluate", "r0.toml", "-e", "events.ndjson", "-q", "-j", "1", "-o", "out.ndjson"),
    ],
    ids=["convert", "evaluate"],
)
def test_one_kuery_rule_needs_neither_yaml_nor_pydantic_nor_pysigma(rules: Path, words: tuple[str, ...]) -> None:
    (rules / "events.ndjson").write_text('{"user": {"id": "a1"}}\n', encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", HEAVY, *words], cwd=rules, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "0 []\n", ran.stderr


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("0", "Input should be greater than or equal to 1"),
        ("-3", "Input should be greater than or equal to 1"),
        ("two", "Input should be a valid integer, unable to parse string as an integer"),
        ("1.5", "Input should be a valid integer, unable to parse string as an integer"),
    ],
)
def test_what_is_no_number_of_processes_is_said_as_typer_says_it(word: str, said: str) -> None:
    ran = run("evaluate", "rules", "-e", "events.ndjson", "-j", word)
    assert ran.code == 2
    assert said in ran.err
