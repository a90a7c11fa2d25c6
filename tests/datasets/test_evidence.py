"""Entries that say a real event shows them are shown by one; values of real events fit what columns are said to be."""

from __future__ import annotations

from collections import Counter

import evidence
import pytest
from pairs import table_named
from shared import corpus_rule, corpus_rules, needs_shared, some_or_all

import converter
from converter.datasets.reading.load import builtin_tables, load_table
from converter.datasets.reading.table import Known
from converter.model.fact import Fact
from converter.model.pattern import Case
from converter.model.predicate import Leaf, OneOf
from converter.model.value import Column

pytestmark = needs_shared


def test_every_entry_that_says_row_is_shown_by_a_row() -> None:
    claimed = sum(
        part.known is Known.ROW
        for table in builtin_tables()
        for entry in table.entries.values()
        for parts in entry.places.values()
        for part in parts.values()
    )
    print(f"{claimed} counterparts say row")  # noqa: T201  # what the test rests on
    assert claimed > 800
    assert evidence.unfounded() == []


def test_a_claim_without_a_row_is_found() -> None:
    table = load_table(
        """
dataset: made.up
title: t
platforms: {sentinel: {DeviceProcessEvents: {header: {table: DeviceProcessEvents}}}}
fields:
  process.name: {row: [sentinel], sentinel: exact FileName}
  process.title: {row: [sentinel], sentinel: exact NoSuchColumn}
  process.both: {row: [sentinel], sentinel: {status: expr, expr: 'strcat(FileName, NoSuchColumn)'}}
""",
        "made.yaml",
    )
    shown = {path: evidence.rows_of(table, entry) for path, entry in table.entries.items()}
    assert shown == {
        "process.name": frozenset({"sentinel"}),
        "process.title": frozenset(),
        "process.both": frozenset(),
    }


def test_values_of_real_events_have_the_facts_of_their_columns() -> None:
    """A value that no leaf of its column's form could meet: upper case in a lowered column, a folder in a path's."""
    checked: Counter[Fact] = Counter()
    broken: list[str] = []
    for table in builtin_tables():
        for platform, places in table.places.items():
            for place in places:
                for column, values in evidence.seen(table, platform, place, own=True).items():
                    for fact in place.facts.get(column, ()):
                        told = [v for v in values if v not in ("?", "<unknown process>", *place.missing)]
                        checked[fact] += len(told)
                        broken += [
                            f"{table.name} {platform} {place.name} {column}: {value!r} is not {fact.word}"
                            for value in told
                            if not evidence.fits(fact, value)
                        ]
                    if column in place.folded:
                        checked[Fact.ASCII_CASE] += len(values)
    print(dict(checked))  # noqa: T201  # what the test rests on
    assert not broken, "\n".join(sorted(set(broken))[:40])
    assert sum(checked.values()) > 7_000
    assert checked[Fact.POSIX_PATH] >= 10
    for fact in (Fact.LOWER_CASE, Fact.DRIVE_PATH, Fact.IDENTIFIER, Fact.ADDRESS, Fact.ONE_LINE):
        assert checked[fact] > 20, fact


@pytest.mark.parametrize(
    ("fact", "value", "holds"),
    [
        (Fact.LOWER_CASE, "system", True),
        (Fact.LOWER_CASE, "SYSTEM", False),
        (Fact.DRIVE_PATH, r"C:\Windows\x.exe", True),
        (Fact.DRIVE_PATH, r"\\?\C:\Windows\x.exe", True),
        (Fact.DRIVE_PATH, r"C:\a\D:\x.exe", False),
        (Fact.POSIX_PATH, "/bin/sh", True),
        (Fact.POSIX_PATH, "sh", False),
        (Fact.IDENTIFIER, "S-1-5-18", True),
        (Fact.IDENTIFIER, r"NT AUTHORITY\SYSTEM", False),
        (Fact.ADDRESS, "10.0.0.1", True),
        (Fact.ADDRESS, "10.0.0.1:80", False),
        (Fact.ONE_LINE, "a\nb", False),
    ],
)
def test_what_a_fact_says_of_a_value(fact: Fact, value: str, *, holds: bool) -> None:
    assert evidence.fits(fact, value) is holds


def _unmeetable(leaf: Leaf) -> list[tuple[str, str]]:
    """(literal, fact) of each text that no value with the facts of its column equals."""
    match leaf:
        case OneOf(field, texts, case) if isinstance(field.way, Column):
            facts = field.facts & {Fact.DRIVE_PATH, Fact.POSIX_PATH, Fact.LOWER_CASE, Fact.IDENTIFIER}
            told = {t: t.lower() if case is Case.INSENSITIVE else t for t in texts}
            return [(t, fact.word) for t, value in told.items() for fact in facts if not _may_equal(fact, value)]
        case _:
            return []


def _may_equal(fact: Fact, value: str) -> bool:
    """Whether a value of the form may equal a literal; a bare name stands for a process without a path."""
    if fact is Fact.DRIVE_PATH:
        return not value.startswith("/")
    if fact is Fact.POSIX_PATH:
        return "\\" not in value  # some literals are paths of programs that were started by a relative one
    return evidence.fits(fact, value)


_ELSEWHERE = frozenset(
    {
        # Rules about Linux and macOS that name no operating system: bound to a table of Windows by their index.
        "discovery_hosts_file_access.toml",
        "execution_linux_process_started_in_temp_directory.toml",
        "impact_memory_swap_modification.toml",
        "persistence_credential_access_modify_auth_module_or_config.toml",
    }
)


@some_or_all
def test_literals_of_rules_can_be_met_by_values_of_their_columns(everything: bool) -> None:
    checked, broken, sids = 0, set(), []
    every = 1 if everything else 5
    for path in corpus_rules(every):
        rule = corpus_rule(path)
        if rule is None or path.parent.name == "cross-platform":
            continue  # the latter list the paths of every system
        for target in ("splunk", "sentinel"):
            artifact = converter.convert(rule, to=target, fields="native")
            for line in artifact.account:
                bound = [leaf for leaf in line.bound if isinstance(leaf, OneOf)]
                checked += sum(len(leaf.values) for leaf in bound)
                if path.name not in _ELSEWHERE:
                    broken |= {(path.name, target, *found) for leaf in bound for found in _unmeetable(leaf)}
                sids += [
                    (path.name, leaf.values)
                    for leaf in bound
                    if target == "splunk"
                    and artifact.place == "security"
                    and "S-1-5-18" in leaf.values
                    and r"NT AUTHORITY\SYSTEM" not in leaf.values
                ]
    print(f"{checked} literals")  # noqa: T201  # what the test rests on
    assert checked > 10_000 // every
    assert not broken, "\n".join(map(str, sorted(broken)[:30]))
    assert not sids


def test_case_of_real_values_is_compared_without_regard_where_it_is_not_elastics() -> None:
    """Defender writes names of acting processes in lower case, but for some."""
    table = table_named("endpoint.network.windows")
    (place,) = [p for p in table.places["sentinel"] if p.name == "DeviceNetworkEvents"]
    names = evidence.seen(table, "sentinel", place)["InitiatingProcessFileName"]
    assert "InitiatingProcessFileName" in place.folded
    assert any(n == n.lower() for n in names)
