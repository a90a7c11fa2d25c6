"""The rules of meaning that the code cites are the ones that docs/rules.md states."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from pathlib import Path

import pytest
from shared import ROOT

TEXT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if re.match(r"\| [A-Z]\d\d ", line)
]
STATED = {row[0] for row in ROWS}
LINKS = dict(re.findall(r"^\[([^\]]+)\]: (\S+)$", TEXT, re.MULTILINE))
CITED = re.compile(r"\b[KEQRMS]\d\d\b")


def cited(path: Path) -> set[str]:
    """The rules that the comments and docstrings of a file cite."""
    found: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        is_docstring = token.type == tokenize.STRING and token.line.lstrip().startswith(('"""', 'r"""'))
        if token.type == tokenize.COMMENT or is_docstring:
            found |= set(CITED.findall(token.string))
    return found


@pytest.mark.parametrize("room", ["converter", "backends", "tests", "examples", "benchmarks"])
def test_every_cited_rule_is_stated(room: str) -> None:
    missing = {
        path.relative_to(ROOT).as_posix(): sorted(lacking)
        for path in sorted((ROOT / room).rglob("*.py"))
        if (lacking := cited(path) - STATED)
    }
    assert missing == {}


def test_citations_are_found() -> None:
    found = set().union(*(cited(path) for path in (ROOT / "converter").rglob("*.py")))
    assert {"K13", "E14", "R05"} <= found
    assert len(found) > 40


def test_each_rule_is_stated_once_and_in_order() -> None:
    assert [rule for rule, count in Counter(row[0] for row in ROWS).items() if count > 1] == []
    for letter, last in (("K", 23), ("E", 22), ("Q", 51), ("S", 8), ("R", 7), ("M", 6)):
        assert [row[0] for row in ROWS if row[0][0] == letter] == [f"{letter}{n:02}" for n in range(1, last + 1)]


def test_each_rule_is_a_sentence_with_its_source() -> None:
    for rule, sentence, source in ROWS:
        assert sentence.endswith("."), rule
        assert 30 < len(sentence) < 330, rule
        names = re.findall(r"\[([^\]]+)\]", source)
        assert names or source == "index template of the Windows integration", rule
        assert set(names) <= set(LINKS), rule


def test_every_link_is_used_and_public() -> None:
    used = {name for row in ROWS for name in re.findall(r"\[([^\]]+)\]", row[2])}
    assert used == set(LINKS)
    github = ("https://github.com/elastic/", "https://github.com/SigmaHQ/sigma-specification/")
    hosts = ("https://www.elastic.co/docs/", *github, "https://learn.microsoft.com/")
    assert all(url.startswith(hosts) for url in LINKS.values())
