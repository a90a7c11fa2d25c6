"""`siemglot verify` where nothing is judged: it never says that engines agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run

from converter.cli.exit import Exit

RULE = "[rule]\nname = 'Counted'\ntype = 'esql'\nlanguage = 'esql'\nquery = 'from logs-* | stats n = count(*) by user.name | where n > 1'\n"


@pytest.fixture
def rule(tmp_path: Path) -> str:
    path = tmp_path / "rule.toml"
    path.write_text(RULE)
    return str(path)


@pytest.mark.parametrize("text", ["", "[]", "\n\n"])
def test_error_of_a_file_without_events(rule: str, tmp_path: Path, text: str) -> None:
    events = tmp_path / "events.json"
    events.write_text(text)
    ran = run("verify", rule, "-t", "splunk", "--events", str(events))
    assert ran.code == Exit.REFUSED
    assert "error[F030]: the file holds no event" in ran.err
    assert "agree" not in ran.out


def test_what_no_engine_judged_is_no_agreement(rule: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    rows.write_text('[{"x": 1}]')
    ran = run("verify", rule, "--native", f"sentinel={rows}")
    assert ran.code == Exit.REFUSED
    assert "agree" not in ran.out
    assert "Counted: 1 events, 0 in alerts (reference, kusto): nothing was judged" in ran.out


def test_engines_that_judged_agree(rule: str) -> None:
    ran = run("verify", rule, "-t", "splunk")
    assert ran.code == Exit.CONVERTED
    assert "(reference, spl): all engines agree" in ran.out
