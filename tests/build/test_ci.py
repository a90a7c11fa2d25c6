"""docs/ci.md, followed to the letter."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from repository import ACTION, PAGE, Repository, block, files_of_the_page
from shared import ROOT

import converter
from benchmarks.release_check import IN_SDIST

needs_bash_and_git = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "git", "jq"))),
    reason="bash, git or jq (all on GitHub's runners) is not installed",
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
    assert (first.code, first.build, repository.comments) == (0, "", [])
    assert repository.pip.read_text() == f"-m pip install --quiet {ROOT}\n"
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
    for person in (True, False):
        repository.say("<!-- siemglot -->\nlooks good" if not person else "of another action", own=person)
    second = repository.run("pull_request")
    promised, annotation = block("markdown", "### Broken"), block("text", "::error")
    assert second.code == 1
    assert second.summary == promised
    assert second.build == annotation
    assert second.out == annotation  # no step says anything else to GitHub
    said = [comment["body"] for comment in repository.comments]
    assert said == ["of another action", "<!-- siemglot -->\nlooks good", f"<!-- siemglot -->\n{promised}"]
    assert not list((repository.folder / "converted").rglob("deleted.*"))
    assert not list((repository.folder / "converted").rglob("unfinished.*"))

    (rules / "unfinished.toml").write_text(rule("unfinished"))
    repository.commit()
    third = repository.run("pull_request")
    assert (third.code, third.out) == (0, "")
    assert len(repository.comments) == 3  # the comment of the last run is edited
    assert repository.comments[2]["body"] == f"<!-- siemglot -->\n{third.summary}"
    assert "### Broken" not in third.summary


@needs_bash_and_git
def test_a_comment_that_may_not_be_written_fails_no_job(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    (repository.folder / "siemglot.toml").write_text(files_of_the_page()["siemglot.toml"])
    (repository.folder / "rules").mkdir()
    (repository.folder / "rules" / "same.toml").write_text(rule("same"))
    repository.commit()
    repository.git("push", "--quiet", "origin", "main")
    (tmp_path / "forbidden").touch()
    ran = repository.run("pull_request")
    assert (ran.code, ran.out) == (
        0,
        "::warning title=siemglot::the comment needs the permission pull-requests: write\n",
    )
    (repository.folder / "siemglot.toml").write_text("rules = 1\n")
    repository.commit()
    ran = repository.run("pull_request")
    assert (ran.code, ran.out, ran.summary) == (2, "", "")  # nothing was built: there is nothing to comment


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


def test_one_name_to_fill_in() -> None:
    """The page says what it stands for, and the version beside it is this one."""
    paths = [ROOT / "docs" / "ci.md", *(ROOT / "examples" / "ci").glob("*.yml")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    uses = re.findall(r"^ *- uses: (.*)/siemglot@v(.*)$", text, re.MULTILINE)
    assert set(uses) == {("your-organisation", converter.__version__)}
    assert f"rev: v{converter.__version__}" in text
    assert PAGE.count("`your-organisation`") == 1


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
    images = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {word for line in re.findall(r"^COPY (?!--)(.*)", images, re.MULTILINE) for word in line.split()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {wheel["hooks"]["custom"]["path"], *wheel["packages"], *project["project"]["license-files"]} <= copied
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    packed = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("targets.sdist]")[2].partition("]")[0]
    for name in IN_SDIST:  # what the tests in it read
        assert f'"{name.partition("/")[0]}"' in packed, name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("dist", "release-check"):
        assert f"make {target}" in release
        assert f"\n{target}:" in makefile
