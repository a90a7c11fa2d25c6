"""stats, eventstats, streamstats."""

from __future__ import annotations

from typing import Any

import pytest

from converter.proof.judges.spl.run import READINGS, Reading, SplError, run

ACCESS: list[dict[str, Any]] = [
    {"host": "www1", "action": "view", "bytes": "10", "_time": 100},
    {"host": "www2", "action": "addtocart", "bytes": "9", "_time": 90},
    {"host": "www1", "action": "addtocart", "bytes": "1", "_time": 80},
    {"host": "www3", "action": "view", "_time": 70},
    {"action": "view", "bytes": "5", "_time": 60},
]


def rows(query: str, events: list[dict[str, Any]] = ACCESS, **options: Any) -> list[dict[str, object]]:
    return run(query, events, **options)


def column(query: str, name: str, events: list[dict[str, Any]], **options: Any) -> list[object]:
    return [row.get(name) for row in run(query, events, **options)]


def test_stats_groups_and_drops_events_without_the_group_field() -> None:
    assert rows("* | stats count by host") == [
        {"host": "www1", "count": 2},
        {"host": "www2", "count": 1},
        {"host": "www3", "count": 1},
    ]
    with_group = rows("* | stats count by host", reading=Reading(stats_missing_by="group"))
    assert with_group[-1] == {"count": 1}


def test_stats_without_group() -> None:
    (row,) = rows("* | stats count dc(host) as hosts count(bytes) sum(bytes) avg(bytes) as mean range(bytes) as span")
    assert row == {"count": 5, "hosts": 3, "count(bytes)": 4, "sum(bytes)": 25, "mean": 6.25, "span": 9}
    assert rows("nothing | stats count") == [{"count": 0}]
    assert rows("nothing | stats count by host") == []


def test_min_and_max_are_numeric_where_every_value_is() -> None:
    (row,) = rows("* | stats min(bytes) as low max(bytes) as high")
    assert row == {"low": 1, "high": 10}
    (mixed,) = rows("* | stats max(v) as v", [{"v": "10"}, {"v": "9"}, {"v": "x"}])
    assert mixed == {"v": "x"}
    (lexical,) = rows("* | stats min(v) as v", [{"v": "10"}, {"v": "9"}, {"v": "x"}])
    assert lexical == {"v": "10"}


def test_distinct_values_are_text() -> None:
    # statistical-and-charting-functions: "1", "1.0" and "01" are distinct strings, but one number for max and min.
    events: list[dict[str, Any]] = [{"v": "1"}, {"v": "1.0"}, {"v": "01"}]
    (row,) = rows("* | stats dc(v) values(v) max(v)", events)
    assert row == {"dc(v)": 3, "values(v)": ["01", "1", "1.0"], "max(v)": 1}


def test_list_keeps_order_and_the_first_hundred() -> None:
    events: list[dict[str, Any]] = [{"n": n} for n in range(120)]
    (row,) = rows("* | stats list(n) as n values(n) as v", events)
    assert row["n"] == [str(n) for n in range(100)]
    assert len(row["v"]) == 120  # type: ignore[arg-type]
    assert row["v"] == sorted(str(n) for n in range(120))


def test_first_and_last_follow_search_order_earliest_and_latest_time() -> None:
    (row,) = rows("* | reverse | stats first(action) as f last(host) as l earliest(host) as e latest(host) as t")
    assert row == {"f": "view", "l": "www1", "e": "www3", "t": "www1"}
    (row,) = rows("* | stats first(action) as f last(host) as l earliest(bytes) as e latest(bytes) as t")
    assert row == {"f": "view", "l": "www3", "e": "5", "t": "10"}


def test_count_of_a_condition() -> None:
    (row,) = rows('* | stats count(eval(action=="view")) as views dc(eval(if(bytes>4,host,null()))) as big')
    assert row == {"views": 3, "big": 2}


def test_several_values_count_each() -> None:
    events: list[dict[str, Any]] = [{"k": ["a", "b", "a"], "x": ["1", "2"]}, {"k": "b", "x": "3"}]
    assert rows("* | stats count count(x) as xs dc(x) as d by k", events) == [
        {"k": "a", "count": 2, "xs": 4, "d": 2},
        {"k": "b", "count": 2, "xs": 3, "d": 3},
    ]
    assert rows("* | stats dedup_splitvals=true count by k", events) == [{"k": "a", "count": 1}, {"k": "b", "count": 2}]
    assert rows("* | stats count by k dedup_splitvals=true", events) == [{"k": "a", "count": 1}, {"k": "b", "count": 2}]


def test_two_group_fields_make_every_combination() -> None:
    events: list[dict[str, Any]] = [{"a": ["1", "2"], "b": ["x", "y"]}, {"a": "1"}]
    found = rows("* | stats count by a, b", events)
    assert [(row["a"], row["b"], row["count"]) for row in found] == [
        ("1", "x", 1),
        ("1", "y", 1),
        ("2", "x", 1),
        ("2", "y", 1),
    ]


def test_wildcard_functions() -> None:
    (row,) = rows("* | fields host action | stats values(*) as * by host | search host=www2")
    assert row == {"host": "www2", "action": "addtocart"}


def test_percentiles_and_spread() -> None:
    events: list[dict[str, Any]] = [{"n": n} for n in (1, 2, 3, 4)]
    (row,) = rows("* | stats median(n) as m p25(n) as q stdev(n) as s var(n) as v mode(n) as o", events)
    assert row["m"] == 2.5
    assert row["q"] == 1.75
    assert row["v"] == pytest.approx(5 / 3)
    assert row["s"] == pytest.approx((5 / 3) ** 0.5)


def test_new_terms_shape() -> None:
    events: list[dict[str, Any]] = [
        {"u": "a", "_time": 10},
        {"u": "a", "_time": 990},
        {"u": "b", "_time": 995},
        {"_time": 999},
    ]
    query = "* | where isnotnull('u') | stats dedup_splitvals=true min(_time) as first by u | where first > 900"
    for reading in READINGS:
        assert rows(query, events, reading=reading) == [{"u": "b", "first": 995}]


def test_eventstats_adds_to_the_events_that_have_the_field() -> None:
    found = rows("* | fields host action | eventstats count by host | fields - _*")
    assert [row.get("count") for row in found] == [2, 1, 2, 1, None]
    grouped = Reading(streamstats_missing_by="group")
    assert rows("* | fields host action | eventstats count by host | fields - _*", reading=grouped) == found
    found = rows("* | eventstats dc(action) as n")
    assert [row["n"] for row in found] == [2] * 5


NUMBERED: list[dict[str, Any]] = [{"n": n, "k": "ab"[n % 2], "_time": n} for n in range(1, 7)]
ASCENDING = "* | sort 0 num(_time) | "


def test_streamstats_running_results() -> None:
    assert column(ASCENDING + "streamstats count as c", "c", NUMBERED) == [1, 2, 3, 4, 5, 6]
    assert column(ASCENDING + "streamstats sum(n) as s by k", "s", NUMBERED) == [1, 2, 4, 6, 9, 12]
    assert column(ASCENDING + "streamstats avg(n) as s", "s", NUMBERED) == [1, 1.5, 2, 2.5, 3, 3.5]
    assert column(ASCENDING + "streamstats values(k) as v", "v", NUMBERED)[:2] == ["b", ["a", "b"]]
    assert column(ASCENDING + "streamstats dc(k) as v", "v", NUMBERED) == [1, 2, 2, 2, 2, 2]
    assert column(ASCENDING + "streamstats first(n) as v", "v", NUMBERED) == ["1"] * 6


def test_streamstats_current_false_leaves_the_event_out() -> None:
    query = ASCENDING + "streamstats current=f max(n) as m by k"
    assert column(query, "m", NUMBERED) == [None, None, 1, 2, 3, 4]
    assert column(ASCENDING + "streamstats current=f last(n) as m", "m", NUMBERED) == [None, "1", "2", "3", "4", "5"]
    assert column(ASCENDING + "streamstats current=f count as c by k", "c", NUMBERED) == [0, 0, 1, 1, 2, 2]


def test_streamstats_skips_null() -> None:
    query = ASCENDING + "eval x=if(n=2 OR n=4,n,null()) | streamstats current=f max(x) as m"
    assert column(query, "m", NUMBERED) == [None, None, 2, 2, 4, 4]


LOGONS: list[dict[str, Any]] = [
    {"host": "x", "action": "LOGON", "bytes": 100},
    {"host": "y", "action": "APP_START", "bytes": 200},
    {"host": "x", "action": "FILE_DOWNLOAD", "bytes": 400},
    {"host": "x", "action": "REBOOT", "bytes": 50},
    {"host": "y", "action": "LOGON", "bytes": 150},
    {"host": "x", "action": "LOGON", "bytes": 100},
]


def test_streamstats_documented_examples() -> None:
    # help.splunk.com spl2-search-reference/streamstats-command, overview and examples 1 and 2.
    averages = column("* | streamstats window=3 avg(bytes)", "avg(bytes)", LOGONS)
    assert averages == pytest.approx([100, 150, 700 / 3, 650 / 3, 200, 100])
    assert column("* | streamstats count", "count", LOGONS) == [1, 2, 3, 4, 5, 6]
    assert column("* | streamstats count by host", "count", LOGONS) == [1, 1, 2, 3, 2, 4]
    query = r"""* | streamstats reset_after="("action==\"REBOOT\"")" count by host"""
    assert column(query, "count", LOGONS) == [1, 1, 2, 3, 1, 1]
    with pytest.raises(SplError):
        run(query.replace("\\", ""), LOGONS)
    with pytest.raises(SplError):
        run("* | streamstats window=x count", LOGONS)


def test_streamstats_window() -> None:
    assert column(ASCENDING + "streamstats window=2 sum(n) as s", "s", NUMBERED) == [1, 3, 5, 7, 9, 11]
    assert column(ASCENDING + "streamstats window=1 current=f sum(n) as s", "s", NUMBERED) == [None, 1, 2, 3, 4, 5]
    apart = column(ASCENDING + "streamstats window=2 global=f sum(n) as s by k", "s", NUMBERED)
    together = column(ASCENDING + "streamstats window=2 global=t sum(n) as s by k", "s", NUMBERED)
    assert apart == [1, 2, 4, 6, 8, 10]
    assert together == [1, 2, 3, 4, 5, 6]


def test_streamstats_time_window_and_its_edge() -> None:
    query = ASCENDING + "streamstats time_window=2s count as c"
    assert column(query, "c", NUMBERED) == [1, 2, 3, 3, 3, 3]
    assert column(query, "c", NUMBERED, reading=Reading(time_window_edge="out")) == [1, 2, 2, 2, 2, 2]


def test_streamstats_reset() -> None:
    query = ASCENDING + r'streamstats reset_after="("n==3")" count as c'
    assert column(query, "c", NUMBERED) == [1, 2, 3, 1, 2, 3]
    assert column(ASCENDING + 'streamstats reset_after="(n==3)" count as c', "c", NUMBERED) == [1, 2, 3, 1, 2, 3]
    query = ASCENDING + r'streamstats reset_before="("n==3")" count as c'
    assert column(query, "c", NUMBERED) == [1, 2, 1, 2, 3, 4]
    query = ASCENDING + r'streamstats reset_after="("k==\"a\"")" count as c'
    assert column(query, "c", NUMBERED) == [1, 2, 1, 2, 1, 2]
    query = ASCENDING + "streamstats reset_on_change=true count as c by k"
    assert column(query, "c", NUMBERED) == [1, 1, 1, 1, 1, 1]


def test_streamstats_missing_group_field_by_reading() -> None:
    events: list[dict[str, Any]] = [{"_time": 1, "n": 1}, {"_time": 2, "n": 2}, {"_time": 3, "n": 3, "k": "a"}]
    query = ASCENDING + "streamstats count as c by k"
    assert column(query, "c", events) == [None, None, 1]
    assert column(query, "c", events, reading=Reading(streamstats_missing_by="group")) == [1, 2, 1]


def test_streamstats_several_values_in_group_field_by_reading() -> None:
    events: list[dict[str, Any]] = [
        {"_time": 1, "k": ["a", "b"]},
        {"_time": 2, "k": ["a", "b"]},
        {"_time": 3, "k": "a"},
    ]
    query = ASCENDING + "streamstats count as c by k"
    assert column(query, "c", events) == [1, 2, 1]
    assert column(query, "c", events, reading=Reading(streamstats_many_by="none")) == [None, None, 1]


def test_streamstats_ten_thousand_by_reading() -> None:
    events: list[dict[str, Any]] = [{"_time": n} for n in range(10_003)]
    query = ASCENDING + "streamstats count as c | tail 1"
    assert column(query, "c", events) == [10_003]
    assert column(query, "c", events[:9_000], reading=Reading(streamstats_window="10000")) == [9_000]
    query = ASCENDING + "tail 3 | streamstats window=2 count as c"
    assert column(query, "c", events) == [1, 2, 2]


def test_streamstats_result_over_an_old_field_by_reading() -> None:
    query = ASCENDING + "streamstats current=f max(n) as n"
    assert column(query, "n", NUMBERED[:2]) == [None, 1]
    assert column(query, "n", NUMBERED[:2], reading=Reading(stats_null_result="keeps")) == ["1", 1]


def test_sequence_chain_is_stable() -> None:
    """Two steps in order by host within ten seconds, the newest first step wins and is used up."""
    events: list[dict[str, Any]] = [
        {"id": 1, "h": "x", "e": "a", "_time": 1},
        {"id": 2, "h": "y", "e": "b", "_time": 2},
        {"id": 3, "h": "x", "e": "b", "_time": 5},
        {"id": 4, "h": "x", "e": "b", "_time": 6},
        {"id": 5, "h": "y", "e": "a", "_time": 7},
        {"id": 6, "h": "y", "e": "b", "_time": 30},
        {"id": 7, "e": "b", "_time": 31},
    ]
    query = """* | where isnotnull('h') | sort 0 num(_time), num(id) | streamstats count as rn
    | eval s1=if(e=="a",rn,null()), t1=if(e=="a",_time,null()), s2=if(e=="b",rn,null())
    | streamstats current=f max(s1) as a max(s2) as b max(t1) as t by h
    | where e=="b" AND isnotnull(a) AND (isnull(b) OR if(a>=b,1,0)==1) AND _time-t<=10 | fields id"""
    for reading in READINGS:
        assert column(query, "id", events, reading=reading) == ["3"], reading.name


@pytest.mark.parametrize(
    "query",
    [
        "* | stats",
        "* | stats by host",
        "* | stats count by",
        "* | stats dc by host",
        "* | stats count as",
        "* | stats count(host by host",
        "* | stats count by host dc(action)",
        "* | streamstats time_window=soon count",
        '* | streamstats reset_after="(" count',
        '* | stats dc(eval(action=="view")) as n',
    ],
)
def test_error_stats(query: str) -> None:
    with pytest.raises(SplError):
        run(query, ACCESS)
