"""Sigma rules handed on to backends of pySigma: what comes out, and what is said to be lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run
from shared import ROOT

from backends.sigma.deploy import onward
from backends.sigma.deploy.onward import _lost
from converter.cli.exit import Exit

pytest.importorskip("sigma.backends.sqlite", reason="pysigma-backend-sqlite is in the test extra")
SEED = str(ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml")

RULE = r"""
title: a
detection:
  one:
    CommandLine|contains|all: ['C:\Temp\*.exe', ' -enc ']
    EventID: 1
  two:
    - Image|endswith: \cmd.exe
    - Path|re: ^.*x
  condition: one and two
"""


def test_a_backend_makes_a_query() -> None:
    ran = run(SEED, "-t", "sigma:sqlite", "-v")
    assert ran.code == Exit.CONVERTED
    assert ran.out.startswith("SELECT * FROM logs WHERE ")
    assert "Operation='MailItemsAccessed'" in ran.out
    assert "warning[T011]: no engine judges what the target sigma:sqlite writes" in ran.err
    assert "note[T124]" in ran.err
    assert "T123" not in ran.err
    assert "sigma:sqlite: 0 exact, 1 approximate, 0 refused" in ran.err


def test_what_a_query_does_not_have_is_named() -> None:
    whole = r"""CommandLine LIKE '%C:\Temp\%.exe%' AND CommandLine LIKE '% -enc %' AND EventID=1 AND (Image LIKE '%\cmd.exe' OR Path ~ 'x')"""
    assert list(_lost(RULE, whole, fields=True)) == []
    lost = [d.message for d in _lost(RULE, whole.replace("-enc", "").replace("Image", "process"), fields=True)]
    assert lost == ["the query does not have CommandLine:  -enc ", "the query does not have the field Image"]
    assert [d.message for d in _lost(RULE, whole.replace("Image", "process"), fields=False)] == []


def test_what_a_backend_cannot_is_refused(tmp_path: Path) -> None:
    rule = ROOT / "rules" / "samples" / "threshold.toml"
    target = pytest.importorskip("sigma.backends.splunk", reason="pysigma-backend-splunk is in the test extra")
    assert target
    sequence = ROOT / "rules" / "samples" / "sequence.toml"
    ran = run(str(sequence), "-t", "sigma:splunk", "--fields", "ecs", "-o", str(tmp_path))
    assert ran.code == Exit.REFUSED
    assert "error[T122]: splunk cannot convert the rule: " in ran.err
    piped = run(str(rule), "-t", "sigma:splunk+splunk_windows", "--fields", "ecs", "-o", str(tmp_path))
    assert [path.name for path in tmp_path.glob("*.txt")] == ["threshold.splunk.txt"], piped.err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sigma:nowhere", "error[T121]: pySigma has no backend 'nowhere' here\n  hint: installed: "),
        ("sigma:sqlite+none", "error[T121]: pySigma has no pipeline 'none' here"),
        ("splunk:x", "error[T001]: there is no target 'splunk:x'"),
        ("sigma:", "error[T121]: pySigma has no backend '' here"),
    ],
)
def test_error_backends(name: str, said: str) -> None:
    ran = run(SEED, "-t", name)
    assert ran.code == Exit.USAGE
    assert said in ran.err


class _Backend:
    """A backend that gives what it is told to, or fails."""

    def __init__(self, given: object) -> None:
        self._given = given

    def convert(self, _rules: object, _form: str | None) -> object:
        if isinstance(self._given, Exception):
            raise self._given
        return self._given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (KeyError("x"), "error[T122]: sqlite fails on the rule: KeyError: 'x'"),
        (NotImplementedError(), "error[T122]: sqlite cannot convert the rule: NotImplementedError"),
        ([], "error[T122]: sqlite gives no query for the rule"),
    ],
)
def test_a_fault_of_a_backend_refuses_the_rule_and_no_other(
    monkeypatch: pytest.MonkeyPatch, given: object, said: str
) -> None:
    monkeypatch.setattr(onward, "_backend", lambda _name: _Backend(given))
    ran = run(SEED, "-t", "sigma:sqlite,splunk")
    assert ran.code == Exit.REFUSED
    assert said in ran.err
    assert "splunk: 1 exact" in ran.err


def test_formats_are_the_backends() -> None:
    ran = run(SEED, "-t", "sigma:sqlite", "--format", "nope")
    assert ran.code == Exit.USAGE
    assert "error[T003]: sigma:sqlite has no format 'nope'" in ran.err
