"""The parser must see the mistakes we rely on it for."""

from __future__ import annotations

import pytest
from engines import kusto_parser
from engines.kusto_parser import Function

from converter.proof.judges.errors import EngineUnavailable

ECS = {"Ecs": {"process_name": "string", "process.pid": "long", "process_args": "dynamic", "TimeGenerated": "datetime"}}


def codes(
    query: str, functions: tuple[Function, ...] = (kusto_parser.WATCHLIST,), *, sentinel: bool = True
) -> list[str]:
    try:
        found = kusto_parser.diagnose([("q", query)], ECS, functions=functions, sentinel=sentinel)
    except EngineUnavailable as error:
        pytest.skip(str(error))
    return [one.code for one in found["q"]]


@pytest.mark.parametrize(
    "query",
    [
        "Ecs | where process_name == 'cmd.exe' and ['process.pid'] > 5",
        "Ecs | where set_has_element(process_args, 'x')",
        "Ecs | where process_name in (_GetWatchlist('names') | project SearchKey)",
        "Ecs | sort by TimeGenerated asc | scan declare (t: datetime) with (step s1: true => t = TimeGenerated;)",
    ],
)
def test_clean(query: str) -> None:
    assert codes(query, sentinel=False) == []


def test_clean_on_sentinel_table() -> None:
    assert codes("SecurityEvent | where EventID == 4624 | take 1") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Ecs | where process_nam == 'x'", "KS142"),
        ("Nowhere | take 1", "KS204"),
        ("Ecs | where ['process.pid'] contains 4", "KS106"),
        ("Ecs | where TimeGenerated > 'x'", "KS106"),
        ("Ecs | where no_such_function(process_name)", "KS211"),
        ("Ecs | where", "KS006"),
        ("Ecs | summarize count() by process_args", "KS116"),
        ("Ecs | sort by TimeGenerated asc | scan with (step s1: true => t = TimeGenerated;)", "KS142"),
    ],
)
def test_error_code(query: str, code: str) -> None:
    assert code in codes(query, sentinel=False)


def test_error_points_into_the_query() -> None:
    query = "Ecs | where process_nam == 'x'"
    try:
        (one,) = kusto_parser.diagnose([("q", query)], ECS, sentinel=False)["q"]
    except EngineUnavailable as error:
        pytest.skip(str(error))
    assert query[one.start : one.end] == "process_nam"
    assert one.severity == "Error"


def test_caller_declares_functions() -> None:
    columns = Function("_GetWatchlist", "(alias:string)", "{ datatable(Host:string)[] }")
    assert codes("_GetWatchlist('x') | project Host", (columns,), sentinel=False) == []
    assert codes("_GetWatchlist('x') | project Host", sentinel=False) == ["KS142"]


def test_many_queries_keep_their_ids() -> None:
    queries = [(str(n), "Ecs | where nope == 1" if n % 3 == 0 else "Ecs | take 1") for n in range(100)]
    try:
        found = kusto_parser.diagnose(queries, ECS, sentinel=False)
    except EngineUnavailable as error:
        pytest.skip(str(error))
    assert {identity for identity, rows in found.items() if rows} == {str(n) for n in range(0, 100, 3)}
