"""`siemglot compare` of a pipeline and what a hand made of its artifact: the same, or the events that only one finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run

from converter.cli.exit import Exit

QUERY = """from logs-* metadata _id, _version, _index
| where event.outcome == "failure" and user.name is not null and host.name != "a"
| eval short = to_lower(user.name)
| stats n = count(*), hosts = count_distinct(host.name) by short
| where n >= 3 and hosts < 2
| keep short, n"""
SUFFIX = {"splunk": ".spl", "sentinel": ".kusto"}
EDITS = {
    "splunk": {
        "a dropped clause": ("event.outcome=CASE(failure) ", ""),
        "a changed case": ("event.outcome=CASE(failure)", "event.outcome=failure"),
        "NOT on a missing field": ("| where isnotnull('user.name') AND isnotnull('host.name')\n", ""),
        "another count": ("n>=3", "n>=4"),
        "another column": ("dc(host.name)", "dc(user.name)"),
        "a dropped condition": ("| where hosts<2\n", ""),
        "rows of null": ('\n| eval short=coalesce(short, "(null)")', ""),
    },
    "sentinel": {
        "a dropped clause": ("['event.outcome'] == \"failure\" and ", ""),
        "a changed case": ("['event.outcome'] ==", "['event.outcome'] =~"),
        "NOT on a missing field": (" and isnotempty(['host.name'])", ""),
        "another count": ("n >= 3", "n > 3"),
        "another column": ("count_distinctif(['host.name']", "count_distinctif(['user.name']"),
        "a dropped condition": (" and hosts < 2", ""),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rule and its artifacts under Elastic's names."""
    folder = tmp_path_factory.mktemp("pipeline")
    rule = folder / "rule.toml"
    rule.write_text(f"[rule]\nname = 'A rule'\ntype = 'esql'\nlanguage = 'esql'\nquery = '''{QUERY}'''\n")
    ran = run("convert", str(rule), "-t", "splunk,sentinel", "--fields", "ecs", "-q", "-o", str(folder))
    assert ran.code == Exit.CONVERTED, ran.err
    return folder


@pytest.mark.parametrize("target", list(EDITS))
def test_an_artifact_is_the_same_as_its_pipeline(written: Path, target: str) -> None:
    ran = run("compare", str(written / "rule.toml"), str(written / f"rule{SUFFIX[target]}"))
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")
    assert ran.out.startswith("the same: ")


@pytest.mark.parametrize(("target", "name"), [(target, name) for target, some in EDITS.items() for name in some])
def test_an_edit_is_found_by_events(written: Path, tmp_path: Path, target: str, name: str) -> None:
    text = (written / f"rule{SUFFIX[target]}").read_text()
    old, new = EDITS[target][name]
    assert text.count(old) == 1, text
    path = tmp_path / f"edited{SUFFIX[target]}"
    path.write_text(text.replace(old, new))
    ran = run("compare", str(written / "rule.toml"), str(path))
    assert not ran.out.startswith("the same"), ran.out
    if (target, name) in UNSEEN:
        assert ran.code == Exit.UNDECIDED, ran.out
        assert "; but it asks for a pipeline" in ran.out
    else:
        assert ran.code == Exit.REFUSED, ran.out
        assert "only one" in ran.out
        assert "\n  {" in ran.out


UNSEEN = frozenset(
    {
        ("splunk", "another column"),
        ("splunk", "rows of null"),
        ("sentinel", "another column"),
        ("sentinel", "a dropped condition"),
    }
)
"""Edits of which the steps say that they differ, and no event was found that tells."""
