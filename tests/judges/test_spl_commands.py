"""The other commands."""

from __future__ import annotations

from typing import Any

import pytest

from converter.proof.judges.spl.run import LookupTable, Reading, SplError, UnknownCommand, run

EVENTS: list[dict[str, Any]] = [{"id": n, "n": n * 10, "k": "ab"[n % 2], "_time": n} for n in range(1, 5)]


def column(query: str, name: str = "id", events: list[dict[str, Any]] = EVENTS, **options: Any) -> list[object]:
    return [row.get(name) for row in run(query, events, **options)]


def test_sort() -> None:
    events: list[dict[str, Any]] = [{"v": "10"}, {"v": "9"}, {}, {"v": "x"}]
    assert column("* | sort v", "v", events) == ["9", "10", "x", None]
    assert column("* | sort -v", "v", events) == ["x", "10", "9", None]
    assert column("* | sort - v", "v", events) == ["x", "10", "9", None]
    assert column("* | sort str(v)", "v", events) == ["10", "9", "x", None]
    assert column("* | sort 0 num(v)", "v", events) == ["9", "10", None, "x"]
    assert column("* | sort 2 v", "v", events) == ["9", "10"]
    assert column("* | sort limit=1 v", "v", events) == ["9"]
    assert column("* | sort v desc", "v", events) == [None, "x", "10", "9"]
    assert column("* | sort +k, -num(id)") == ["4", "2", "3", "1"]
    assert column('* | sort "k" num(id)') == ["2", "4", "1", "3"]
    assert column("* | sort ip(a)", "a", [{"a": "10.0.0.9"}, {"a": "9.0.0.1"}]) == ["9.0.0.1", "10.0.0.9"]


def test_sort_limit_is_ten_thousand_unless_zero() -> None:
    events: list[dict[str, Any]] = [{"id": n} for n in range(10_001)]
    assert len(run("* | sort num(id)", events)) == 10_000
    assert len(run("* | sort 0 num(id)", events)) == 10_001


def test_sort_ties_by_reading() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "v": 1}, {"id": 2, "v": 1}]
    assert column("* | sort 0 v", "id", events) == ["1", "2"]
    assert column("* | sort 0 v", "id", events, reading=Reading(sort_ties="reversed")) == ["2", "1"]


def test_head_and_tail() -> None:
    many: list[dict[str, Any]] = [{"id": n} for n in range(15)]
    assert len(run("* | head", many)) == 10
    assert column("* | head 2") == ["4", "3"]
    assert column("* | head limit=1") == ["4"]
    assert column("* | tail 2") == ["1", "2"]
    assert column("* | head (n>20)") == ["4", "3"]
    assert column("* | head (n>20) keeplast=true") == ["4", "3", "2"]
    assert column("* | head 1 (n>20)") == ["4"]


def test_head_null_option() -> None:
    # spl-search-reference/10.0/search-commands/head: null= says whether a NULL lets the search go on.
    events: list[dict[str, Any]] = [{"id": 1, "x": 20}, {"id": 2}, {"id": 3, "x": 20}, {"id": 4, "x": 1}]
    assert column("* | head (x>10)", "id", events) == ["1"]
    assert column("* | head (x>10) null=true", "id", events) == ["1", "2", "3"]


def test_dedup() -> None:
    # The table of the dedup page.
    hosts = ["www1", "www2", "www3", "www1", "www1", "www3", "www2"]
    events: list[dict[str, Any]] = [{"id": n, "host": host} for n, host in enumerate(hosts)] + [{"id": 7}]
    assert column("* | dedup host", "id", events) == ["0", "1", "2"]
    assert column("* | dedup 2 host", "id", events) == ["0", "1", "2", "3", "5", "6"]
    assert column("* | dedup host keepempty=true", "id", events) == ["0", "1", "2", "7"]
    assert column("* | dedup host consecutive=true", "id", events) == ["0", "1", "2", "3", "5", "6"]
    assert column("* | dedup host keepevents=true | where isnotnull(host)", "id", events) == ["0", "1", "2"]
    lists: list[dict[str, Any]] = [
        {"id": 1, "v": ["a", "b"]},
        {"id": 2, "v": ["a", "b"]},
        {"id": 3, "v": ["b", "a"]},
        {"id": 4, "v": "a"},
    ]
    assert column("* | dedup v", "id", lists) == ["1", "3", "4"]


def test_fields_and_table() -> None:
    (row,) = run("id=1 | fields id, n", EVENTS)
    assert row.keys() == {"id", "n", "_time", "_raw"}
    (row,) = run("id=1 | fields + i*", EVENTS)
    assert row.keys() == {"id", "_time", "_raw"}
    (row,) = run("id=1 | fields - id _raw", EVENTS)
    assert row.keys() == {"n", "k", "_time"}
    (row,) = run('id=1 | table "id" nothing', EVENTS)
    assert row.keys() == {"id"}


def test_rename() -> None:
    (row,) = run('id=1 | rename id AS "the id", n as m | table *', EVENTS)
    assert row == {"the id": "1", "m": "10", "k": "b", "_raw": row["_raw"], "_time": 1}
    (row,) = run("* | rename EU* AS EMEA* | table E*", [{"EU_UK": 1, "EU_DE": 2}])
    assert row == {"EMEA_UK": "1", "EMEA_DE": "2"}
    (row,) = run("* | rename a.* as * | table b", [{"a": {"b": 1}}])
    assert row == {"b": "1"}
    (row,) = run("* | rename nothing AS b | table b", [{"b": 1}])
    assert row == {}


def test_fillnull() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "x": "a"}, {"id": 2}]
    assert column("* | fillnull x", "x", events) == ["a", "0"]
    assert column("* | fillnull value=none x, y", "y", events) == ["none", "none"]
    assert column('* | fillnull value=""', "x", events) == ["a", ""]


def test_bin() -> None:
    events: list[dict[str, Any]] = [{"_time": 1735689661.5}]
    assert column("* | bin _time span=5m", "_time", events) == [1735689600]
    assert column("* | bucket span=1h _time as t", "t", events) == [1735689600]
    assert column("* | bin span=1mon _time as t", "t", events) == [1735689600]
    assert column("* | bin span=10 n", "n", [{"n": 25}]) == ["20-30"]


def test_makemv_mvexpand_nomv_mvcombine() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "v": "a,b,,c"}, {"id": 2}]
    assert column('* | makemv delim="," v', "v", events) == [["a", "b", "c"], None]
    assert column('* | makemv delim="," allowempty=true v', "v", events) == [["a", "b", "", "c"], None]
    assert column(r'* | makemv tokenizer="([a-z])" v', "v", events) == [["a", "b", "c"], None]
    assert column('* | makemv delim="," v | mvexpand v', "v", events) == ["a", "b", "c", None]
    assert column('* | makemv delim="," v | mvexpand v limit=1', "v", events) == ["a", None]
    assert column('* | makemv delim="," v | nomv v', "v", events) == ["a\nb\nc", None]
    assert column("* | table k n | mvcombine n", "n") == [["40", "20"], ["30", "10"]]


def test_rex() -> None:
    events: list[dict[str, Any]] = [{"f": "From: a@x To: b@y"}]
    (row,) = run(r'* | rex field=f "From: (?<from>\S+) To: (?<to>.*)"', events)
    assert (row["from"], row["to"]) == ("a@x", "b@y")
    (row,) = run(r'* | rex field=f max_match=0 "(?P<who>\w)@"', events)
    assert row["who"] == ["a", "b"]
    (row,) = run(r'* | rex field=f "(?<who>\w)@"', events)
    assert row["who"] == "a"
    (row,) = run(r'* | rex field=f "nothing (?<f>x)"', events)
    assert row["f"] == "From: a@x To: b@y"
    (row,) = run(r'* | rex field=f mode=sed "s/(\w)@(\w)/\2@\1/g"', events)
    assert row["f"] == "From: x@a To: y@b"
    (row,) = run(r'* | rex field=f mode=sed "s/@/-/"', events)
    assert row["f"] == "From: a-x To: b@y"


def test_regex() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "f": "abc"}, {"id": 2, "f": "xyz"}, {"id": 3}]
    assert column('* | regex f="b"', "id", events) == ["1"]
    assert column('* | regex f!="b"', "id", events) == ["2", "3"]
    assert column('* | regex "xyz"', "id", events) == ["2"]


def test_spath() -> None:
    events: list[dict[str, Any]] = [{"j": '{"a":{"b":[{"c":1},{"c":2}]},"d":null,"e":true}'}]
    (row,) = run("* | spath input=j", events)
    assert row["a.b{}.c"] == ["1", "2"]
    assert row["e"] == "true"
    assert "d" not in row
    (row,) = run("* | spath input=j output=x path=a.b{}.c", events)
    assert row["x"] == ["1", "2"]
    (row,) = run("* | spath input=j a.b{1}.c", events)
    assert row["a.b{1}.c"] == "2"
    with pytest.raises(SplError):
        run("* | spath input=j", [{"j": '{"a":"' + "x" * 5000 + '"}'}])


TABLE = [{"net": "10.0.0.0/8", "zone": "inside"}, {"net": "10.1.0.0/16", "zone": "lab"}, {"net": "x", "zone": "none"}]


def test_lookup() -> None:
    events: list[dict[str, Any]] = [
        {"id": 1, "ip": "10.1.2.3"},
        {"id": 2, "ip": "8.8.8.8"},
        {"id": 3, "ip": "x", "zone": "old"},
        {"id": 4},
    ]
    exact = {"nets": TABLE}
    cidr = {"nets": LookupTable(TABLE, {"net": "CIDR"})}
    assert column("* | lookup nets net AS ip OUTPUT zone", "zone", events, lookups=exact) == [None, None, "none", None]
    query = "* | lookup nets net AS ip OUTPUT zone AS z"
    assert column(query, "z", events, lookups=cidr) == [["inside", "lab"], None, "none", None]
    assert column("* | lookup nets net AS ip OUTPUTNEW zone", "zone", events, lookups=cidr)[2] == "old"
    assert column("* | lookup nets net AS ip", "zone", events, lookups=cidr)[2] == "none"
    assert column("* | lookup nets net AS ip OUTPUT zone", "zone", [{"ip": "?", "zone": "old"}], lookups=exact) == [
        None
    ]
    with pytest.raises(SplError):
        run("* | lookup elsewhere net", events)


def test_lookup_case_and_wildcards() -> None:
    rows: list[dict[str, Any]] = [{"name": "Cmd*", "x": "1"}]
    assert column("* | lookup t name OUTPUT x", "x", [{"name": "cmd.exe"}], lookups={"t": rows}) == [None]
    found = {"t": LookupTable(rows, {"name": "WILDCARD"}, case_sensitive=False)}
    assert column("* | lookup t name OUTPUT x", "x", [{"name": "cmd.exe"}], lookups=found) == ["1"]


def test_lookup_takes_any_of_several_values() -> None:
    rows: list[dict[str, Any]] = [{"name": "b", "x": "1"}]
    assert column("* | lookup t name OUTPUT x", "x", [{"name": ["a", "b"]}, {"name": "c"}], lookups={"t": rows}) == [
        "1",
        None,
    ]


def test_inputlookup_and_outputlookup() -> None:
    assert column("| inputlookup nets", "zone", lookups={"nets": TABLE}) == ["inside", "lab", "none"]
    assert column("| inputlookup nets where zone=l*", "zone", lookups={"nets": TABLE}) == ["lab"]
    assert len(run("* | inputlookup append=true nets", EVENTS, lookups={"nets": TABLE})) == 7
    query = "id=1 | table k | outputlookup seen | append [| inputlookup seen]"
    assert column(query, "k", lookups={"seen": []}) == ["b", "b"]


def test_join() -> None:
    events: list[dict[str, Any]] = [
        {"id": 1, "k": "a"},
        {"id": 2, "k": "b"},
        {"id": 3},
        {"id": 4, "k": "a", "side": "r", "v": "1"},
    ]
    events.append({"id": 5, "k": "a", "side": "r", "v": "2"})
    query = "NOT side=r | join {} k [ search side=r | table k v ]"
    assert [(row["id"], row.get("v")) for row in run(query.format(""), events)] == [("1", "1")]
    assert [row.get("v") for row in run(query.format("type=left"), events)] == ["1", None, None]
    assert [row.get("v") for row in run(query.format("max=0"), events)] == ["1", "2"]
    overwritten = "NOT side=r | join overwrite=false k [ search side=r | eval id=99 | table k id ]"
    assert column(overwritten, "id", events) == ["1"]


def test_append_union_multisearch_appendpipe() -> None:
    assert column("id=1 | append [ search id=2 ]") == ["1", "2"]
    assert column("id=1 | append [ search id=2 | append [ search id=3 ] ]") == ["1", "2", "3"]
    assert column("| union [ search id=1 ] [ search id=2 | eval x=1 ]") == ["1", "2"]
    assert column("id=3 | union [ search id=1 ]") == ["3", "1"]
    assert column("| multisearch [ search id=1 ] [ search id=2 ]") == ["2", "1"]
    assert column("* | appendpipe [ stats count ] | tail 1", "count") == [4]


def test_foreach() -> None:
    query = "id=1 | foreach n id [ eval <<FIELD>>_x='<<FIELD>>'+1 ] | table *_x"
    assert run(query, EVENTS) == [{"n_x": 11, "id_x": 2}]
    events: list[dict[str, Any]] = [{"a_one": 1, "a_two": 2}]
    assert run("* | eval t=0 | foreach a_* [ eval t=t+'<<FIELD>>', last=\"<<MATCHSTR>>\" ] | table t last", events) == [
        {"t": 3, "last": "two"}
    ]


def test_makeresults_and_addinfo() -> None:
    assert run("| makeresults count=2 | eval x=1 | table x", []) == [{"x": 1}, {"x": 1}]
    (row,) = run("id=1 earliest=-1h | addinfo", EVENTS, now=3600.0)
    assert (row["info_min_time"], row["info_max_time"]) == (0, 3600)


@pytest.mark.parametrize(
    "query",
    [
        "* | join type=cross k [ search id=1 ]",
        "* | inputlookup start=2 t",
        "* | outputlookup a b",
        '* | rex field=f offset_field=o "(?<x>a)"',
        '* | rex field=f mode=sed "y/a/b/"',
        '* | rex field=f mode=sed "s/a/b/2"',
        "* | makeresults format=csv data=x",
        "* | makemv setsv=true f",
        "* | mvexpand a b",
        "* | bin aligntime=earliest span=1h _time",
        "* | foreach mode=multivalue f [ eval x=1 ]",
        "id=1 | search [ search id=2 | format mvsep=x ]",
        "* | append [ search id=1 | return id | eval x=1 ]",
    ],
)
def test_error_option_not_supported(query: str) -> None:
    with pytest.raises(SplError):
        run(query, EVENTS, lookups={"t": [{"k": "a"}]})


def test_join_without_fields_uses_those_in_common() -> None:
    events: list[dict[str, Any]] = [{"id": 1, "k": "a"}, {"side": "r", "k": "a", "v": "1"}]
    assert column("NOT side=r | table id k | join [ search side=r | table k v ]", "v", events) == ["1"]


def test_macros_and_comments() -> None:
    macros = {"first": "id=1", "only(x)": "where id=$x$", "both": "`first` | eval y=2"}
    assert column("`first`", macros=macros) == ["1"]
    assert column("* | `only(3)`", macros=macros) == ["3"]
    assert column("`both`", "y", macros=macros) == [2]
    assert column("`security_index` id=2 ```a | comment``` | eval z=1") == ["2"]
    assert column('* | where k=="`first`"', macros=macros) == []
    with pytest.raises(SplError):
        run("`unheard_of` id=1", EVENTS)
    with pytest.raises(SplError):
        run("id=1 | `unheard_of`", EVENTS)
    with pytest.raises(SplError):
        run("`a`", EVENTS, macros={"a": "`b`", "b": "`a`"})


@pytest.mark.parametrize(
    "command", ["mstats count", "transaction id", "iplocation ip", "timechart count", "frobnicate"]
)
def test_error_unknown_command_is_raised_without_events(command: str) -> None:
    with pytest.raises(UnknownCommand):
        run(f"* | {command}", [])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "* |",
        "* | | eval x=1",
        "(id=1",
        "id=1)",
        "id=",
        'id="1',
        "* | sort",
        "* | rename a",
        "* | rename a* AS b",
        "* | rex field=f",
        '* | rex field=f "no group"',
        '* | rex field=f "(?<x>("',
        "* | regex f=unquoted",
        "* | dedup",
        "* | dedup host sortby -_time",
        "* | bin n",
        "* | bin n span=-3",
        "* | head ten",
        "* | join k",
        "* | append [ search id=1",
        "* | append search id=1 ]",
        "* | multisearch [ search id=1 ] [ search id=2 ]",
        "| multisearch [ search id=1 ]",
        "* | lookup",
        "* | inputlookup nowhere",
        "* | foreach n eval x=1",
        "* | spath output=x path=a unexpected=]",
        "* | return id | eval x=1",
        "searchid=1 ]",
    ],
)
def test_error_command(query: str) -> None:
    with pytest.raises(SplError):
        run(query, EVENTS)
