from __future__ import annotations

from pathlib import Path

import pytest
from command import run
from shared import ROOT

import converter
import converter.api
from converter.datasets.reading.catalogue import builtin
from converter.datasets.reading.overlay import load_mapping, load_placeholders
from converter.diagnostics.errors import MappingError
from converter.model.fact import Fact

RULE = """
[metadata]
integration = ["acme"]
[rule]
name = "Acme stop"
type = "query"
language = "kuery"
index = ["logs-acme.audit-*"]
query = 'event.dataset:"acme.audit" and event.action:(stop or "start") and user.name:root and not acme.note:*'
"""
TABLE = """
dataset: acme.audit
title: Acme audit log
match: {index: ["logs-acme.audit-*"], datasets: [acme.audit]}
evidence: {AC: Acme's own documentation}
platforms:
  splunk: {audit: {header: {index: acme, sourcetype: "acme:audit"}, base: 'Kind == "audit"'}}
  sentinel: {Acme_CL: {header: {table: Acme_CL}, columns: {Op: string, Who: string, Kind: string, Note: string}}}
  sigma: {audit: {header: {product: acme, service: audit}}}
fields:
  event.dataset: {values: {acme.audit: true, "*": false}, splunk: implied, sentinel: implied, sigma: implied, ev: [AC]}
  event.action:
    values: {start: "1", stop: ["2", "3"]}
    splunk: values Op
    sentinel: values Op
    sigma: values Op
    ev: [AC]
  user.name: {splunk: exact Who, sentinel: exact Who, sigma: exact Who, ev: [AC]}
  acme.note: {splunk: exact Note, sentinel: exact Note, sigma: absent, ev: [AC]}
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_new_data_set_is_one_yaml_file(mapping: Path) -> None:
    rule = converter.parse_rule(RULE)
    splunk = converter.convert(rule, to="splunk", fields="native", mapping=mapping)
    sentinel = converter.convert(rule, to="sentinel", fields="native", mapping=mapping)
    sigma = converter.convert(rule, to="sigma", fields="native", mapping=mapping, case="exact")
    assert (splunk.status, sentinel.status, sigma.status) == ("exact", "exact", "exact")
    assert "index=" in splunk.text
    assert "acme:audit" in splunk.text
    assert "Kind" in splunk.text
    for value in ('"1"', '"2"', '"3"', '"root"'):
        assert value in sentinel.text
    assert "Acme_CL" in sentinel.text
    assert "event.dataset" not in splunk.text + sentinel.text + sigma.text
    assert "Note" not in sigma.text


def test_overlay_changes_place_and_field(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        """
extends: o365.audit
platforms:
  splunk:
    management_activity:
      header: {macro: "", index: mail}
fields:
  event.provider: {splunk: exact MyWorkload}
---
dataset: other
title: Other
fields: {}
""",
        encoding="utf-8",
    )
    tables = load_mapping(path.read_text(encoding="utf-8"), "mine.yaml", builtin())
    changed, other = tables
    assert other.name == "other"
    assert changed.places["splunk"][0].header == {"index": "mail", "sourcetype": "o365:management:activity"}
    assert changed.entries["event.provider"].places["splunk"][""].to == "MyWorkload"
    assert "CloudAppEvents" in changed.entries["event.provider"].places["sentinel"]
    rule = converter.parse_rule(
        RULE.replace("logs-acme.audit-*", "logs-o365.audit-*")
        .replace('event.dataset:"acme.audit" and ', "event.provider:Exchange and ")
        .replace(" and not acme.note:*", "")
    )
    text = converter.convert(rule, to="splunk", fields="native", mapping=path).text
    assert "MyWorkload" in text
    assert "mail" in text


def test_what_a_mapping_changes_of_a_place_and_what_stays() -> None:
    base = load_mapping(TABLE, "base.yaml", builtin())
    text = """
# nothing in the first document
---
extends: acme.audit
rank: 7
match: {index: ["logs-mine-*"]}
evidence: {OWN: our own events}
platforms:
  splunk: {audit: {base: 'Kind == "ours"', show: [Who]}, other: {header: {index: other}}}
  sentinel: {Acme_CL: {closed: [Op], columns: {Op: string}}}
fields: {acme.extra: {splunk: exact Extra, ev: [OWN]}}
---
placeholders: {"%Admins%": [root]}
"""
    known = builtin().with_tables(base, {})
    (changed,) = load_mapping(text, "mine.yaml", known)
    audit, other = changed.places["splunk"]
    assert (audit.base, audit.show, audit.header) == (
        'Kind == "ours"',
        ("Who",),
        {"index": "acme", "sourcetype": "acme:audit"},
    )
    assert (other.name, other.header) == ("other", {"index": "other"})
    (sentinel,) = changed.places["sentinel"]
    assert sentinel.columns == {"Op": "string"}
    assert sentinel.facts["Op"] == frozenset({Fact.ONE_SPELLING})
    assert (changed.rank, changed.selector.index, changed.entries["acme.extra"].places["splunk"][""].to) == (
        7,
        ("logs-mine-*",),
        "Extra",
    )
    assert changed.entries["user.name"] == base[0].entries["user.name"]
    assert load_placeholders(text, "mine.yaml") == {"Admins": ("root",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extends: nowhere\n", "m.yaml:1:10: error[M006]: there is no table 'nowhere' to extend"),
        ("extends: o365.audit\nfield: {}\n", "m.yaml:2:1: error[M004]: 'field' is no key of a mapping"),
        ("extends: o365.audit\nfields: {user.email: {splunk: exakt X}}\n", "m.yaml:2:31: error[M004]: 'exakt' is no status"),
        ("", "m.yaml:1:1: error[M003]: the table is empty"),
        ("a: [\n", "m.yaml:2:1: error[M001]: this is not YAML"),
        ("ä: \x07\n", "m.yaml:1:4: error[M001]: this is not YAML"),
        ("placeholders: {A: [b]}\nfields: {}\n", "m.yaml:2:1: error[M004]: 'fields' is no key of a document of placeholders"),
    ],
)  # fmt: skip
def test_error_in_mapping_names_its_place(text: str, expected: str) -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping(text, "m.yaml", builtin())
    assert str(caught.value).startswith(expected)


# ---- several files


def _files(folder: Path, *texts: str) -> list[Path]:
    paths = [folder / f"{number}.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


COMPANY = """
extends: o365.audit
platforms: {splunk: {management_activity: {header: {index: company, macro: ""}}}}
fields: {event.provider: {splunk: exact Ours}, user.email: {splunk: exact Mail}}
"""
SITE = """
extends: o365.audit
platforms: {splunk: {management_activity: {header: {index: site}}}}
fields: {event.provider: {splunk: exact Theirs, sentinel: exact Theirs}, user.email: {splunk: exact Mail}}
---
extends: acme.audit
fields: {user.name: {splunk: exact Whose}}
"""


def test_the_later_of_two_files_counts_and_says_where_they_disagree(tmp_path: Path) -> None:
    paths = _files(tmp_path, COMPANY + "---" + TABLE, SITE)
    known = converter.api.catalogue(paths)
    table = known.table("o365.audit")
    assert table.places["splunk"][0].header == {"index": "site", "sourcetype": "o365:management:activity"}
    assert table.entries["event.provider"].places["splunk"][""].to == "Theirs"
    assert known.table("acme.audit").entries["user.name"].places["splunk"][""].to == "Whose"  # of the earlier file
    assert known.table("acme.audit").entries["user.name"].places["sentinel"][""].to == "Who"
    first, second = known.messages
    place = "platforms.splunk.management_activity.header.index"
    assert str(first.message) == (
        f"{paths[0]} says something else of {place} of o365.audit; this file comes after it and counts"
    )
    assert second.message.startswith(f"{paths[0]} says something else of fields.event.provider.splunk of o365.audit;")
    assert {d.severity.value for d in known.messages} == {"advice"}
    assert [d.source.place(d.span.start) for d in known.messages if d.source and d.span] == [(3, 60), (4, 35)]
    turned = converter.api.catalogue(list(reversed(_files(tmp_path, SITE.partition("---")[0], COMPANY))))
    assert turned.table("o365.audit").entries["event.provider"].places["splunk"][""].to == "Theirs"


def test_whole_tables_and_placeholders_disagree_too(tmp_path: Path) -> None:
    words = "---\nplaceholders: {Admins: [a, b]}\n"
    paths = _files(tmp_path, TABLE + words, TABLE.replace("exact Who,", "exact Other,") + words.replace("b]", "c]"))
    known = converter.api.catalogue(paths)
    assert [d.message.partition(";")[0].partition(" says ")[2] for d in known.messages] == [
        "something else of the whole table of acme.audit",
        "something else of Admins of placeholders",
    ]
    assert known.placeholders["Admins"] == ("a", "c")
    assert not converter.api.catalogue([paths[0], paths[0]]).messages
    assert not converter.api.catalogue(paths[0]).messages
    assert converter.api.catalogue([]) is builtin()


def test_a_run_says_once_where_files_disagree(tmp_path: Path) -> None:
    paths = _files(tmp_path, COMPANY, SITE.partition("---")[0])
    rules = ROOT / "rules" / "elastic"
    options = [str(rules), "-t", "splunk", "--mapping", str(paths[0]), "--mapping", str(paths[1])]
    for command in ("convert", "build"):
        ran = run(command, *options, "-o", str(tmp_path / command))
        assert ran.code == 0, ran.err
        assert ran.err.count("advice[M033]") == 2
