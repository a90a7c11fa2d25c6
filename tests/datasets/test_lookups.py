"""Devices are known by what was told of them over days, not within a rule's window; macros stand for what they call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pairs import probe_rule, table_named

import converter
from converter.datasets.reading.columns import read_columns
from converter.datasets.reading.load import load_table
from converter.datasets.reading.macros import macros
from converter.diagnostics.errors import MappingError
from converter.model.value import Computed
from converter.proof.judges.kusto import run as kusto
from converter.proof.judges.spl import run as spl
from converter.target.lookup import Lookup

NOW = datetime(2026, 7, 18, 12, 0, tzinfo=UTC)
_TOLD = (  # a full heartbeat once a day; the partial ones between leave the platform out
    ("2026-07-18T02:00:00Z", "a", "Linux"),
    ("2026-07-18T11:58:00Z", "a", None),
    ("2026-07-18T03:00:00Z", "b", "macOS"),
    ("2026-07-18T11:59:00Z", "b", None),
    ("2026-07-05T03:00:00Z", "c", "Linux"),  # not heard of for longer than a lookup reads
)
_TABLES = ["endpoint.process.linux", "endpoint.file.linux", "endpoint.network.linux"]
_QUERY = 'process.pid: 77 and not process.name: "zz"'


def artifact(table: str, target: str, place: str) -> converter.Artifact:
    rule = probe_rule(table_named(table), _QUERY)
    return converter.convert(rule, to=target, fields="native", source=f"{table}/{place}", bare=True, inline_macros=True)


def lookup_of(table: str, target: str, place: str) -> Lookup:
    (found,) = [p for p in table_named(table).places[target] if p.name == place]
    return found.lookups[0]


@pytest.mark.parametrize("table", _TABLES)
def test_sentinel_knows_a_device_by_its_last_full_heartbeat(table: str) -> None:
    place = next(p for p in table_named(table).places["sentinel"] if p.lookups)
    columns = read_columns()[place.header["table"]]
    info = [{"TimeGenerated": t, "DeviceId": d, "OSPlatform": o} for t, d, o in _TOLD]
    action = {"DeviceProcessEvents": "ProcessCreated", "DeviceFileEvents": "FileCreated"}
    event = {
        "TimeGenerated": "2026-07-18T11:57:00Z",
        "ActionType": action.get(place.name, "ConnectionRequest"),
        "FileName": "x",
        "ProcessId": 77,
        "InitiatingProcessId": 77,
        "InitiatingProcessFileName": "x",
    }
    event = {name: value for name, value in event.items() if name in columns}
    tables = {
        place.name: kusto.Table(columns, [{**event, "DeviceId": d} for d in "abcd"]),
        "DeviceInfo": kusto.Table({"TimeGenerated": "datetime", "DeviceId": "string", "OSPlatform": "string"}, info),
    }
    rows = kusto.run(artifact(table, "sentinel", place.name).text, tables, now=NOW)
    assert [row["DeviceId"] for row in rows] == ["a"]


@pytest.mark.parametrize("table", _TABLES)
def test_splunk_fills_the_lookup_by_its_own_search(table: str) -> None:
    lookup = lookup_of(table, "splunk", "defender")
    info = [
        {
            "sourcetype": "ms:defender:eventhub",
            "category": "AdvancedHunting-DeviceInfo",
            "_time": datetime.fromisoformat(t).timestamp(),
            "properties.DeviceId": d,
            **({"properties.OSPlatform": o} if o else {}),
        }
        for t, d, o in _TOLD
        if d != "c"
    ]
    filled = spl.run(lookup.query.rpartition("| outputlookup")[0], info, raw_json=True)
    assert [row["DeviceId"] for row in filled] == ["a"]
    assert lookup.query.endswith(f"| outputlookup {lookup.name}")
    kind = {"endpoint.process.linux": "Process", "endpoint.file.linux": "File"}.get(table, "Network")
    event = {
        "sourcetype": "ms:defender:eventhub",
        "category": f"AdvancedHunting-Device{kind}Events",
        "properties.ActionType": {"Process": "ProcessCreated", "File": "FileCreated"}.get(kind, "ConnectionRequest"),
        "properties.ProcessId": 77,
        "properties.InitiatingProcessId": 77,
        "properties.FileName": "x",
        "properties.InitiatingProcessFileName": "x",
    }
    rows = spl.run(
        artifact(table, "splunk", "defender").text,
        [{**event, "properties.DeviceId": d} for d in "abcd"],
        lookups={lookup.name: [{lookup.key: str(row["DeviceId"])} for row in filled]},
        raw_json=True,
    )
    assert [row["properties.DeviceId"] for row in rows] == ["a"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("{column: a, key: b, query: q}", "M005"),
        ("{column: a, key: b, query: q, days: 0}", "M003"),
        ("{column: a, key: b, query: q, days: 15}", "M003"),
        ("{column: a, key: b, query: q, days: x}", "M003"),
        ("{column: a, key: b, query: q, days: 1, more: 1}", "M004"),
    ],
)
def test_a_lookup_is_read_strictly(lines: str, code: str) -> None:
    text = f"dataset: d\ntitle: t\nplatforms: {{box: {{p: {{lookups: {{x: {lines}}}}}}}}}\nfields: {{}}\n"
    with pytest.raises(MappingError) as caught:
        load_table(text, "d.yaml")
    assert code in str(caught.value)


def test_a_macro_is_called_and_expanded() -> None:
    counterpart = table_named("endpoint.process.windows").entries["process.args_count"].places["splunk"][""]
    macro = macros()["splunk"]["process_args"]
    assert counterpart.called == "mvcount(`process_args(CommandLine)`)"
    assert counterpart.to == f"mvcount({macro.definition.replace('$line$', 'CommandLine')})"
    assert counterpart.macros == (macro,)
    assert Computed(counterpart.to, called=counterpart.called, macros=counterpart.macros).macros == (macro,)


@pytest.mark.parametrize(
    ("counterpart", "code"),
    [
        ("{status: expr, macro: process_args}", "M005"),
        ("{status: expr, macro: process_args, argument: [a, b]}", "M007"),
        ("{status: expr, macro: none_such, argument: a}", "M004"),
    ],
)
def test_a_macro_is_read_strictly(counterpart: str, code: str) -> None:
    with pytest.raises(MappingError) as caught:
        load_table(f"dataset: d\ntitle: t\nfields: {{f: {{splunk: {counterpart}}}}}\n", "d.yaml")
    assert code in str(caught.value)
