"""Tokens of the two analyzers; the expected ones were given by an engine's standard analyzer."""

from __future__ import annotations

import pytest

from converter.fields.analysis import spelled, tokens
from converter.model.predicate import Analyzer

STANDARD = [
    ("The 2 QUICK Brown-Foxes jumped over the dog's bone.", "the 2 quick brown foxes jumped over the dog's bone"),
    ("a:b c::d foo.bar 1.5,2 1,000.5 x_y _ __a a1b2 3a", "a:b c d foo.bar 1.5,2 1,000.5 x_y __a a1b2 3a"),
    ("systemd-logind [System.Reflection.Assembly]::Load", "systemd logind system.reflection.assembly load"),
    ("C:\\Windows\\cmd.exe /c 日本 テスト ひ Straße", "c windows cmd.exe c 日 本 テスト ひ straße"),
    ("e.g. U.S.A. it's 'quoted' 1'000 a.1 1.a", "e.g u.s.a it's quoted 1'000 a 1 1 a"),
    (
        "İstanbul ΣΑΣ a\u0301b a\u0301'\u0301b ๆไทย 한국어 🙂👍",
        "istanbul σασ a\u0301b a\u0301'\u0301b ๆไทย 한국어 🙂 👍",
    ),
    ("テ_ス \u0301x ---", "テ_ス x"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), STANDARD)
def test_standard_tokens(text: str, expected: str) -> None:
    assert tokens(text, Analyzer.STANDARD) == tuple(expected.split())


def test_standard_tokens_longer_than_255_are_cut() -> None:
    assert [len(t) for t in tokens("a" * 300, Analyzer.STANDARD)] == [255, 45]


def test_powershell_tokens() -> None:
    text = "[System.Reflection.Assembly]::Load($x) Invoke-Mimi_1 é"
    assert tokens(text, Analyzer.POWERSHELL) == ("system", "reflection", "assembly", "load", "x", "invoke-mimi_1")


def test_the_capitals_of_a_letter_are_all_that_become_it() -> None:
    capitals = [c for c in map(chr, range(0x20000)) if (c.isupper() or c.istitle()) and c.lower()[:1] != c]
    for char in (*map(chr, range(128)), "é", "å", "ß"):
        assert spelled(char) == (char, *(c for c in capitals if c.lower()[:1] == char))
