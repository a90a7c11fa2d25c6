"""kuery and EQL trees as Query DSL, judged by the documents they find (rules K01 to K23, E01 to E13)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from converter.languages.eql.parse import parse as parse_eql
from converter.languages.kuery.parse import parse as parse_kuery
from converter.proof.elastic import dsl_eql, dsl_kuery
from converter.proof.elastic.osmem import ElasticError, OsmemServer
from converter.proof.elastic.osmem_mapping import FieldType
from converter.proof.judges.errors import EngineUnavailable, Unsupported

FIELDS: dict[str, FieldType] = {
    "@timestamp": "date",
    "event.category": "keyword",
    "process.name": "keyword",
    "process.name.caseless": "keyword",
    "process.args": "keyword",
    "process.command_line": "wildcard",
    "process.command_line.text": "match_only_text",
    "process.pid": "long",
    "process.code_signature.trusted": "boolean",
    "short": {"type": "keyword", "ignore_above": 8},
    "source.ip": "ip",
    "message": "match_only_text",
    "audit": "flattened",
    "items": "nested",
    "items.name": "keyword",
    "items.value": "keyword",
    "powershell.file.script_block_text": "text",
}
DOCUMENTS: dict[str, dict[str, object]] = {
    "cmd": {
        "@timestamp": "2024-01-01T00:00:00Z",
        "event": {"category": ["process"]},
        "process": {
            "name": "cmd.exe",
            "args": ["cmd.exe", "/c", "whoami?", "a*b"],
            "command_line": "cmd.exe /c who am i",
            "pid": 5,
            "code_signature": {"trusted": True},
        },
        "source": {"ip": "10.1.2.3"},
        "message": "User logged-in Twice",
        "audit": {"Name": "n", "Value": "v"},
        "items": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}],
        "powershell": {"file": {"script_block_text": "[System.Reflection.Assembly]::Load in-memory"}},
        "short": "much too long",
    },
    "upper": {
        "@timestamp": "2024-01-02T00:00:00Z",
        "event": {"category": ["file", "process"]},
        "process": {"name": "CMD.EXE", "args": ["cmd.exe"], "command_line": "C:\\Windows\\CMD.EXE", "pid": [3, 10]},
        "source": {"ip": ["fe80::1", "192.168.0.1"]},
        "short": "fits",
    },
    "bare": {"@timestamp": "2024-01-03T00:00:00Z", "event": {"category": "network"}, "process": {"name": ""}},
    "null": {"@timestamp": "2024-01-04T00:00:00Z", "process": {"name": None, "args": [], "pid": [None]}},
}


@pytest.fixture(scope="module")
def server() -> Iterator[OsmemServer]:
    try:
        with OsmemServer() as running:
            running.create("dsl", FIELDS)
            running.index("dsl", DOCUMENTS)
            yield running
    except EngineUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("process.name: cmd.exe", "cmd"),
        ('process.name: "CMD.EXE"', "upper"),
        ("process.name: cmd*", "cmd"),
        ("process.name: *.exe", "cmd"),
        ("process.name: cm?.exe", ""),
        ("process.args: whoami?", "cmd"),
        ('process.args: "a*b"', "cmd"),
        ("process.args: a\\*b", "cmd"),
        ('process.args: "*"', ""),
        ("process.name: *", "bare cmd upper"),
        ("not process.name: *", "null"),
        ("not process.name: cmd.exe", "bare null upper"),
        ("process.name: (cmd.exe or CMD.EXE)", "cmd upper"),
        ("process.args: (cmd.exe and not /c)", "upper"),
        ("process.command_line: *who am*", "cmd"),
        ('process.command_line: "C:\\Windows\\CMD.EXE"', "upper"),
        ("process.command_line: C\\:\\\\Windows*", "upper"),
        ("process.command_line.text: windows", "upper"),
        ("process.pid > 5", "upper"),
        ("not process.pid > 5", "bare cmd null"),
        ("process.pid: 5", "cmd"),
        ("process.code_signature.trusted: true", "cmd"),
        ('process.code_signature.trusted: "true"', "cmd"),
        ("source.ip: 10.0.0.0/8", "cmd"),
        ('source.ip: "fe80::/10"', "upper"),
        ("source.ip: (10.0.0.0/8 or 192.168.0.0/16)", "cmd upper"),
        ("message: logged", "cmd"),
        ("message: LOGGED", "cmd"),
        ('message: "logged in"', "cmd"),
        ('message: "in logged"', ""),
        ("message: twi*", "cmd"),
        ('powershell.file.script_block_text: "System.Reflection"', "cmd"),
        ('powershell.file.script_block_text: "memory"', ""),
        ("audit.Name: n and audit.Value: v", "cmd"),
        ("audit.Na*: n", ""),
        ("audit.Name: n*", "cmd"),
        ("items:{ name: a and value: 1 }", "cmd"),
        ("items:{ name: a and value: 2 }", ""),
        ("not items:{ name: a and value: 2 }", "bare cmd null upper"),
        ("@timestamp >= 2024-01-03", "bare null"),
        ('@timestamp: "2024-01-01T00:00:00.000Z"', "cmd"),
        ("short: *", "upper"),
        ("not short: much*", "bare cmd null upper"),
        ("process.n*: cmd.exe", "cmd upper"),
        ("items.*: a", "cmd"),
        ("nowhere: x", ""),
        ("not nowhere: x", "bare cmd null upper"),
        ("*:*", "bare cmd null upper"),
        ("Twice", "cmd"),  # a value without a field is searched in all: K23
        ('"logged in"', "cmd"),
        ("twic*", "cmd"),
        ("process.n*: *", "bare cmd upper"),
        ("process.p* > 5", "upper"),
        ("", "bare cmd null upper"),
    ],
)
def test_kuery(server: OsmemServer, query: str, expected: str) -> None:
    assert " ".join(sorted(server.search("dsl", dsl_kuery.to_dsl(parse_kuery(query), FIELDS)))) == expected


def test_kuery_as_kibana_sends_it_falls_apart_at_blanks() -> None:
    tree = parse_kuery("process.command_line: *who am*")
    kibana = dsl_kuery.to_dsl(tree, FIELDS, strictly_kibana=True)
    assert kibana == {"query_string": {"fields": ["process.command_line"], "query": "*who am*"}}
    assert dsl_kuery.to_dsl(tree, FIELDS) == {"wildcard": {"process.command_line": {"value": "*who am*"}}}


def test_error_kuery_bad_number(server: OsmemServer) -> None:
    with pytest.raises(ElasticError):
        server.search("dsl", dsl_kuery.to_dsl(parse_kuery("process.pid: many"), FIELDS))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("process where true", "cmd upper"),
        ("network where true", "bare"),
        ("any where true", "bare cmd null upper"),
        ("any where false", ""),
        ('any where process.name == "cmd.exe"', "cmd"),
        ('any where process.name : "cmd.exe"', "cmd upper"),
        ('any where process.name : "cm?.*"', "cmd upper"),
        ('any where process.name like "cm?.*"', "cmd"),
        ('any where process.name like~ "cm?.*"', "cmd upper"),
        ('any where process.name == "cmd.*"', ""),
        ('any where process.name != "cmd.exe"', "bare null upper"),
        ('any where not process.name : "cmd.exe"', "bare null"),
        ('any where not process.name != "cmd.exe"', "cmd"),
        ('any where process.name in ("cmd.exe", "x")', "cmd"),
        ('any where process.name in~ ("cmd.exe", "x")', "cmd upper"),
        ('any where process.name not in ("cmd.exe", "x")', "bare null upper"),
        ('any where process.args in ("a*b")', "cmd"),
        ('any where process.args in ("a*")', ""),
        ('any where process.args == "/c" and process.args == "cmd.exe"', "cmd"),
        ('any where process.name regex "cmd[.]e.e"', "cmd"),
        ('any where process.name regex~ "cmd[.]e.e"', "cmd upper"),
        ('any where process.name regex "md"', ""),
        ("any where process.name == null", "null"),
        ("any where process.name != null", "bare cmd upper"),
        ("any where process.pid > 5", "upper"),
        ("any where not process.pid > 5", "bare cmd null"),
        ("any where 5 < process.pid", "upper"),
        ("any where process.pid == -5", ""),
        ("any where process.pid != 5", "bare null upper"),
        ("any where process.code_signature.trusted == true", "cmd"),
        ("any where process.code_signature.trusted", "cmd"),
        ("any where not process.code_signature.trusted", "bare null upper"),
        ('any where cidrMatch(source.ip, "10.0.0.0/8", "fe80::/10")', "cmd upper"),
        ('any where not cidrMatch(source.ip, "10.0.0.0/8")', "bare null upper"),
        ('any where startsWith(process.name, "cmd")', "cmd"),
        ('any where startsWith~(process.name, "cmd")', "cmd upper"),
        ('any where endsWith(process.name, ".exe")', "cmd"),
        ('any where endsWith(process.name, ".exe") == false', "bare null upper"),
        ('any where stringContains~(process.command_line, "WINDOWS\\\\")', "upper"),
        ('any where not (process.name == "cmd.exe" or process.pid > 5)', "bare null"),
        ('any where not (process.name == "cmd.exe" and process.pid == 5)', "bare null upper"),
        ("any where ?unmapped == null", "bare cmd null upper"),
        ("any where ?unmapped != null", ""),
        ('any where ?unmapped == "x"', ""),
        ('any where ?unmapped != "x"', ""),
        ('any where not ?unmapped : "x"', ""),
        ('any where process.command_line : "C:\\\\Windows\\\\*"', "upper"),
        ('any where audit.Name : "N"', "cmd"),
        ('any where process.name < "b"', "bare upper"),
        ('any where not (process.name < "b")', "cmd null"),
        ("any where not false", "bare cmd null upper"),
        ("any where not true", ""),
        ("any where null", ""),
        ("any where not null", ""),
        ("any where process.pid > null", ""),
        ('any where true == endsWith(process.name, ".exe")', "cmd"),
        ('any where wildcard(process.name, "c?d*")', "cmd"),
        ('any where wildcard~(process.name, "c?d*", "x")', "cmd upper"),
        ('any where stringContains(process.name, "")', ""),
        ('any where process.name : ("cmd.exe", null)', "cmd upper"),
        ("any where process.pid in (5, 3)", "cmd upper"),
        ("any where process.pid in (-5)", ""),
    ],
)
def test_eql(server: OsmemServer, query: str, expected: str) -> None:
    assert " ".join(sorted(server.search("dsl", dsl_eql.to_dsl(parse_eql(query), FIELDS)))) == expected


@pytest.mark.parametrize(
    ("query", "operator"),
    [
        ("any where length(process.name) > 3", "function length"),
        ("any where process.pid + 1 == 6", "arithmetic +"),
        ("any where process.name == process.args", "two fields"),
        ("any where startsWith(process.command_line, process.name)", "function startsWith of two fields"),
        ('any where unmapped == "x"', "unmapped field unmapped"),
        ('any where message == "x"', "message of type match_only_text"),
        ("sequence [any where true] [any where true]", "sequence"),
        ("any where true | head 5", "pipe head"),
        ('any where "x"', "text as a condition"),
        ("any where 5 == 5", "number"),
        ("any where length(process.name) in (1, 2)", "function length"),
        ("any where process.pid == process.pid + 1", "arithmetic +"),
        ('any where concat("a", "b") == "ab"', "function concat"),
        ('any where startsWith("a", "b")', "function startsWith"),
        ('any where between(process.name, "a", "b")', "function between"),
        ('any where items.name == "a"', "items.name of type keyword"),
    ],
)
def test_error_eql_unsupported(query: str, operator: str) -> None:
    with pytest.raises(Unsupported) as caught:
        dsl_eql.to_dsl(parse_eql(query), FIELDS)
    assert caught.value.operator == operator
