"""Files that decide may change, or be none, while a run with a cache looks at them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from caching import ACME, BUILD, CONVERT, MAPPING, Project
from shared import ROOT

from converter.build import work
from converter.cli import asking, building, choices, conversion, convert
from converter.cli.exit import Exit

OTHER = MAPPING.replace("values Op", "values Operation")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    made.write("acme.toml", ACME.format(name="Acme", rule_id="acme", day=1, more="", query="event.action: start"))
    (tmp_path / "own.yaml").write_text(MAPPING, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIEMGLOT_CACHE", str(made.cache))
    return made


def write_other(table: Path) -> None:
    """Another mapping, of another time."""
    table.write_text(OTHER, "utf-8")
    os.utime(table, (1, 1))


def while_it_converts(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Something happens before each rule is converted."""
    for module, name in ((conversion, "conversion"), (work, "work")):
        real = getattr(module, name)

        def changing(*given: object, real: Callable[..., object] = real) -> object:
            change()
            return real(*given)

        monkeypatch.setattr(module, name, changing)


@pytest.mark.parametrize("command", [CONVERT, BUILD], ids=["convert", "build"])
@pytest.mark.parametrize("warm", [False, True])
def test_a_mapping_that_changes_in_a_run_is_kept_under_no_name(
    project: Project, monkeypatch: pytest.MonkeyPatch, command: Sequence[str], *, warm: bool
) -> None:
    command = (*command, "-o", "out", "--mapping", "own.yaml")
    table = project.folder / "own.yaml"
    plain = project.afresh((*command, "--no-cache"))
    if warm:
        acme = (project.folder / "rules" / "acme.toml").read_text("utf-8")
        project.remove("acme.toml")
        project.afresh(command)
        project.write("acme.toml", acme)
    with monkeypatch.context() as patch:
        while_it_converts(patch, lambda: write_other(table))
        project.afresh(command)
    other = project.afresh((*command, "--no-cache"))
    assert other != plain
    assert project.afresh(command) == other
    table.write_text(MAPPING, "utf-8")
    assert project.afresh(command) == plain


def test_a_mapping_that_changes_when_a_build_has_read_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    command = (*BUILD, "--mapping", "own.yaml")
    table = project.folder / "own.yaml"
    earlier = project.afresh((*command, "--no-cache"))
    with monkeypatch.context() as patch:

        def changing(asked: asking.Asked) -> asking.Resolved:
            found = asking.resolved(asked)
            write_other(table)
            return found

        patch.setattr(building, "resolved", changing)
        project.afresh(command)
    plain = project.afresh((*command, "--no-cache"))
    assert plain != earlier
    assert project.afresh(command) == plain


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_settings_that_change_in_a_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, *, warm: bool, there: bool
) -> None:
    command = (*CONVERT, "-o", "out")
    place = project.folder / "siemglot.toml"
    if there:
        place.write_text('fields = "native"\n', "utf-8")
    plain = project.afresh((*command, "--no-cache"))
    if warm:
        project.afresh(command)
        project.write("new.toml", ACME.format(name="New", rule_id="new", day=1, more="", query="event.action: start"))
        plain = project.afresh((*command, "--no-cache"))
    with monkeypatch.context() as patch:

        def changing(given: choices.Given) -> choices.Choices:
            place.write_text('fields = "ecs"\n', "utf-8")
            return choices.resolve(given)

        patch.setattr(convert, "resolve", changing)
        project.afresh(command)
    other = project.afresh((*command, "--no-cache"))
    assert other != plain
    assert project.afresh(command) == other
    if there:
        place.write_text('fields = "native"\n', "utf-8")
    else:
        place.unlink()
    assert project.afresh(command) == plain


def test_error_settings_that_break_in_a_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    command, place = (*CONVERT, "-o", "out"), project.folder / "siemglot.toml"
    project.afresh(command)
    project.write("new.toml", ACME.format(name="New", rule_id="new", day=1, more="", query="event.action: start"))

    def changing(given: choices.Given) -> choices.Choices:
        place.write_text("fields = 3\n", "utf-8")
        return choices.resolve(given)

    monkeypatch.setattr(convert, "resolve", changing)
    ran, _ = project.afresh(command)
    assert ran.code == Exit.USAGE
    assert "siemglot.toml:1:1: error[F008]: fields must be a string" in ran.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
@pytest.mark.parametrize("command", [CONVERT, BUILD], ids=["convert", "build"])
@pytest.mark.parametrize("option", ["--config", "--mapping"])
def test_nobody_waits_for_a_pipe(project: Project, command: Sequence[str], option: str) -> None:
    """In processes of their own, which would wait for ever."""
    place = project.folder / "given"
    arguments = [sys.executable, "-m", "converter", *command, "-o", "out", option, place.name]

    def ran(*more: str) -> tuple[int, bytes, bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([*arguments, *more], env=environment, capture_output=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr

    place.write_text(MAPPING if option == "--mapping" else "", "utf-8")
    for _ in range(2):
        assert ran()[0] < Exit.USAGE
    place.unlink()
    os.mkfifo(place)
    plain = ran("--no-cache")
    assert plain[0] == Exit.USAGE
    assert b"it is a pipe or device, not a file" in plain[2]
    assert ran() == plain
