"""Formats that are one folder made of many artifacts, and files that go beside an artifact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import run

TARGET = """
import json
from dataclasses import replace
from converter.diagnostics import Diagnostic, Severity
from converter.target.artifact import File
from converter.target.bundle import Bundled
from converter.target.codes import T012
from converter.target.contract import Emission, Target


def emit(bound, options):
    name = bound.rule.meta.name
    files = (File("beside.txt", name.encode()),) if options.format == "pair" else ()
    return Emission(f"text of {name}\\n", part=name, files=files)


def pack(artifacts, package):
    names = [artifact.part for artifact in artifacts]
    listed = json.dumps({"package": package.name, "names": names}).encode()
    own = [File(f"{package.name}/{name.lower()}.txt", name.encode(), i) for i, name in enumerate(names)]
    said = Diagnostic(T012, "said of the bundle", Severity.WARNING)
    again = [replace(a, diagnostics=(*a.diagnostics, said)) if a.part == "Two" else a for a in artifacts]
    return Bundled((File(f"{package.name}/names.json", listed), *own), tuple(again))


TARGET = Target("packer", "Packer", ".txt", emit, formats={"pack": "", "pair": "", "one": ""}, bundles={"pack": pack})
"""
RULE = """
[rule]
name = "{name}"
rule_id = "{name}"
type = "query"
license = "{licence}"
query = 'user.name: root'
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a target, two rules and one that cannot be read; worked in."""
    (tmp_path / "packer.py").write_text(TARGET)
    (tmp_path / "rules" / "deep").mkdir(parents=True)
    (tmp_path / "rules" / "one.toml").write_text(RULE.format(name="One", licence="MIT"))
    (tmp_path / "rules" / "deep" / "two.toml").write_text(RULE.format(name="Two", licence="Elastic License v2"))
    (tmp_path / "rules" / "wrong.toml").write_text("[rule]\nname = 3\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_artifacts_of_all_rules_are_one_folder(project: Path) -> None:
    (project / "siemglot.toml").write_text('[package]\nname = "mine"\n')
    done = run("rules", "-t", "packer.py", "--format", "pack", "-o", "out", "--report", "json")
    assert done.code == 1  # one rule cannot be read; the others are packed all the same
    written = sorted(p.relative_to(project / "out").as_posix() for p in (project / "out").rglob("*") if p.is_file())
    licences = ["LICENSE-Elastic-2.0.txt", "NOTICE-detection-rules.txt"]
    assert written == [*licences, "mine/names.json", "mine/one.txt", "mine/two.txt", "report.json"]
    assert json.loads((project / "out/mine/names.json").read_text()) == {"package": "mine", "names": ["Two", "One"]}
    report = json.loads((project / "out/report.json").read_text())
    files = {rule["name"]: [a["file"] for a in rule["artifacts"]] for rule in report["rules"]}
    assert files == {"One": ["out/mine/one.txt"], "Two": ["out/mine/two.txt"], None: []}
    said = {r["name"]: [d["message"] for a in r["artifacts"] for d in a["diagnostics"]] for r in report["rules"]}
    assert "said of the bundle" in said["Two"]
    assert "said of the bundle" not in said["One"]
    assert done.err.count("said of the bundle") == 1


def test_check_says_what_is_stale_in_a_bundle(project: Path) -> None:
    (project / "rules" / "wrong.toml").unlink()
    arguments = ("rules", "-t", "packer.py", "--format", "pack", "-o", "out")
    assert run(*arguments).code == 0
    assert run(*arguments, "--check").code == 0
    (project / "out/siemglot_detections/one.txt").write_text("other")
    done = run(*arguments, "--check")
    assert done.code == 1
    assert "F024" in done.err
    assert (project / "out/siemglot_detections/one.txt").read_text() == "other"


@pytest.mark.usefixtures("project")
def test_bundle_needs_a_folder() -> None:
    done = run("rules/one.toml", "-t", "packer.py", "--format", "pack")
    assert done.code == 2
    assert "the format pack is a folder of files" in done.err


def test_files_beside_an_artifact(project: Path) -> None:
    done = run("rules", "-t", "packer.py", "--format", "pair", "-o", "out")
    assert (project / "out/beside.txt").read_text() == "One"
    assert (project / "out/deep/beside.txt").read_text() == "Two"
    assert done.code == 1
    alone = run("rules/one.toml", "-t", "packer.py", "--format", "pair")
    assert alone.out == "text of One\n"
    assert "beside.txt is not written without -o" in alone.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "a b"', "T007"),
        ('version = "1"', "T007"),
        ('title = "a\\u2028b"', "T007"),
        ('nmae = "x"', "did you mean name?"),
    ],
)
def test_package_that_cannot_be_called_so(project: Path, text: str, said: str) -> None:
    (project / "siemglot.toml").write_text(f"[package]\n{text}\n")
    done = run("rules", "-t", "packer.py", "--format", "pack", "-o", "out")
    assert done.code == 2
    assert said in done.err
