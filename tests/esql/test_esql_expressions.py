"""Functions of ES|QL in eval and in Kusto: judged where they have a form, refused with the reason where they have none."""

from __future__ import annotations

import pytest

import converter
from converter.diagnostics import Severity, render
from converter.model.pipeline import Pipeline
from converter.model.rule import Rule
from converter.proof.alerts import expected
from converter.proof.judge import CannotJudgeError
from converter.proof.judges.spl.reading import READINGS
from converter.proof.panel.sentinel import KustoJudge
from converter.proof.panel.splunk import SplJudge
from converter.proof.scene import scenes
from converter.target.artifact import Artifact

LONG = "length(user.name) > 2"
USERS = "stats v = values(user.name), w = values(host.name) by process.pid"
MOST = "stats v = max(process.pid) by user.name, host.name"

BOTH = {
    # Rule Q23: what a part of a text is, where its length is none or nothing.
    "left of nothing": 'eval a = left(process.name, 0) | where a == "" and process.pid > 2',
    "left below nothing": 'eval a = left(process.name, -1) | where a == "" and process.pid > 2',
    "part of nothing": 'eval a = substring(process.name, 2, 0) | where a == "" and process.pid > 2',
    "place of a column": "eval a = locate(process.name, user.name) | where a > 0",
    "groups behind one another": 'eval a = replace(process.name, "(a)(l)", "$2$1") | where a like "la*"',
    "line break put in": 'eval a = replace(process.name, "al", "\\n") | where a like "*p*"',
    "end of a text": 'eval a = replace(process.name, "l$", "b") | where a like "*b"',
    # Rule Q06: several values stand in their order, or in that of their places.
    "last of several": 'eval v = mv_slice(process.args, -1) | where v == "a"',
    "first of several": 'eval v = mv_slice(process.args, 0) | where v == "a"',
    "two of several": "eval v = mv_slice(process.args, 0, 1) | where mv_count(v) == 2",
    "last of places": 'eval v = mv_slice(split(process.command_line, " "), -1) | where v == "delta"',
    "least of several": 'eval v = mv_first(process.args), w = mv_max(process.args) | where v == "a" or w == "a"',
    "several joined": 'eval v = mv_concat(to_upper(process.args), "-") | where v == "A-BETA"',
    "several as text": 'eval c = to_string(process.args) | where c == "a"',
    "several or others": "eval c = coalesce(event.type, process.args) | stats n = count(c) by c | where n > 0",
    "several chosen": "eval c = case(process.pid > 2, event.type, process.args) | stats n = count(c) by c | where n > 0",
    "lists that share": f"{USERS} | eval d = mv_intersection(v, w) | where mv_count(d) > 0",
    "several and one": f"where {LONG} and process.args == user.name",
    "several among": f'where {LONG} and process.args in ("a", "b")',
    # Functions of several values, of one.
    "slices of one": f"{MOST} | eval d = mv_slice(v, 0), e = mv_slice(v, 1), f = mv_slice(v, 0, 2) | where d > 2 and e is null and f > 2",
    "one by itself": f"{MOST} | eval d = mv_dedupe(v), e = mv_first(v), f = mv_sort(v), g = mv_count(v) | where d > 1 and e > 1 and f > 1 and g == 1",
    "one joined": f'{MOST} | eval d = mv_concat(user.name, "x"), e = mv_contains(user.name, "alpha") | where d like "a*" and e',
    # Rule Q01: null is null, whatever is done to it.
    "sum with null": f"eval x = process.pid + null | where x is null and {LONG}",
    "null by name": f"eval x = null, y = x + process.pid, z = abs(x) | where y is null and z is null and {LONG}",
    "null compared": f"eval x = null | where not (x == 5) or {LONG}",
    "null as text": f'eval x = null | where x in ("a", "b") or x == "a" or {LONG}',
    "null joined": f"eval x = null, y = concat(x, user.name), z = to_lower(x) | where length(y) > 2 or z is not null or {LONG}",
    "null or else": "eval x = null, y = coalesce(x, user.name) | where length(y) > 2",
    "null in a list": "where length(user.name) in (4, null)",
    "null on the left": f"where {LONG} or null == user.name",
    # Rule Q17: whole numbers beside decimals; addresses.
    "decimals tens": "eval n = round(process.pid * 1.5, -1) | where n == 10",
    "decimal or whole": "eval c = coalesce(process.pid, 2.5), d = case(process.pid > 2, 1.5, process.pid) | where c > 2 and d > 1",
    "text as number": f"eval c = to_double(user.name) | where c > 2 or {LONG}",
    "by nothing": 'eval x = process.pid / 0 | where x is null and user.name == "alpha"',
    "address first": f'where {LONG} and "10.0.0.1" == source.ip',
    "address of an address": f'eval c = to_ip(source.ip) | where c == "10.0.0.1" and {LONG}',
    "one address": f'where {LONG} and (cidr_match(source.ip, "10.0.0.1") or cidr_match(source.ip, "2001:db8::1"))',
    # Truths as values.
    "truth chosen": 'eval c = case(process.pid > 2, true, user.name == "alpha", false) | where not c',
    "truth or else": 'eval c = coalesce(user.name == "alpha", true) | where not c',
    "truth asked": f'where coalesce(user.name == "alpha", process.pid > 2) and {LONG}',
    "truth as text": 'eval c = to_string(user.name == "alpha") | where c == "false"',
    "truth counted": 'eval b = user.name == "alpha" | stats n = count(*) by b | where not b and n > 1',
    "truths compared": 'eval b = user.name == "alpha", c = process.pid > 2 | where b == c',
    "always": f"where {LONG} and true",
    "never": f"where {LONG} and (false or process.pid > 5)",
    "text of a constant": f'where {LONG} and "alpha" == to_lower(user.name)',
    "texts of columns": "eval a = to_lower(user.name), b = to_lower(host.name) | where a != b",
    "among columns": f'where {LONG} and to_lower(user.name) in ("alpha", host.name)',
    "numbers not among": "where length(user.name) not in (4, 6)",
    # Times.
    "two days": "eval d = date_trunc(2 days, @timestamp) | stats n = count(*) by d | where n > 1",
    "since an hour": f"where @timestamp > now() - 1 hour and {LONG}",
    "since a week": f"where {LONG} and @timestamp > now() - 7 days",
    "a day later": f"eval x = 1 day + @timestamp | where x > @timestamp and {LONG}",
    "stored time": f'eval x = process.start | where x > "2023-01-01" and {LONG}',
    # Searches of the event behind its columns.
    "search of everything": f'where {LONG} and kql("")',
    "search with not": 'eval n = length(user.name) | where n > 2 and not kql("user.name: alpha and not process.name: beta")',
    "search with or": 'eval n = length(user.name) | where n > 2 and kql("user.name: alpha or process.pid > 2")',
}
SPLUNK = {
    "digit behind a group": 'eval a = replace(process.name, "a(l)", "$11") | where a like "l1*"',
    "group with a name": 'eval a = replace(process.name, "(?<q>a)l", "b$1") | where a like "ba*"',
    "whole tens": "eval n = round(process.pid, -1) | where n == 10",
    "text as whole number": f"eval c = to_long(user.name), d = to_integer(user.name) | where c > 2 or d > 2 or {LONG}",
    "text as address": f'eval c = to_ip(user.name) | where c == "10.0.0.1" or {LONG}',
    "time as number": "eval c = to_double(@timestamp) | where c > 2",
    "split into letters": 'eval v = split(process.command_line, "") | where mv_count(v) > 2',
}
SENTINEL = {
    "place of nothing": 'eval a = locate(process.name, "") | where a > 0',
    "greatest number": "stats v = values(process.pid) by host.name | eval d = mv_max(v) | where d > 3",
    "numbers that are shared": "stats v = values(process.pid) by host.name | eval d = mv_intersection(v, v) | where mv_count(d) > 1",
    "lists behind one another": f"{USERS} | eval d = mv_append(v, w) | where mv_count(d) > 2",
    "lists together": f"{USERS} | eval d = mv_union(v, w) | where mv_count(d) > 2",
    "numbers behind one another": f"{MOST} | eval d = mv_append(v, 7) | where mv_count(d) > 1",
    "numbers together": f"{MOST} | eval d = mv_union(v, 7) | where mv_count(d) > 1",
    "array of constants": f"eval v = [1, 2] | where {LONG} and mv_count(v) == 2",
    "constants that are shared": 'eval v = ["a", "b"], n = mv_intersection(v, process.args) | where n == "a"',
    "joined by a column": 'eval v = mv_concat(process.args, user.name) | where v like "*alpha*"',
    "one or several": "eval v = case(process.pid > 2, 1, mv_append(process.pid, 2)) | where mv_count(v) > 1",
    "control characters": f'eval x = "a\\tb" | where x == "a" or {LONG}',
}
EXACT = [
    pytest.param(target, query, id=f"{target}-{name}")
    for target, queries in (("splunk", BOTH | SPLUNK), ("sentinel", BOTH | SENTINEL))
    for name, query in queries.items()
]
REFUSED = [
    # what both lack
    ("splunk sentinel", "eval a = right(process.name, 2) | where a == 'ha'", "right"),
    ("splunk sentinel", "eval a = repeat(process.name, 2) | where a == 'ha'", "repeat"),
    ("splunk sentinel", "eval a = locate(process.name, 'm', 2) | where a > 0", "locate"),
    ("splunk sentinel", "eval a = substring(process.name, 2, -1) | where a is null", "substring"),
    ("splunk sentinel", "eval s = signum(process.pid) | where s > 0", "signum"),
    ("splunk sentinel", "eval a = process.pid % 2 | where a == 1", "%"),
    ("splunk sentinel", f"{USERS} | eval d = mv_zip(v, w) | where mv_count(d) > 0", "mv_zip"),
    ("splunk sentinel", f"{MOST} | eval d = mv_zip(user.name, host.name) | where d like 'a*'", "mv_zip"),
    ("splunk sentinel", "eval c = to_integer(process.pid * 1.5) | where c > 2", "to_integer of double"),
    ("splunk sentinel", "eval c = to_string(@timestamp) | where c == 'a'", "to_string of date"),
    ("splunk sentinel", "eval c = to_long(process.args) | where c > 2", "to_long of several values"),
    ("splunk sentinel", "eval x = to_version(user.name) | where x > to_version('1.2')", "to_version"),
    ("splunk sentinel", f"eval x = '2024-01-01'::datetime | where x < @timestamp and {LONG}", "to_datetime"),
    ("splunk sentinel", f"eval x = @timestamp - 1 month | where x < @timestamp and {LONG}", "a constant of this type"),
    ("splunk sentinel python", f"where {LONG} and cidr_match(source.ip, '10.0.0.0/33')", "a network that is none"),
    ("splunk sentinel", f"where {LONG} and cidr_match(source.ip, user.name)", "an argument that is no constant"),
    ("splunk sentinel", f"where {LONG} and starts_with(user.name, host.name)", "an argument that is no constant"),
    ("splunk sentinel", "eval a = left(user.name, process.pid) | where a == 'a'", "an argument that is no constant"),
    (
        "splunk sentinel",
        "eval d = date_trunc(1 week, @timestamp) | stats n = count(*) by d | where n > 1",
        "date_trunc by weeks, months or years",
    ),
    (
        "splunk sentinel",
        "stats a = min(@timestamp), b = max(@timestamp) by host.name | where date_diff('month', a, b) > 1",
        "date_diff by month",
    ),
    (
        "splunk sentinel",
        "stats v = values(source.ip) by host.name | eval d = mv_max(v) | where d == '10.0.0.1'",
        "an order of addresses",
    ),
    (
        "splunk sentinel",
        "eval a = replace(process.name, 'al', '$') | where a == 'x'",
        "an expression of replace ($ in the replacement needs the number of a group)",
    ),
    (
        "splunk sentinel",
        "eval a = replace(process.name, '\\\\X', 'b') | where a == 'x'",
        "an expression of replace (it uses \\X)",
    ),
    # what one of them lacks
    ("splunk", "eval a = replace(process.name, 'al', '\\\\\\\\') | where a == 'x'", "a replacement with backslashes"),
    (
        "splunk",
        "eval a = replace(process.name, 'al', '\u0085') | where a == 'x'",
        "a replacement with unusual characters",
    ),
    ("splunk", f"where {LONG} and source.ip == destination.ip", "two addresses compared"),
    ("splunk", "eval a = locate(process.name, '') | where a > 0", "the place of an empty text"),
    ("splunk", f"eval x = 'a\\tb' | where x == 'a' or {LONG}", "a text with control characters"),
    ("splunk", f"eval v = [1, 2] | where {LONG} and mv_count(v) == 2", "an array as a constant"),
    ("splunk", "eval v = split(process.name, user.name) | where mv_count(v) > 2", "an argument that is no constant"),
    ("splunk", f"{USERS} | eval d = mv_append(v, w) | where mv_count(d) > 2", "mv_append"),
    ("splunk", f"{USERS} | eval d = mv_sort(v, 'desc') | where mv_count(d) > 0", "mv_sort in another order"),
    (
        "splunk",
        "stats v = values(process.pid) by host.name | eval d = mv_slice(v, 0) | where d > 3",
        "mv_slice of several numbers",
    ),
    (
        "splunk",
        "stats v = values(process.pid) by host.name | eval d = mv_intersection(v, v) | where mv_count(d) > 1",
        "what lists of numbers share",
    ),
    ("sentinel", f"{USERS} | eval d = mv_sort(v, 'desc') | where mv_count(d) > 0", "mv_sort"),
    ("sentinel", "eval n = round(process.pid, -1) | where n == 10", "round"),
    ("sentinel", f"where {LONG} and source.ip == destination.ip", "addresses compared"),
    ("sentinel", "eval v = split(process.name, '') | where mv_count(v) > 2", "split"),
    ("sentinel", "eval c = to_ip(user.name) | where c == '10.0.0.1'", "to_ip of keyword"),
    (
        "sentinel",
        "eval a = replace(process.name, 'al', '\\\\\\\\') | where a == 'x'",
        "a replacement with backslashes or dollar signs",
    ),
    (
        "sentinel",
        "eval a = replace(process.name, 'a(l)', '$11') | where a == 'x'",
        "a replacement with a digit behind a group",
    ),
    (
        "sentinel",
        "eval a = replace(process.name, '[^x]$', 'b') | where a like '*b'",
        "an expression of replace that takes line breaks, with $",
    ),
    (
        "sentinel",
        "eval a = replace(process.name, '(?<q>a)l', 'b') | where a like 'b*'",
        "an expression of replace ((?)",
    ),
    (
        "sentinel",
        "eval v = case(process.pid > 2, 1.5, mv_append(process.pid, 2)) | where mv_count(v) > 1",
        "several whole numbers beside decimals",
    ),
]
REFUSALS = {
    "splunk": "cannot be said in SPL exactly",
    "sentinel": "cannot be said in Kusto exactly",
    "python": "cannot be carried into Python",
}


def rule(commands: str) -> Rule:
    text = "[rule]\nname = 'x'\ntype = 'esql'\nlanguage = 'esql'\nfrom = 'now-1h'\n"
    read = converter.parse_rule(f"{text}query = '''from logs-* | {commands}'''\n")
    assert isinstance(read.detection, Pipeline)
    assert not [d for d in read.notes if d.severity is Severity.ERROR]
    return read


def made(read: Rule, target: str) -> Artifact:
    return converter.convert(read, target, "ecs", bare=True, inline_macros=True)


@pytest.mark.parametrize(("target", "commands"), EXACT)
def test_a_form_gives_the_rows(target: str, commands: str) -> None:
    read = rule(commands)
    artifact = made(read, target)
    assert artifact.status == "exact", artifact.diagnostics
    assert not artifact.left_out
    judge = SplJudge(READINGS[:1]) if target == "splunk" else KustoJudge()
    assert isinstance(read.detection, Pipeline)
    judged, rows = 0, 0
    for scene in scenes(read.detection)[:12]:
        wanted = expected(read, scene)
        try:
            answers = judge.answers(read, artifact, scene)
        except CannotJudgeError as why:
            assert str(why).endswith("cannot hold an event"), why
            continue
        judged += 1
        rows += sum(wanted.values())
        assert dict.fromkeys(answers, wanted) == answers
    assert judged > 1
    assert rows > 0


@pytest.mark.parametrize(
    ("target", "commands", "said"),
    [(target, commands, said) for targets, commands, said in REFUSED for target in targets.split()],
)
def test_error_of_what_has_no_form(target: str, commands: str, said: str) -> None:
    artifact = made(rule(commands.replace("'", '"')), target)
    assert artifact.status == "refused"
    assert not artifact.text
    messages = [d.message for d in artifact.diagnostics if d.code == "T006"]
    assert messages == [f"{said} {REFUSALS[target]}"]


def test_what_is_no_text_is_nothing_in_kusto() -> None:
    """FROM_BASE64 gives a text of any bytes, which Kusto's function gives of UTF-8 only: said, and approximate."""
    artifact = made(rule('eval a = from_base64(process.name) | where a == "hello"'), "sentinel")
    assert artifact.status == "approximate"
    assert [d.message for d in artifact.diagnostics if d.code == "Q046"] == [
        "base64_decode_tostring gives nothing where the bytes are no UTF-8, from_base64 a text"
    ]
    assert "base64_decode_tostring(" in artifact.text


GROKKED = """[rule]
name = "x"
type = "esql"
language = "esql"
query = '''from logs-* | grok process.command_line "{}" | where word == "gamma" | keep word'''
"""
ASCII = "classes of letters and words are those of ASCII in Splunk, of Unicode in Elasticsearch"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(?<word>\\\\\\\\w+) (?<tail>.*)", [f"r.toml: warning[Q045]: {ASCII}"]),
        ("%{WORD:word}", [f"r.toml: warning[Q045]: {ASCII}"]),
        ("(?<word>[a-z]+) (?<tail>.*)", []),
    ],
)
def test_letters_beyond_ascii_in_grok(pattern: str, said: list[str]) -> None:
    artifact = converter.convert(converter.parse_rule(GROKKED.format(pattern), "r.toml"), "splunk", "ecs")
    assert artifact.text
    assert [render(d) for d in artifact.diagnostics if d.code == "Q045"] == said
    assert artifact.status == ("approximate" if said else "exact")
