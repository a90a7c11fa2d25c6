"""docs/ci.md, followed to the letter."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from repository import ACTION, PAGE, Repository, block, files_of_the_page
from shared import ROOT

from benchmarks.release_check import IN_SDIST

needs_bash_and_git = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("git") is None, reason="bash or git is not installed"
)

RULE = '''\
[metadata]
maturity = "production"

[rule]
author = ["Me"]
description = "A rule."
from = "now-9m"
index = ["logs-endpoint.events.process-*"]
interval = "5m"
language = "kuery"
license = "MIT"
name = "{name}"
risk_score = 47
rule_id = "{id}"
severity = "medium"
type = "query"
query = """
host.os.type: "windows" and event.category: "process" and process.name: ("cmd.exe" or "powershell.exe")
"""
'''


def rule(name: str) -> str:
    return RULE.format(name=name.capitalize(), id=f"00000000-0000-4000-8000-{sum(map(ord, name)):012}")


@needs_bash_and_git
def test_the_page_to_the_letter(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for name, text in files_of_the_page().items():
        (repository.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (repository.folder / name).write_text(text)
    (repository.folder / ".pre-commit-config.yaml").unlink()  # the page's other way
    rules = repository.folder / "rules"
    rules.mkdir()
    for name in ("changed", "deleted", "unfinished", "same"):
        (rules / f"{name}.toml").write_text(rule(name))
    repository.commit()
    repository.git("push", "--quiet", "origin", "main")

    first = repository.run("push")
    assert (first.code, first.comments) == (0, "")
    assert (repository.folder / "converted" / "report.html").is_file()
    assert len(list((repository.folder / "converted" / "sentinel").glob("*.yaml"))) == 4
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=repository.folder, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""

    repository.git("switch", "--quiet", "--create", "change")
    (rules / "changed.toml").write_text(rule("changed").replace("powershell.exe", "pwsh.exe"))
    (rules / "deleted.toml").unlink()
    (rules / "unfinished.toml").write_text(rule("unfinished").partition('"medium"')[0])
    repository.commit()
    second = repository.run("pull_request")
    assert second.code == 1
    promised = block("markdown", "### Broken")
    assert promised in second.summary
    assert block("text", "::error").strip() in second.build
    assert "file=rules/same.toml" not in second.build
    assert second.comments == f"pr comment 7 --edit-last --body-file {tmp_path}/runner/siemglot.md\n"
    assert not list((repository.folder / "converted").rglob("deleted.*"))

    (rules / "unfinished.toml").write_text(rule("unfinished"))
    repository.commit()
    assert repository.run("pull_request").code == 0


@needs_bash_and_git
def test_outputs_that_are_committed(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    (repository.folder / "siemglot.toml").write_text(files_of_the_page()["siemglot.toml"])
    (repository.folder / "rules").mkdir()
    (repository.folder / "rules" / "same.toml").write_text(rule("same"))
    assert repository.run("push").code == 0
    repository.commit()
    assert repository.run("push", check="true").code == 0
    (repository.folder / "rules" / "same.toml").write_text(rule("same").replace("cmd.exe", "ftp.exe"))
    before = (repository.folder / "converted" / "siemglot.lock").read_bytes()
    assert repository.run("push", check="true").code == 1
    assert (repository.folder / "converted" / "siemglot.lock").read_bytes() == before


def test_the_page_names_every_input() -> None:
    for name, one in ACTION["inputs"].items():
        assert f"`{name}`" in PAGE, name
        assert one["description"].endswith(".")


def test_workflows_are_yaml_and_what_they_run_exists() -> None:
    paths = [*(ROOT / "examples" / "ci").glob("*.yml"), *(ROOT / ".github" / "workflows").glob("*.yml")]
    assert len(paths) == 4
    for path in paths:
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["entry"].split()[:2] for hook in hooks] == [["siemglot", "build"]] * 2
    (hook,) = yaml.safe_load(files_of_the_page()[".pre-commit-config.yaml"])["repos"][0]["hooks"]
    assert hook["id"] in {one["id"] for one in hooks}
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    packed = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("targets.sdist]")[2].partition("]")[0]
    for name in IN_SDIST:  # what the tests in it read
        assert f'"{name.partition("/")[0]}"' in packed, name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("dist", "release-check"):
        assert f"make {target}" in release
        assert f"\n{target}:" in makefile
