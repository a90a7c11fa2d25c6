"""The reference interpreter against duckdb-kql on what that engine gets right, all readings of nulls aside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from converter.proof.judges import kusto_duckdb
from converter.proof.judges.errors import EngineUnavailable, Unsupported
from converter.proof.judges.kusto.run import Table, run
from converter.proof.judges.kusto_duckdb import DuckdbTable

COLUMNS = {
    "id": "long",
    "S": "string",
    "N": "long",
    "R": "real",
    "B": "bool",
    "T": "datetime",
    "D": "dynamic",
    "J": "string",
    "A": "dynamic",
}
ROWS: list[dict[str, object]] = [
    {
        "id": 1,
        "S": "cmd.exe",
        "N": 5,
        "R": 1.5,
        "B": True,
        "T": "2024-01-01T00:01:00Z",
        "D": {"Name": "x", "n": {"x": 1}},
        "A": ["a"],
    },
    {
        "id": 2,
        "S": "CMD.EXE",
        "N": 10,
        "R": -2.0,
        "B": False,
        "T": "2024-01-01T00:06:00Z",
        "D": ["a", "B", 3],
        "A": ["b", "a", 3],
    },
    {"id": 3, "S": "C:\\Windows\\cmd.exe /c a_b", "N": -14, "T": "2024-01-02T00:00:00Z", "J": '{"Name": "y"}'},
    {"id": 4, "S": "", "D": [], "A": []},
    {"id": 5, "S": "10.1.2.3", "N": 5, "R": 0.0, "B": True, "D": {"Name": "Long Text", "arr": [1, 2]}},
    {"id": 6, "S": "Zürich straße", "N": 7, "D": [{"Name": "x"}, {"Name": "z"}]},
]

PREDICATES = [
    "S == 'cmd.exe'",
    "S =~ 'cmd.exe'",
    "S != 'cmd.exe'",
    "S !~ 'cmd.exe'",
    "S has 'cmd'",
    "S has 'md'",
    "S has 'cmd.exe'",
    "S has 'a'",
    "S has_cs 'CMD'",
    "S !has 'cmd'",
    "S has_any ('zzz', 'windows')",
    "S has_all ('cmd', 'exe', 'windows')",
    "S contains 'MD.e'",
    "S contains_cs 'md.e'",
    "S !contains 'cmd'",
    "S contains ''",
    "S startswith 'c:\\\\'",
    "S startswith_cs 'C:'",
    "S !startswith 'c'",
    "S endswith 'EXE'",
    "S endswith_cs 'exe'",
    "S !endswith 'exe'",
    "S hasprefix 'wind'",
    "S hassuffix 'ows'",
    "S matches regex 'm[cd].e'",
    "S matches regex '(?i)^cmd'",
    "S matches regex @'^C:\\\\Win.*\\.exe'",
    "S in ('cmd.exe', 'x')",
    "S in~ ('cmd.exe', 'x')",
    "S !in ('cmd.exe', 'x')",
    "S !in~ ('cmd.exe', 'x')",
    "S in (dynamic(['cmd.exe']))",
    "isempty(S)",
    "isnotempty(S)",
    "isnull(S)",
    "isnull(N)",
    "isnotnull(N)",
    "isempty(N)",
    "N == 5",
    "N != 5",
    "N > 5",
    "not(N > 5)",
    "N in (5, 7)",
    "N !in (5, 7)",
    "N between (5 .. 7)",
    "N % 12 == 10",
    "N / 2 == -7",
    "B == true",
    "B",
    "not(B)",
    "B != true",
    "S == ''",
    "D.Name == 'x'",
    "tostring(D.Name) == 'x'",
    "tostring(D['Name']) == 'x'",
    "toint(D.n.x) == 1",
    "tostring(D[0].Name) == 'x'",
    "tostring(D[-1].Name) == 'z'",
    "array_length(D) == 3",
    "array_length(D.arr) == 2",
    "set_has_element(A, 'a')",
    "set_has_element(A, 'b')",
    "coalesce(set_has_element(A, 'a'), false)",
    "not(coalesce(set_has_element(A, 'a'), false))",
    "tostring(D) has 'text'",
    "tostring(parse_json(J).Name) == 'y'",
    "extract('([a-z]+)[.]exe', 1, S) == 'cmd'",
    "tolower(S) == 'cmd.exe'",
    "strlen(S) > 8",
    "strcat(S, '!') == 'cmd.exe!'",
    "substring(S, 4) == 'exe'",
    "substring(S, 0, 3) == 'cmd'",
    "tostring(split(S, '.')[0]) == 'cmd'",
    "replace_string(S, 'cmd', 'x') == 'x.exe'",
    "indexof(S, '.exe') == 3",
    "iff(N > 5, 'a', 'b') == 'b'",
    "case(N == 5, 'five', N == 10, 'ten', '') == 'ten'",
    "coalesce(N, 0) == 0",
    "T > datetime(2024-01-01 00:05)",
    "T between (datetime(2024-01-01) .. 10m)",
    "bin(T, 5m) == datetime(2024-01-01 00:05)",
    "isnull(tolong('abc'))",
    "S startswith '10.'",
    "S == 'cmd.exe' or S == 'CMD.EXE' and N == 5",
    "array_index_of(A, 'a') == 1",
    "datetime_diff('minute', T, datetime(2024-01-01)) == 6",
    "R < 0",
    "gettype(D) == 'array'",
    "isnotempty(tostring(D)) and tostring(D) != '[]'",
]
QUERIES = [
    "E | summarize count() by S | sort by S asc",
    "E | summarize c=count(), m=max(N), l=min(N), s=sum(N), d=dcount(S)",
    "E | summarize countif(N == 5)",
    "E | summarize arg_max(N, id)",
    "E | summarize make_list(N)",
    "E | summarize c=count() by bin(T, 5m) | sort by T asc",
    "E | where id > 99 | summarize c=count()",
    "E | where id > 99 | summarize c=count() by S",
    "E | where isnotnull(N) | join kind=inner (E | project N, other=id) on N | project id, other | sort by id asc, other asc",
    "E | join kind=leftanti (E | where N > 5 | project id) on id | project id | sort by id asc",
    "E | join kind=leftsemi (E | where N > 5 | project id) on id | project id | sort by id asc",
    "E | where array_length(D) > 0 | mv-expand D | project id | sort by id asc",
    "E | mv-expand D | summarize c=count() by id | sort by id asc",
    "E | where S in ((E | where N == 10 | project S)) | project id",
    "let x = 5; let L = E | where N > x; L | project id | sort by id asc",
    "E | extend p = N + 1, q = strcat(S, 'x') | project p, q, id | sort by id asc",
    "E | project-away T, D, J, R, B | sort by id asc",
    "E | sort by N asc, id asc | project id",
    "E | top 2 by N | project id",
    "E | distinct N | sort by N asc",
    "union E, E | summarize c=count() by id | sort by id asc",
    "let f = (s: string) { s has 'cmd' }; E | where f(S) | project id | sort by id asc",
    "E | where N > toscalar(E | summarize avg(N)) | project id | sort by id asc",
    "E | summarize count_distinct(S)",
    "E | count",
    "datatable(a: long, b: string) [1, 'x', 2, 'y'] | where a == 2",
]


@pytest.fixture(scope="module")
def table() -> Iterator[DuckdbTable]:
    try:
        loaded = DuckdbTable("E", COLUMNS, ROWS)
    except EngineUnavailable as error:
        pytest.skip(str(error))
    yield loaded
    loaded.close()


@pytest.mark.parametrize("predicate", PREDICATES)
def test_same_rows(table: DuckdbTable, predicate: str) -> None:
    query = f"E | where {predicate} | project id"
    try:
        theirs = {row["id"] for row in table.run(query)}
    except Unsupported as error:
        pytest.skip(f"duckdb-kql: {error.operator}")
    assert {row["id"] for row in run(query, {"E": Table(COLUMNS, ROWS)})} == theirs


@pytest.mark.parametrize("query", QUERIES)
def test_same_table(table: DuckdbTable, query: str) -> None:
    try:
        theirs = table.run(query)
    except Unsupported as error:
        pytest.skip(f"duckdb-kql: {error.operator}")
    ours = run(query, {"E": Table(COLUMNS, ROWS)})
    assert [list(row.values()) for row in ours] == [list(row.values()) for row in theirs]
    assert [list(row) for row in ours] == [list(row) for row in theirs]


@pytest.mark.parametrize(
    "query",
    [
        "E | where ipv4_is_in_range(S, '10.0.0.0/8')",
        "E | mv-apply a=D on (take 1)",
        "E | sort by T asc | scan with (step s1: true;)",
        "E | partition by N (take 1)",
        "E | where isnull(D.Name)",
        "E | where bag_has_key(D, 'x')",
    ],
)
def test_unsupported_is_named(table: DuckdbTable, query: str) -> None:
    with pytest.raises(Unsupported):
        table.run(query)
    assert kusto_duckdb.unsupported(query, "E", COLUMNS)


def test_plain_data(table: DuckdbTable) -> None:
    (row,) = table.run("E | where id == 1 | project S, N, T, D")
    assert row["D"] == {"Name": "x", "n": {"x": 1}}
    assert isinstance(row["T"], datetime)
    assert row["T"].tzinfo is not None


@pytest.mark.parametrize(
    ("query", "operator"),
    [
        ("E | frob", "not read by the reference parser: operator frob is not interpreted"),
        ("E | where S == '\\t'", "an escape in a literal"),
        ("E | where isnull(D)", "isnull of a dynamic"),
        ("E | where isnull(D['Name'])", "isnull of a dynamic"),
        ("E | where isnotnull(parse_json(J))", "isnotnull of a dynamic"),
        ("E | where T > ago(1h)", "ago: it runs by its own clock"),
        ("E | where isnotempty(tostring(parse_json(S).Name))", "parse_json of text that is no JSON"),
        ("E | where isnotempty(tostring(parse_json(strcat(J, '')).Name))", "parse_json of text that is no JSON"),
        ("E | project S, s = S", "translation: "),
    ],
)
def test_unsupported_says_why(table: DuckdbTable, query: str, operator: str) -> None:
    with pytest.raises(Unsupported) as caught:
        table.run(query)
    assert str(caught.value.operator).startswith(operator)


@pytest.mark.parametrize(
    "query",
    [
        "E | where tostring(parse_json(J).Name) == 'y' | project id",
        "E | where tostring(parse_json(D).Name) == 'x' | project id",
        "E | where isnull(N) | project id",
    ],
)
def test_what_it_gets_right_is_run(table: DuckdbTable, query: str) -> None:
    assert table.run(query) == [dict(row) for row in run(query, {"E": Table(COLUMNS, ROWS)})]


def test_text_of_a_dynamic_is_read_unless_it_may_be_bare_text() -> None:
    query = "E | where tostring(parse_json(tostring(D)).a) == '1'"
    columns = {"D": "dynamic"}
    assert kusto_duckdb.run(query, "E", columns, [{"D": {"a": 1}}]) == [{"D": {"a": 1}}]
    with pytest.raises(Unsupported, match="no JSON"):
        kusto_duckdb.run(query, "E", columns, [{"D": "bare"}])


def test_times_of_any_zone_are_one_moment() -> None:
    columns = {"T": "datetime", "S": "string"}
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    for shown in (
        "2024-01-01T01:00:00+01:00",
        "2024-01-01T00:00:00",
        moment,
        moment.astimezone(timezone(timedelta(hours=2))),
    ):
        assert kusto_duckdb.run("E", "E", columns, [{"T": shown}]) == [{"T": moment, "S": ""}]
