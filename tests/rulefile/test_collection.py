"""What people hold: every form of file is told by its content, and one slip spoils nothing beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exported import ITEM, LIST, OTHER, RULE, SUMMARY, lines
from hypothesis import given
from hypothesis import strategies as st

from converter.diagnostics import Severity, Source, render
from converter.diagnostics.errors import RuleFileError
from converter.rulefile import Collection, jsontext, read_collection, read_file, read_text
from converter.rulefile.hunting import language_of


def names(found: Collection) -> list[str]:
    return [text.meta.name for text in found.rules]


def slips(found: Collection) -> list[str]:
    return [render(d) for one in found.broken for d in one]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("export.ndjson", lines(RULE, OTHER, SUMMARY)),
        ("glued.ndjson", json.dumps(RULE) + json.dumps(OTHER) + json.dumps(SUMMARY)),
        ("list.json", json.dumps([RULE, OTHER], indent=2)),
        ("found.json", json.dumps({"page": 1, "total": 2, "data": [RULE, OTHER]})),
        ("fleet.ndjson", lines({"attributes": RULE, "id": "x", "type": "security-rule"}, {"attributes": OTHER})),
        ("unnamed", lines(RULE, OTHER)),
    ],
)
def test_rules_in_json_of_every_form(name: str, text: str) -> None:
    found = read_collection(text, name)
    assert (names(found), found.broken, found.advice) == (["One", "Two"], [], [])


def test_yaml_bodies() -> None:
    body = "name: Y\ntype: query\nlanguage: kuery\nquery: 'a: on'\nseverity: low\nrisk_score: 21\nversion: 1.2\ntags: [yes, 'no']\n"
    found = read_collection(f"{body}---\n{body.replace('name: Y', 'name: Z')}", "r.yml")
    assert names(found) == ["Y", "Z"]
    meta = found.rules[0].meta
    assert (meta.query, meta.tags, meta.version) == ("a: on", ("yes", "no"), 1)


def test_exceptions_and_the_rest_of_an_export() -> None:
    connector = {"id": "c", "type": "action", "attributes": {"actionTypeId": ".email"}, "references": []}
    found = read_collection(lines(RULE, LIST, ITEM, connector, {**SUMMARY, "exported_rules_count": 1}), "e.ndjson")
    assert (names(found), [one.list_id for one in found.lists]) == (["One"], ["vpn"])
    (item,) = found.items
    assert [(e.field, e.type, e.values) for e in item.entries] == [("source.ip", "match", ("10.0.0.1",))]
    assert found.others == {"actions and connectors": 1}


def test_one_broken_line_spoils_no_other() -> None:
    text = lines(RULE) + '{"name": "cut", "type": "query", "query": "a\n' + lines(OTHER)
    found = read_collection(text, "e.ndjson")
    assert names(found) == ["One", "Two"]
    (slip,) = slips(found)
    assert slip.startswith("e.ndjson:2:45: error[F004]: not valid JSON: a string is not closed on its line")


def test_error_last_line_cut_off() -> None:
    found = read_collection(lines(RULE) + lines(OTHER)[:60], "e.ndjson")
    assert names(found) == ["One"]
    assert "the export may be cut off" in slips(found)[0]


def test_error_key_of_the_wrong_type_is_placed_in_its_object() -> None:
    found = read_collection(lines(RULE, {**OTHER, "index": "logs-*"}), "e.ndjson")
    (slip,) = slips(found)
    place = lines(RULE, {**OTHER, "index": "logs-*"}).splitlines()[1].index('"index"') + 1
    assert slip.startswith(f"e.ndjson:2:{place}: error[F008]: index must be a list of strings, found a string")


def test_a_summary_that_disagrees_is_told() -> None:
    found = read_collection(lines(RULE, SUMMARY), "e.ndjson")
    (advice,) = found.advice
    assert (advice.code, advice.severity) == ("F040", Severity.ADVICE)
    assert advice.message == "the summary line counts 2 rules; the file has 1"


BEHAVIOUR = """[rule]
id = "22222222-0000-4000-8000-000000000001"
name = "B"
description = "d"
license = "ours"
os_list = ["linux", "macos"]
reference = ["https://example.org"]
version = "1.0.29"
query = 'process where event.action == "exec" and process.name == "socat"'
min_endpoint_version = "7.15.0"
[[actions]]
action = "kill_process"
[[threat]]
framework = "MITRE ATT&CK"
[threat.tactic]
id = "TA0002"
name = "Execution"
reference = "https://example.org"
[internal]
min_endpoint_version = "7.15.0"
"""


def test_behaviour_rule_is_eql_for_its_systems() -> None:
    found = read_collection(BEHAVIOUR, "b.toml")
    assert found.broken == []
    meta = found.rules[0].meta
    assert (meta.type, meta.rule_id, meta.version) == ("eql", "22222222-0000-4000-8000-000000000001", 29)
    assert (meta.references, meta.threat[0].tactic_name) == (("https://example.org",), "Execution")
    assert [json.loads(f.json) for f in meta.filters] == [{"terms": {"host.os.type": ["linux", "macos"]}}]


HUNT = """[hunt]
name = "H"
uuid = "33333333-0000-4000-8000-000000000001"
author = "A"
integration = ["endpoint", "aws.cloudtrail"]
language = ["EQL", "ES|QL", "SQL", "KQL"]
query = [
'''process where process.name == "socat"''',
'''// first seen
from logs-* | where process.name == "socat" | stats n = count(*)''',
'''SELECT * FROM processes''',
'''process.name: socat and not user.name: root''',
]
"""


def test_hunt_is_a_rule_for_each_query() -> None:
    found = read_collection(HUNT, "h.toml")
    assert [(t.meta.name, t.meta.language) for t in found.rules] == [("H 1", "eql"), ("H 2", "esql"), ("H 4", "kuery")]
    assert found.rules[0].meta.index == ("logs-endpoint.*", "logs-aws.cloudtrail-*")
    assert [d.code for d in found.advice] == ["F043"]


def test_hunt_of_nobody_has_its_own_licence() -> None:
    text = HUNT.replace('author = "A"', 'license = "ours"')
    assert {(t.meta.author, t.meta.license) for t in read_collection(text, "h.toml").rules} == {((), "ours")}


def test_behaviour_rule_without_a_threat() -> None:
    text = BEHAVIOUR[: BEHAVIOUR.index("[[threat]]")]
    (rule,) = read_collection(text, "b.toml").rules
    assert (rule.meta.name, rule.meta.threat) == ("B", ())


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("sequence by host.id [any where true] [any where true]", "eql"),
        ('/* note */ file where file.name : "x"', "eql"),
        ('"a b" where true', "eql"),
        ("FROM logs-*", "esql"),
        ("select 1", ""),
        ("process.name: where", "kuery"),
        ("from: a", "kuery"),
    ],
)
def test_language_of_a_query(query: str, language: str) -> None:
    assert language_of(query, {"kql", "eql"}) == language


FOLDER_FILE = """[metadata]
list_name = "x"
[[exceptions]]
[exceptions.container]
list_id = "x"
type = "rule_default"
[[exceptions.items]]
item_id = "i"
name = "n"
os_types = ["linux"]
[[exceptions.items.entries]]
field = "process.name"
operator = "excluded"
type = "match_any"
value = ["a", "b"]
"""


def test_exceptions_of_a_folder() -> None:
    found = read_collection(FOLDER_FILE, "exceptions/x.toml")
    assert found.broken == []
    (item,) = found.items
    assert (item.list_id, item.os_types, item.entries[0].excluded) == ("x", ("linux",), True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '[exceptions.container]\nlist_id = "x"\ntype = "rule_default"\n',
            "",
            "x.toml:3:3: error[F007]: exceptions.container is missing: it says which list the items belong to",
        ),
        (
            'list_id = "x"\n',
            "",
            (
                "x.toml:6:3: error[F007]: exceptions.items.list_id is missing: "
                "an exception belongs to a list that rules name"
            ),
        ),
        (
            'field = "process.name"\n',
            "",
            "x.toml:11:3: error[F007]: exceptions.items.entries.field is missing: a condition looks at a field",
        ),
        (
            'value = ["a", "b"]\n',
            "value = []\n",
            "x.toml:11:3: error[F007]: exceptions.items.entries.value is missing: a condition compares with something",
        ),
        (
            '"match_any"\nvalue = ["a", "b"]\n',
            '"list"\n',
            "x.toml:11:3: error[F007]: exceptions.items.entries.list is missing: a condition compares with something",
        ),
        (
            'operator = "excluded"\ntype = "match_any"\nvalue = ["a", "b"]\n',
            'type = "nested"\n[[exceptions.items.entries.entries]]\ntype = "exists"\n',
            "x.toml:14:3: error[F007]: exceptions.items.entries.entries.field is missing: a condition looks at a field",
        ),
        (
            FOLDER_FILE[FOLDER_FILE.index("[[exceptions.items.entries]]") :],
            "",
            (
                "x.toml:7:3: error[F007]: exceptions.items.entries is missing: "
                "an exception without a condition would hide every event"
            ),
        ),
    ],
)
def test_error_exceptions_that_are_no_condition(old: str, new: str, said: str) -> None:
    (slip,) = slips(read_collection(FOLDER_FILE.replace(old, new), "x.toml"))
    assert slip.splitlines()[0] == said


def test_error_misspelt_key_of_an_exception() -> None:
    found = read_collection(FOLDER_FILE.replace("operator", "operater"), "x.toml")
    assert "operater is not a key" in slips(found)[0]
    assert "did you mean operator?" in slips(found)[0]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.toml", "[metadata]\nrule_id = 'z'\n[[actions]]\naction_type_id = '.email'\n", "actions and connectors"),
        ("pyproject.toml", "[project]\nname = 'x'\n", "files of another kind"),
        ("package.json", '{"name": "x", "type": "module"}', "files of another kind"),
        ("main.yml", "resource:\n  type: x\n", "files of another kind"),
    ],
)
def test_other_files_are_counted(name: str, text: str, kind: str) -> None:
    found = read_collection(text, name)
    assert (found.rules, found.broken, found.others) == ([], [], {kind: 1})


def test_values_that_are_no_object_are_counted() -> None:
    found = read_collection(f"[1, {json.dumps(RULE)}]", "e.json")
    assert (names(found), found.broken, found.others) == (["One"], [], {"values that are no object": 1})


DEEP = 100_000


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "e.json",
            "[" * DEEP + "]" * DEEP,
            "e.json:1:1: error[F004]: the JSON is nested too deeply, or a number in it has too many digits",
        ),
        (
            "e.json",
            f'{{"name": {"9" * 5000}}}',
            "e.json:1:1: error[F004]: the JSON is nested too deeply, or a number in it has too many digits",
        ),
        ("e.yml", "a: b\nc: \x07\n", "e.yml:2:4: error[F004]: not valid YAML: special characters are not allowed"),
        ("e.yml", "a: " + "[" * 3000 + "]" * 3000, "e.yml:1:1: error[F005]: the YAML is nested too deeply"),
        (
            "e.yml",
            "a: &a [x, x, x, x, x, x, x, x]\n"
            + "".join(f"{y}: &{y} [{', '.join([f'*{x}'] * 8)}]\n" for x, y in zip("abcdefgh", "bcdefghi", strict=True)),
            "e.yml:1:23: error[F004]: not valid YAML: the YAML says the same by aliases too often",
        ),
    ],
)
def test_error_a_text_that_would_not_end(name: str, text: str, said: str) -> None:
    found = read_collection(text, name)
    assert [slip.splitlines()[0] for slip in slips(found)] == [said]


def test_error_two_rules_where_one_is_read() -> None:
    with pytest.raises(RuleFileError) as caught:
        read_text(lines(RULE, OTHER), "e.ndjson")
    assert str(caught.value) == (
        "e.ndjson: error[F006]: there are 2 rules in it\n"
        "  hint: read it with `rulefile.read_file`, or convert it on the command line"
    )


LENIENT = """[metadata]
creation_date = 2024-01-02
[rule]
name = "n"
type = "query"
query = "a: b"
severity = "Low"
risk_score = 21.0
version = 1.1
author = "x"
investigation_fields = ["user.name"]
"""


def test_slips_that_no_detection_depends_on_are_advice() -> None:
    (text,) = read_collection(LENIENT, "r.toml").rules
    meta = text.meta
    assert (meta.severity, meta.risk_score, meta.version, meta.author) == ("low", 21, 1, ("x",))
    assert (meta.creation_date, meta.investigation_fields) == ("2024-01-02", ("user.name",))
    assert {(d.code, d.severity) for d in text.notes} == {("F014", Severity.ADVICE)}
    assert {d.place.rpartition(":")[0] for d in text.notes} == {f"r.toml:{n}" for n in (2, 7, 8, 9, 10)}
    strict = read_collection(LENIENT, "r.toml", strict=True)
    assert len(strict.broken[0]) == 6


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[rule.threshold]\nfield = ['a']\nvalue = 3\ncardinalty = []\n", "rule.threshold.cardinalty"),
        ("[rule.alert_suppression]\ngroupby = ['a']\n", "rule.alert_suppression.groupby"),
        ("[[rule.filters]]\nqurey = {}\n[rule.filters.query.exists]\nfield = 'a'\n", "rule.filters.qurey"),
    ],
)
def test_error_misspelt_key_where_it_counts(more: str, said: str) -> None:
    kind = "threshold" if "threshold" in more else "query"
    text = f"[rule]\nname = 'n'\ntype = '{kind}'\nquery = 'a: b'\n{more}"
    assert f"{said} is not a key of Elastic rules" in "\n".join(slips(read_collection(text, "r.toml")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x1f\x8b\x08rest", "this is a gzip archive, not text"),
        (b"\x89PNG\r\n", "this is a picture, not text"),
        (b"a\xff", "byte 0xff is not UTF-8 text"),
    ],
)
def test_error_bytes_that_are_no_text(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(data)
    with pytest.raises(RuleFileError, match=said):
        read_file(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(lines(RULE, {**OTHER, "name": "Zwei ü"}).replace("\n", "\r\n").encode(encoding))
    assert names(read_file(path)) == ["One", "Zwei ü"]


def test_error_pipe_is_not_waited_for(tmp_path: Path) -> None:
    import os

    path = tmp_path / "r.toml"
    os.mkfifo(path)
    with pytest.raises(RuleFileError, match="it is a pipe or device"):
        read_file(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3), max_size=4), st.sampled_from(["\n", "", " \n\n "]))
def test_objects_one_after_another_are_found_with_their_places(objects: list[dict[str, object]], between: str) -> None:
    text = between.join(json.dumps(one, ensure_ascii=False) for one in objects)
    found = list(jsontext.parts(Source("x", text)))
    assert [p.value for p in found if isinstance(p, jsontext.Part)] == objects
    for part in found:
        assert isinstance(part, jsontext.Part)
        places = jsontext.JsonPositions(text, part.start, part.end)
        for key in part.value if isinstance(part.value, dict) else ():
            span = places.key((key,))
            assert span is not None
            assert json.loads(text[span.start : span.end]) == key
