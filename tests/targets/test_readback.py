"""What targets write is read back: equal to the bound rule, or said not to be; a fault in an emitter is an event."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
from command import run
from meaning.choice import rules
from shared import ROOT, needs_shared

import converter
from backends.sentinel.condition import tree
from converter import api
from converter.cli.exit import Exit
from converter.languages.kusto.parse import program
from converter.languages.kusto.syntax import Expression
from converter.proof.readback import Outcome
from converter.readers.kusto import UnraisedError, raised

SEED = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"


WAYS = [
    ("splunk", "ecs"),
    ("splunk", None),
    ("sentinel", "ecs"),
    ("sentinel", None),
    ("sigma", "ecs"),
    ("sigma", None),
    ("python", "ecs"),
    ("elastic", "ecs"),
]
"""Every target with its bindings; None: native."""


def _sweep(target: str, fields: str | None, every: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for rule in rules()[::every]:
        read = api.read_back(rule, target, fields, case="exact")
        assert read.outcome is not Outcome.DIFFERENT, (rule.source.name, read.why, read.wanted, read.found)
        why = "" if read.outcome in (Outcome.EQUAL, Outcome.UNDECIDED) else f" ({read.why})"
        found[f"{read.outcome.value}{why}"] += 1
    shown = "".join(f"\n  {count:5} {what}" for what, count in found.most_common())
    sys.stderr.write(f"\n{target} {fields or 'native'}:{shown}\n")
    return found


@needs_shared
@pytest.mark.parametrize(("target", "fields"), WAYS)
def test_no_artifact_reads_back_differently(target: str, fields: str | None) -> None:
    assert _sweep(target, fields, 210)["equal"] >= 1


@needs_shared
@pytest.mark.sweep
@pytest.mark.parametrize(("target", "fields"), WAYS)
def test_every_artifact_is_read_back(target: str, fields: str | None) -> None:
    assert _sweep(target, fields, 1)["equal"] >= 300


@pytest.mark.parametrize("verify", [[], ["--verify"]])
def test_a_fault_of_an_emitter_is_an_internal_error_without_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verify: list[str]
) -> None:
    good = run(str(SEED), "-t", "sentinel,elastic,splunk", "--verify", "-o", str(tmp_path / "good"))
    assert good.code == Exit.CONVERTED, good.err
    assert "elastic read back: 1 equal\n" in good.err
    assert "splunk read back: 1 equal\n" in good.err
    number = tree.number

    def off_by_one(value: float) -> Expression:
        return number(value + 1)

    monkeypatch.setattr(tree, "number", off_by_one)
    ran = run(str(SEED), "-t", "sentinel", "--fields", "ecs", *verify, "-o", str(tmp_path / "bad"))
    assert ran.code == Exit.INTERNAL
    assert "error[X001]: internal error while converting" in ran.err
    assert "what sentinel writes reads back differently: they differ on {" in ran.err
    assert "bound: And(" in ran.err
    assert "\nread:  And(" in ran.err
    assert not list((tmp_path / "bad").glob("*.kusto"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("T | where a == 'x' | summarize count()", "the operator Summarize"),
        ("T | where strcmp(a, 'x') > 0", "a computed number"),
        ("T | where a has 'x'", "the operator has"),
        ("T | where a matches regex @'\\bx'", "a regular expression with"),
        ("T | where strcat(a, b) == 'x'", "texts put together"),
        ("T | where indexof(a, 'x') > 2", "a computed number"),
        ("print a = 'x'", "a source of the kind Print"),
        ("union (T | extend b = a), (S | extend b = c) | where b == 'x'", "a column of one part of a union"),
        ("let X = S | distinct a; T | where a in (X)", "in of values that are no texts"),
    ],
)
def test_error_queries_that_have_no_tree(query: str, said: str) -> None:
    with pytest.raises(UnraisedError, match=said):
        raised(program(query))


def test_rules_that_are_not_read_back_say_why() -> None:
    query = "from x-* metadata _id, _version, _index | where length(user.name) > 3 | limit 3"
    text = f"[rule]\nname = 'A rule'\ntype = 'esql'\nlanguage = 'esql'\nquery = '{query}'\n"
    read = api.read_back(converter.parse_rule(text), "sigma", "ecs")
    assert (read.outcome, read.why) == (Outcome.NOT_READ, "refused")
    assert api.read_back(converter.parse_rule(text), "python").why == "a function of several statements"
    assert api.read_back(converter.parse_rule(text), "elastic").outcome is Outcome.EQUAL


NUMBERED = """[rule]
name = "numbers"
type = "{type}"
language = "kuery"
index = ["logs-windows.powershell_operational-*"]
query = "{query}"
{rest}
"""
NEW_TERMS = """[rule.new_terms]
field = "new_terms_fields"
value = ["@timestamp"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-7d"
"""


@pytest.mark.parametrize("query", ["not event.code:(4104 or a)", "event.code:(4104 or a)", "event.code:4104"])
@pytest.mark.parametrize(("kind", "rest"), [("query", ""), ("new_terms", NEW_TERMS)])
def test_the_text_of_a_number_is_read_as_the_number(query: str, kind: str, rest: str) -> None:
    """Where a value is none the column is compared as text: `tostring(EventID) !in ("4104", "a")`."""
    rule = converter.parse_rule(NUMBERED.format(type=kind, query=query, rest=rest))
    place = "windows.powershell_operational/Event"
    artifact = converter.convert(rule, "sentinel", "native", source=place)  # looks at what it wrote itself
    assert artifact.status == "exact", artifact.diagnostics
    read = api.read_back(rule, "sentinel", "native", source=place)
    assert read.outcome is Outcome.EQUAL, read.why


def test_a_key_that_asks_a_list_is_read_with_the_list() -> None:
    """The list has a statement of its own: `let ...List = ...; ... | extend x = SHA1 in (...List) | summarize ... by x`."""
    query = "event.category:library and host.os.type:windows and process.name:a and not dll.code_signature.trusted:*"
    text = NUMBERED.format(
        type="new_terms", query=query, rest=NEW_TERMS.replace("@timestamp", "dll.code_signature.trusted")
    )
    rule = converter.parse_rule(text.replace("windows.powershell_operational", "endpoint.events.library"))
    read = api.read_back(rule, "sentinel", "native", source="endpoint.library.windows/DeviceImageLoadEvents")
    assert read.outcome is Outcome.EQUAL, read.why


SEQUENCE = """[rule]
name = "sequence"
type = "eql"
language = "eql"
index = ["logs-endpoint.events.*"]
query = '''sequence by {key} with maxspan=1m
  [process where host.os.type == "windows" and event.type == "start" and process.name : "a.exe"]
  [network where host.os.type == "windows" and process.name : "a.exe"]'''
"""


@pytest.mark.parametrize(("key", "guarded"), [("process.entity_id", False), ("user.id", True)])
def test_a_key_that_is_text_in_every_row_is_not_asked_for(key: str, guarded: bool) -> None:
    rule = converter.parse_rule(SEQUENCE.format(key=key))
    artifact = converter.convert(rule, "sentinel", "native")
    assert artifact.text
    assert ("isnotempty(" in artifact.text) is guarded
    assert api.read_back(rule, "sentinel", "native").outcome is Outcome.EQUAL


ARGUMENTS = """[rule]
name = "arguments"
type = "eql"
language = "eql"
index = ["logs-endpoint.events.process-*"]
query = '''process where host.os.type == "windows" and event.type == "start" and {condition}'''
"""


@pytest.mark.parametrize("condition", ['process.args : "?*"', 'process.args like "?*"', "process.args != null"])
def test_that_some_argument_is_there_needs_no_walk(condition: str) -> None:
    rule = converter.parse_rule(ARGUMENTS.format(condition=condition))
    artifact = converter.convert(rule, "sentinel", "native", bare=True)
    assert 'isnotempty(strcat_array(parse_command_line(ProcessCommandLine, "windows"), ""))' in artifact.text
    assert "mv-apply" not in artifact.text
    assert api.read_back(rule, "sentinel", "native").outcome is Outcome.EQUAL
