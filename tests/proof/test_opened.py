"""Queries without their closing columns: what is left finds the same events, and what is not read stays as it is."""

from __future__ import annotations

import pytest

from converter.proof.opened import groups, opened_kusto, opened_spl


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('T | where a == "x" | project a, b', 'T\n| where a == "x"\n'),
        ("let X = S; T | where a in (X) | project a", "let X = S;\nT\n| where a in (X)\n"),
        ('T | where a == "x"', 'T | where a == "x"'),
        ("T | project a | where a == 1", "T | project a | where a == 1"),
        ("T | nonsense", "T | nonsense"),
    ],
)
def test_kusto_without_its_closing_project(text: str, left: str) -> None:
    assert opened_kusto(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("index=a b=c | table b, d", "index=a b=c\n"),
        ("index=a b=c | fields b, d", "index=a b=c\n"),
        ("index=a b=c | fields - b", "index=a b=c | fields - b"),
        ("index=a | table b | where b==1", "index=a | table b | where b==1"),
        ("index=a | nonsense", "index=a | nonsense"),
        ("``` a comment only ```", "``` a comment only ```"),
    ],
)
def test_spl_without_its_closing_columns(text: str, left: str) -> None:
    assert opened_spl(text) == left


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("index=a | stats count BY b", True),
        ("index=a | streamstats count BY b", False),
        ("index=a b=c", False),
        ("index=a | nonsense", False),
    ],
)
def test_groups_of_events(text: str, found: bool) -> None:
    assert groups(text) is found
