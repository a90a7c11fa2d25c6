"""Slips of a hand in the founding rule's artifacts: a witness finds each, and what is read back is not the rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run
from shared import ROOT

from converter import api
from converter.cli.exit import Exit
from converter.proof.readback import Outcome
from converter.target import registry

SEED = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"

SIGMA = """\
        event.provider|cased: Exchange
        event.action|cased: MailItemsAccessed
        event.code|cased: ExchangeItemAggregated
"""
MISTAKES = {
    "splunk": {
        "a dropped clause": (" event.provider=CASE(Exchange)", ""),
        "a changed case": ("event.provider=CASE(Exchange)", "event.provider=exchange"),
        "NOT on a missing field": ("event.provider=CASE(Exchange)", "NOT (event.provider=* NOT event.provider=CASE(Exchange))"),
    },
    "sentinel": {
        "a dropped clause": (" and ['event.provider'] == \"Exchange\"", ""),
        "a changed case": ("['event.provider'] ==", "['event.provider'] =~"),
        "NOT on a missing field": ("['event.provider'] == \"Exchange\"", "not(isnotempty(['event.provider']) and ['event.provider'] != \"Exchange\")"),
    },
    "sigma": {
        "a dropped clause": ("        event.provider|cased: Exchange\n", ""),
        "a changed case": ("event.provider|cased: Exchange", "event.provider: exchange"),
        "NOT on a missing field": (
            SIGMA,
            SIGMA.partition("\n")[2]
            + "    selection_provider:\n        - event.provider|cased: Exchange\n        - event.provider|exists: false\n",
        ),
    },
    "python": {
        "a dropped clause": ('        and is_one_of(event, "event.provider", ("Exchange",))\n', ""),
        "a changed case": ('is_one_of(event, "event.provider", ("Exchange",))', 'is_one_of_any_case(event, "event.provider", ("exchange",))'),
        "NOT on a missing field": ('is_one_of(event, "event.provider", ("Exchange",))', 'not any(v != "Exchange" for v in texts(event, "event.provider"))'),
    },
    "elastic": {
        "a dropped clause": ('event.provider: "Exchange" and\n', ""),
        "a changed case": ('event.provider: "Exchange"', 'event.provider: "exchange"'),
        "NOT on a missing field": ('event.provider: "Exchange"', 'not (event.provider: * and not event.provider: "Exchange")'),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The founding rule's artifacts under Elastic's names."""
    folder = tmp_path_factory.mktemp("founding")
    ran = run(str(SEED), "-t", "all", "--fields", "ecs", "--sigma-case", "exact", "-q", "-o", str(folder))
    assert ran.code == Exit.CONVERTED, ran.err
    return folder


@pytest.mark.parametrize(("target", "mistake"), [(t, m) for t, some in MISTAKES.items() for m in some])
def test_a_mistake_in_the_founding_rule_is_found(written: Path, tmp_path: Path, target: str, mistake: str) -> None:
    suffix = registry.load(target).suffix
    text = (written / f"{SEED.stem}{suffix}").read_text()
    old, new = MISTAKES[target][mistake]
    assert text.count(old) == 1, text
    edited = text.replace(old, new)
    path = tmp_path / f"edited{suffix}"
    path.write_text(edited)
    ran = run("verify", str(SEED), "--to", target, "--artifact", f"{target}={path}")
    assert ran.code == Exit.REFUSED
    assert "first disagreement: reference and " in ran.out
    if target != "elastic":  # which is read as every rule is
        rule = api.read_rule(SEED)
        assert api.read_back(rule, target, "ecs", case="exact", text=text).outcome is Outcome.EQUAL
        read = api.read_back(rule, target, "ecs", case="exact", text=edited)
        assert read.outcome in (Outcome.DIFFERENT, Outcome.NOT_READ), read
        assert read.outcome is Outcome.DIFFERENT or read.why == "a loop of another kind"
