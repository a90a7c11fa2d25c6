"""`verify --native`: rows as a platform holds them, by the artifact that people deploy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import run
from shared import ROOT

from converter.cli.exit import Exit

SEED = str(ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml")


def audit(count: int, throttled: str) -> dict[str, object]:
    """A record of Microsoft's unified audit log."""
    return {
        "CreationTime": "2025-06-17T10:00:00",
        "Workload": "Exchange",
        "Operation": "MailItemsAccessed",
        "RecordType": 50,
        "OperationCount": count,
        "OperationProperties": [{"Name": "IsThrottled", "Value": throttled}],
    }


RECORDS = [audit(150, "False"), audit(5, "True"), audit(5, "False")]
CLOUD = [
    {"TimeGenerated": "2025-06-17T10:00:00Z", "ActionType": "MailItemsAccessed", "RawEventData": r} for r in RECORDS
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(RECORDS))
    return path


@pytest.mark.parametrize(("target", "judge"), [("splunk", "spl"), ("sigma", "sigma")])
def test_rows_of_a_platform(rows: Path, target: str, judge: str) -> None:
    ran = run("verify", SEED, "--native", f"{target}={rows}")
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")
    assert f": 3 events, 2 in alerts (reference, {judge}): all engines agree" in ran.out
    by_option = run("verify", SEED, "-t", target, "--native", str(rows), "--source", "o365.audit")
    assert by_option.out == ran.out


def test_columns_that_the_table_computes_leave_the_artifact_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(CLOUD))
    ran = run("verify", SEED, "--native", f"sentinel={path}")
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")
    assert "reference did not judge 1: rows hold " in ran.out
    assert [line.split()[:2] for line in ran.out.splitlines()[-3:]] == [["-", "yes"], ["-", "yes"], ["-", "no"]]


def test_an_edited_native_artifact(rows: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited.spl"
    edited.write_text("`o365_management_activity` Workload=Exchange OperationCount>=100")
    ran = run("verify", SEED, "--native", f"splunk={rows}", "--artifact", f"splunk={edited}")
    assert ran.code == Exit.REFUSED
    assert "first disagreement: reference and spl" in ran.out


def test_rows_that_no_judge_can_run_are_not_verified(rows: Path) -> None:
    ran = run("verify", SEED, "--native", f"sentinel={rows}")
    assert ran.code == Exit.REFUSED
    assert "error[T005]: no judge could run the sentinel artifact" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--native", "{}"], "nothing says which platform holds the rows"),
        (["-t", "python", "--native", "{}"], "nothing says which platform holds the rows"),
        (["--native", "splunk={}", "--events", "{}"], "--events and --native both name events"),
    ],
)
def test_error_of_native(rows: Path, arguments: list[str], said: str) -> None:
    ran = run("verify", SEED, *(a.format(rows) for a in arguments))
    assert ran.code == Exit.USAGE
    assert said in ran.err
