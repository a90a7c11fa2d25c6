"""Native indicator rules on Sentinel: which rows of ThreatIntelIndicators count, judged on rows, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import converter
from converter.proof.judges.kusto.rows import Table
from converter.proof.judges.kusto.run import READINGS, run
from converter.target.artifact import Artifact

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULE = """[rule]
name = "Known file"
type = "threat_match"
language = "kuery"
index = ["logs-endpoint.events.file-*"]
query = 'host.os.type: windows and event.category: file and event.type: creation'
threat_index = ["logs-ti_*"]
threat_query = '{query}'
"""
ENTRY = """[[rule.threat_mapping.entries]]
field = "{}"
type = "mapping"
value = "{}"
"""
HASH = ("file.hash.sha256", "threat.indicator.file.hash.sha256")
MD5, SHA1 = ((f"file.hash.{kind}", f"threat.indicator.file.hash.{kind}") for kind in ("md5", "sha1"))
NAME = ("file.name", "threat.indicator.file.name")
RECENT = '@timestamp >= "now-7d/d" and event.category: "threat"'


def made(*arms: tuple[tuple[str, str], ...], query: str = RECENT) -> Artifact:
    mapping = "".join("[[rule.threat_mapping]]\n" + "".join(ENTRY.format(*one) for one in arm) for arm in arms)
    return converter.convert(converter.parse_rule(RULE.format(query=query) + mapping, "r.toml"), "sentinel")


EVENTS = {
    "TimeGenerated": "datetime",
    "ActionType": "string",
    "FolderPath": "string",
    "InitiatingProcessFolderPath": "string",
    "SHA256": "string",
    "FileName": "string",
}
LISTED = {
    "TimeGenerated": "datetime",
    "Id": "string",
    "ObservableKey": "string",
    "ObservableValue": "string",
    "IsActive": "bool",
    "IsDeleted": "bool",
    "ValidUntil": "datetime",
}


def event(digest: str = "", name: str = "a.exe") -> dict[str, object]:
    return {
        "TimeGenerated": NOW,
        "ActionType": "FileCreated",
        "FolderPath": "C:\\a.exe",
        "InitiatingProcessFolderPath": "c:\\b.exe",
        "SHA256": digest,
        "FileName": name,
    }


def listed(value: str, key: str = "file:hashes.'SHA-256'", days: float = 1, **other: object) -> dict[str, object]:
    row = {"Id": value, "IsActive": True, "IsDeleted": False, "ValidUntil": NOW + timedelta(days=9), **other}
    return {"TimeGenerated": NOW - timedelta(days=days), "ObservableKey": key, "ObservableValue": value, **row}


ROWS = [
    listed("known"),
    listed("kept", ValidUntil=None),
    listed("other key", key="file:name"),
    listed("another case of its key", key="FILE:HASHES.SHA256"),
    listed("out of date", ValidUntil=NOW - timedelta(days=1)),
    listed("inactive", IsActive=False),
    listed("deleted", IsDeleted=True),
    listed("withdrawn", days=3),
    listed("withdrawn", days=2, IsActive=False),
    listed("taken back", days=3, IsActive=False),
    listed("taken back", days=2),
    listed("of two feeds", days=3, Id="one"),
    listed("of two feeds", days=2, Id="two", IsActive=False),
    listed("old", days=8),
]
DIGESTS = ["known", "kept", "other key", "another case of its key", "out of date", "inactive", "deleted", "withdrawn",
           "taken back", "of two feeds", "old", "unknown", ""]  # fmt: skip


def found(artifact: Artifact, events: list[dict[str, object]]) -> list[dict[str, object]]:
    shown = ("DeviceName", "InitiatingProcessAccountDomain", "InitiatingProcessAccountName", "PreviousFileName",
             "PreviousFolderPath", "InitiatingProcessFileName", "InitiatingProcessCommandLine", "DeviceId", "ReportId")  # fmt: skip
    kinds = EVENTS | dict.fromkeys(shown, "string")
    whole = [{**dict.fromkeys(shown, ""), **one} for one in events]
    tables = {"DeviceFileEvents": Table(kinds, whole), "ThreatIntelIndicators": Table(LISTED, ROWS)}
    results = [run(artifact.text, tables, reading=reading, now=NOW) for reading in READINGS]
    assert all(rows == results[0] for rows in results)
    return list(results[0])


def test_indicators_that_are_active_and_valid_now() -> None:
    """The newest row of each says so, within the days that the rule looks back."""
    rows = found(made((HASH,)), [event(digest) for digest in DIGESTS])
    assert [row["SHA256"] for row in rows] == [
        "known", "kept", "another case of its key", "taken back", "of two feeds",
    ]  # fmt: skip


def test_one_of_two_values_is_enough() -> None:
    rows = found(made((HASH,), (NAME,)), [event("known"), event("x", "other key"), event("x", "known"), event()])
    assert [(row["SHA256"], row["FileName"]) for row in rows] == [("known", "a.exe"), ("x", "other key")]


@pytest.mark.parametrize(
    ("query", "days", "left_out"),
    [
        (RECENT, 7, "event.category"),
        ('@timestamp >= "now-30d/d" and threat.indicator.file.hash.sha256: *', 14, ""),
        ("*:*", 14, ""),
        ('threat.feed.name: "a" or (event.module: b and labels.x: *)', 14, "threat.feed.name, event.module, labels.x"),
    ],
)
def test_how_far_back_and_what_is_not_asked(query: str, days: int, left_out: str) -> None:
    artifact = made((HASH,), query=query)
    assert f"| where TimeGenerated >= ago({days}d) and ObservableKey in~" in artifact.text
    (said,) = [d.message for d in artifact.diagnostics if d.code == "T361"]
    more = f"; what the rule asks of {left_out} is not asked" if left_out else ""
    assert said == (
        "the indicators are those of the table ThreatIntelIndicators that are active and valid, whatever feed they are"
        f" from{more}"
    )
    assert artifact.status == "approximate"


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ((HASH, NAME), "Sentinel keeps one observable a row: an and of pairs cannot be looked up there"),
        (
            (("file.name", "threat.indicator.file.size"),),
            "no observable of ThreatIntelIndicators is known for threat.indicator.file.size",
        ),
    ],
)
@pytest.mark.parametrize("beside", [(), ((MD5,),), ((MD5,), (SHA1,))], ids=["alone", "first of two", "first of three"])
def test_error_what_the_table_does_not_hold(
    arm: tuple[tuple[str, str], ...], said: str, beside: tuple[tuple[tuple[str, str], ...], ...]
) -> None:
    artifact = made(arm, *beside)
    assert not artifact.text
    assert [d.message for d in artifact.diagnostics if d.code == "T363"] == [said]
