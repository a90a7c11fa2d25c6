"""The table of reasons at the end of a run stands in one order, whichever way texts are hashed."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.cli.choices import Choices
from converter.cli.console import Console
from converter.cli.convert import _reasons
from converter.cli.inputs import Input
from converter.cli.outcome import Outcome, Run
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.code import Code
from converter.target.artifact import Artifact


def test_reasons_that_are_as_frequent_stand_as_they_were_said(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"T9{number:02}" for number in (7, 3, 9, 1, 8, 2, 6, 4)]
    said = tuple(Diagnostic(Code(name, "what", "why", "Do it."), "so", Severity.WARNING) for name in names)
    artifact = Artifact("splunk", "A rule", "a.spl", "text", said)
    _reasons(Run(Choices(()), (), [Outcome(Input(Path("a.toml")), artifacts=[artifact])]), Console())
    lines = capsys.readouterr().err.splitlines()[1:]
    assert [line.split()[3] for line in lines] == names
