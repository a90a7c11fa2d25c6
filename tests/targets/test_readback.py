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
