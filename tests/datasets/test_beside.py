"""Tables beside the events: who signed a program is told by other rows, over days of their own."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime

import evidence
import pytest
from pairs import probe_rule, table_named
from shared import needs_shared

import converter
from backends.splunk.detection.output import context
from converter.datasets.reading.columns import read_columns
from converter.datasets.reading.load import load_table
from converter.diagnostics.errors import MappingError
from converter.model.predicate import Present
from converter.model.rule import Detection, Distinct, Key, NewTerms, Sample, Sequence, Step, Threshold
from converter.model.value import Column, Field
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.spl import run as spl
from converter.target import Binding
from converter.target.lookup import Beside

NOW = datetime(2026, 7, 18, 12, 0, tzinfo=UTC)
_TABLES = ["process", "file", "network", "library"]
_EVENTS = {"process": "1", "file": "11", "network": "3", "library": "7"}
_SIGNED = {"Signed": "true", "Signature": "Good Corp", "SignatureStatus": "Valid"}
_UNSIGNED = {"Signed": "false", "Signature": "-", "SignatureStatus": "Unavailable"}


def found(table: str, query: str, loads: list[dict[str, str]]) -> list[str]:
    """The programs whose events match on Splunk, where Sysmon told so of loads of images."""
    named = table_named(f"endpoint.{table}.windows")
    rule = probe_rule(named, query)
    text = converter.convert(
        rule, "splunk", "native", source=f"{named.name}/sysmon", bare=True, inline_macros=True
    ).text
    (place,) = [p for p in named.places["splunk"] if p.name == "sysmon"]
    beside = place.beside[0]
    filling = beside.query.replace("`sysmon`", "").rpartition("| outputlookup")
    assert filling[2].strip() == beside.name
    rows = spl.run(filling[0], [{"EventCode": "7", "_time": 1, **load} for load in loads])
    event = {"EventCode": _EVENTS[table], "TargetFilename": "t", "ImageLoaded": "t", "Initiated": "true"}
    events = [{**event, "Image": image, "process_name": image} for image in ("good", "bad", "unknown")]
    macros = {"sysmon": "index=*"}
    texts = [{key: str(value) for key, value in row.items()} for row in rows]
    hits = spl.run(text, events, lookups={beside.name: texts}, macros=macros)
    return [str(row["Image"]) for row in hits]


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize(
    ("query", "programs"),
    [
        ("process.code_signature.trusted: true", ["good"]),
        ("not process.code_signature.trusted: true", ["bad", "unknown"]),
        ("process.code_signature.trusted: false", ["bad", "unknown"]),
        ("process.code_signature.exists: false", ["bad", "unknown"]),
        ('process.code_signature.subject_name: "Good Corp"', ["good"]),
        ("process.code_signature.subject_name: *", ["good"]),
        ('not process.code_signature.subject_name: "Good Corp"', ["bad", "unknown"]),
        ('process.code_signature.status: "trusted"', ["good"]),
        ("process.code_signature.status: errorCode_endpoint*", ["bad"]),
    ],
)
def test_sysmon_tells_the_signature_where_a_process_loads_its_own_image(
    table: str, query: str, programs: list[str]
) -> None:
    loads = [
        {"Image": "good", "ImageLoaded": "GOOD", **_SIGNED},
        {"Image": "bad", "ImageLoaded": "bad", **_UNSIGNED},
        {"Image": "unknown", "ImageLoaded": "other.dll", **_SIGNED},
    ]
    assert found(table, query, loads) == programs


@needs_shared
def test_a_real_load_of_the_own_image_tells_what_the_lookup_reads() -> None:
    loads = []
    for event in evidence._read("splunk_events.ndjson.gz"):
        data = dict(re.findall("<Data Name='([^']+)'>([^<]*)<", str(event["raw"])))
        if data.get("Image", "") == data.get("ImageLoaded", "none"):
            loads.append({**data, "Image": "bad", "ImageLoaded": "bad"})
    assert loads
    assert found("process", "process.code_signature.trusted: false", loads) == ["good", "bad", "unknown"]
    assert found("process", "process.code_signature.status: errorCode_endpoint*", loads) == ["bad"]
    assert found("process", "process.code_signature.subject_name: *", loads) == []


def converted(rule: converter.Rule, form: str) -> converter.Artifact:
    place = "endpoint.process.windows/DeviceProcessEvents"
    return converter.convert(rule, "sentinel", "native", format=form, source=place, bare=True)


_STATUS = Field("process.code_signature.status", many=False)
_HOST = Field("host.id", many=False)
_STEPS = tuple(Step(Present(_STATUS), (Key(_HOST), Key(_STATUS))) for _ in range(2))


@pytest.mark.parametrize(
    "detection",
    [
        Threshold(Present(_STATUS), (_STATUS,), 1, None),
        Threshold(Present(_HOST), (_HOST,), 1, Distinct(_STATUS, 2)),
        NewTerms(Present(_STATUS), (_HOST, _STATUS), 604_800_000),
        Sequence(_STEPS, 60_000, None),
        Sample(_STEPS),
    ],
    ids=lambda detection: type(detection).__name__,
)
def test_lists_of_rows_that_a_key_asks_read_back(detection: Detection) -> None:
    """Both lists are of the same rows, which the query names once."""
    rule = dataclasses.replace(probe_rule(table_named("endpoint.process.windows"), "host.id: *"), detection=detection)
    assert converted(rule, "kusto").text.count("let DeviceFileCertificateInfo") == 3


def test_a_certificate_of_last_week_counts_and_the_period_covers_it() -> None:
    rule = probe_rule(table_named("endpoint.process.windows"), "process.code_signature.trusted: true")
    columns = read_columns()["DeviceProcessEvents"]
    event = {"TimeGenerated": "2026-07-18T11:57:00Z", "ActionType": "ProcessCreated", "FolderPath": "C:\\x"}
    last_week, last_month = "2026-07-10T03:00:00Z", "2026-06-10T03:00:00Z"
    told = [(last_week, "a", True), (last_week, "b", False), (last_month, "c", True)]
    tables = {
        "DeviceProcessEvents": kusto.Table(columns, [{**event, "SHA1": sha1} for sha1 in "abcd"]),
        "DeviceFileCertificateInfo": kusto.Table(
            {"TimeGenerated": "datetime", "SHA1": "string", "IsTrusted": "bool"},
            [{"TimeGenerated": t, "SHA1": sha1, "IsTrusted": trusted} for t, sha1, trusted in told],
        ),
    }
    text = converted(rule, "query").text
    assert [row["SHA1"] for row in kusto.run(text, tables, now=NOW)] == ["a"]
    assert "queryPeriod: 14d" in converted(rule, "yaml").text
    other = probe_rule(table_named("endpoint.process.windows"), "process.pid: 4")
    assert "queryPeriod: 14d" not in converted(other, "yaml").text


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("{columns: {a: b}, days: 1}", "M005"),
        ("{column: a, key: b, columns: {a: b}, query: q}", "M005"),
        ("{days: 15}", "M003"),
        ("{days: 1, more: 1}", "M004"),
        ("{days: 1, columns: [a]}", "M00"),
    ],
)
def test_a_table_beside_a_place_is_read_strictly(lines: str, code: str) -> None:
    text = f"dataset: d\ntitle: t\nplatforms: {{box: {{p: {{beside: {{x: {lines}}}}}}}}}\nfields: {{}}\n"
    with pytest.raises(MappingError) as caught:
        load_table(text, "d.yaml")
    assert code in str(caught.value)


def test_a_column_that_a_lookup_adds_is_shown_where_a_condition_asks_for_it() -> None:
    signer = Field("process.code_signature.subject_name", many=False, way=Column("signer"))
    beside = (Beside("signers", 7, "Image", "Image", (("signer", "Signature"),), "search x"),)
    binding = Binding("native", beside=beside, show=("Image",), fields={signer.path: signer})
    assert context(binding, []) == ["Image"]
    assert context(binding, [Present(signer)]) == ["Image", "signer"]
