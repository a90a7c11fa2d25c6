"""Rules of one run that share a name or an id."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from converter.rulefile import read_text
from converter.rulefile.alike import same
from converter.rulefile.distinct import told_apart
from converter.rulefile.ruletext import RuleText


def text(name: str, rule_id: str = "", created: str = "", maturity: str = "production") -> RuleText:
    lines = [
        "[metadata]",
        f'creation_date = "{created}"' if created else "",
        f'maturity = "{maturity}"',
        "[rule]",
        f'name = "{name}"',
        f'rule_id = "{rule_id}"' if rule_id else "",
        'type = "query"',
        'query = "user.name: root"',
    ]
    return read_text("\n".join(lines), f"{name}.toml")


def titles(*rules: RuleText) -> list[str]:
    return [one.meta.title for one in told_apart(rules)]


def test_the_oldest_in_use_keeps_the_name() -> None:
    old = text("Same name", "aaaaaaaa-1", "2020/01/01", "deprecated")
    new = text("Same  Name", "bbbbbbbb-2", "2024/01/01")
    newer = text("same name", "cccccccc-3", "2025/01/01")
    assert titles(old, newer, new) == ["Same name (Deprecated)", "same name (cccccccc)", "Same  Name"]
    assert titles(new) == ["Same  Name"]


def test_a_tag_says_why_with_the_place_of_the_name() -> None:
    first, second = told_apart([text("A", "one", "2020/01/01"), text("A", "two", "2021/01/01")])
    assert first.notes == ()
    (note,) = second.notes
    assert (note.code, note.message) == ("F044", "another rule has this name: the title of artifacts is 'A (two)'")
    assert note.span is not None
    assert second.source.text[note.span.start : note.span.end] == "name"


def test_a_tag_is_no_other_rules_name() -> None:
    rules = [text("A", "two", "2021/01/01"), text("A", "one", "2020/01/01"), text("A (two)", "three")]
    assert titles(*rules) == ["A (two 2)", "A", "A (two)"]


def test_rules_of_one_id_have_ids_of_their_own() -> None:
    first, other, copy = told_apart([text("A", "x", "2020/01/01"), text("B", "x", "2021/01/01"), text("A", "x")])
    assert [one.meta.identity for one in (first, other, copy)] == ["x", "x/b", "x/a"]
    assert [one.meta.rule_id for one in (first, other, copy)] == ["x", "x", "x"]


@given(st.lists(st.tuples(st.sampled_from(["A", "a", "A (x)", "A (x 2)", "B"]), st.sampled_from(["x", "y", ""]))))
def test_no_two_titles_and_ids_are_the_same(pairs: list[tuple[str, str]]) -> None:
    found = told_apart([text(name, rule_id) for name, rule_id in pairs])
    assert len({same(one.meta.title) for one in found}) == len(found)
    assert len({one.meta.identity for one in found}) == len(found)
