"""A column that holds XML text answers as the same values in an object do, whatever they hold."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

import pytest
from table_rules import rule_of

import converter
from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.columns import read_columns
from converter.model.pattern import Case, Wild, of
from converter.model.predicate import And, Like, Not, OneOf, Predicate, Present
from converter.model.rule import Match
from converter.model.value import Field, Kind
from converter.proof.judges.kusto import run as kusto

RUN = Wild.ANY_RUN
LINE, IMAGE = Field("process.command_line", Kind.KEYWORD, many=False), Field("process.executable", many=False)
NAME, ARGS = Field("process.name", many=False), Field("process.args", many=True)
ROWS: list[Mapping[str, str]] = [
    {"Image": "C:\\a & b\\x.exe", "CommandLine": "x.exe <c> amp"},
    {"Image": "C:\\a & b\\X.EXE", "CommandLine": "x.exe &lt;c&gt;"},
    {"Image": "C:\\a &amp; b\\x.exe", "CommandLine": 'x.exe "d e" lt;'},
    {"Image": "-", "CommandLine": "-"},
    {"CommandLine": "y <c", "OriginalFileName": "Name=Image"},
    {},
]
CASES: dict[str, tuple[Predicate, set[int]]] = {
    "signs": (OneOf(IMAGE, ("C:\\a & b\\x.exe",), Case.SENSITIVE), {0}),
    "folded": (OneOf(IMAGE, ("c:\\A & b\\x.exe",), Case.INSENSITIVE), {0, 1}),
    "name": (OneOf(NAME, ("x.exe",), Case.INSENSITIVE), {0, 1, 2}),
    "part": (Like(LINE, (of(RUN, "<c", RUN),), Case.SENSITIVE), {0, 4}),
    "part of a reference": (Like(LINE, (of(RUN, "lt;", RUN),), Case.SENSITIVE), {1, 2}),
    "argument": (OneOf(ARGS, ("<c>",), Case.SENSITIVE), {0}),
    "present": (Present(IMAGE), {0, 1, 2}),
    "missing": (And((Present(LINE), Not(Present(IMAGE)))), {4}),
    "in order": (Like(LINE, (of(RUN, "x", RUN, "<", RUN, "amp", RUN),), Case.SENSITIVE), {0}),
}


def xml(row: Mapping[str, str]) -> str:
    """The row as an agent sends it to the table Event."""
    data = "".join(f'<Data Name="{name}">{escape(value)}</Data>' for name, value in row.items())
    return f'<DataItem type="System.XmlData"><EventData xmlns="urn:x">{data}</EventData></DataItem>'


def found(table: str, where: Predicate) -> set[int]:
    """The numbers of the rows that the artifact for a table finds."""
    rule = rule_of(builtin().table("windows.sysmon.process"), Match(where))
    artifact = converter.convert(rule, "sentinel", "native", source=f"windows.sysmon.process/{table}", bare=True)
    assert artifact.text, artifact.diagnostics
    told: dict[str, object] = {"EventID": 1, "EventLog": "Microsoft-Windows-Sysmon/Operational"}
    told |= {"Provider": "Microsoft-Windows-Sysmon", "Channel": "Microsoft-Windows-Sysmon/Operational"}
    rows = [{**told, "EventData": xml(r) if table == "Event" else dict(r), "number": n} for n, r in enumerate(ROWS)]
    columns = {**read_columns()[table], **dict.fromkeys(told, "string"), "EventID": "int", "number": "long"}
    assert "mv-apply" not in artifact.text
    return {int(str(r["number"])) for r in kusto.run(artifact.text, {table: kusto.Table(columns, rows)})}


@pytest.mark.parametrize("table", ["Event", "WindowsEvent"])
@pytest.mark.parametrize("name", CASES)
def test_xml_text_answers_as_an_object_does(name: str, table: str) -> None:
    where, wanted = CASES[name]
    assert found(table, where) == wanted
