"""`siemglot compare`: the same, different by an event, or not decided, with its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run

from converter.cli.exit import Exit

RULE = "[rule]\nname = 'Shell'\ntype = '{kind}'\nlanguage = '{language}'\nquery = '''\n{query}\n'''\n"
KINDS = {"eql": "eql", "kuery": "query"}


def write(folder: Path, name: str, query: str, language: str = "eql") -> str:
    path = folder / f"{name}.toml"
    path.write_text(RULE.format(kind=KINDS[language], language=language, query=query))
    return str(path)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (
            ('any where host.name == "a" and user.name == "b"', "eql"),
            ("user.name: b and host.name: a", "kuery"),
            "tree",
        ),
        (("host.name: (a or ab*)", "kuery"), ("host.name: (ab* or a or abc*)", "kuery"), "shown"),
        (("not (host.name: a or user.name: b)", "kuery"), ("not host.name: a and not user.name: b", "kuery"), "shown"),
    ],
)
def test_the_same(tmp_path: Path, one: tuple[str, str], other: tuple[str, str], how: str) -> None:
    ran = run("compare", write(tmp_path, "a", *one), write(tmp_path, "b", *other))
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")
    assert ran.out.startswith("the same: ")
    assert how in ran.out


@pytest.mark.parametrize(
    ("one", "other", "finder", "event"),
    [
        ('process where process.name : "a"', 'process where process.name == "a"', "a", '"A"'),
        (
            'process where user.name != "root"',
            'process where user.name != "root" and user.name != null',
            "a",
            '{"event.category": "process"}',
        ),
        ("process where true", "any where true", "b", "{}"),
        (
            "sequence by host.id with maxspan=1m [process where true] [file where true]",
            "sequence by host.id with maxspan=2m [process where true] [file where true]",
            "b",
            '"host.id"',
        ),
    ],
)
def test_an_event_that_only_one_finds(tmp_path: Path, one: str, other: str, finder: str, event: str) -> None:
    first, second = write(tmp_path, "a", one), write(tmp_path, "b", other)
    ran = run("compare", first, second)
    assert (ran.code, ran.err) == (Exit.REFUSED, "")
    assert f"found by {tmp_path / finder}.toml alone:" in ran.out
    assert event in ran.out
    assert f"found by {tmp_path / finder}.toml alone:" in run("compare", second, first).out


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shell")
    write(folder, "shell", 'process where process.name : "cmd.exe" and not user.name == "root"')
    ran = run(str(folder / "shell.toml"), "-t", "splunk,sentinel", "--fields", "ecs", "-q", "-o", str(folder))
    assert ran.code == Exit.CONVERTED, ran.err
    return folder


def test_a_query_written_by_hand(shell: Path, tmp_path: Path) -> None:
    rule = str(shell / "shell.toml")
    by_hand = tmp_path / "by_hand.kusto"
    by_hand.write_text(
        "ECS | where not(['user.name'] == 'root' or ['process.name'] !~ 'CMD.exe')\n"
        "| extend category = ['event.category']\n"
        "| where tostring(category) in ('process') or set_has_element(category, 'process')\n"
    )
    ran = run("compare", str(by_hand), rule)
    assert (ran.code, ran.out) == (Exit.CONVERTED, "the same: the query reads back as the rule's condition\n")
    by_hand.write_text(by_hand.read_text().replace("!~", "!="))
    ran = run("compare", str(by_hand), rule)
    assert ran.code == Exit.REFUSED
    assert f"found by {rule} alone:" in ran.out


def test_a_search_written_by_hand(shell: Path, tmp_path: Path) -> None:
    rule = str(shell / "shell.toml")
    ran = run("compare", rule, str(shell / "shell.spl"))
    assert (ran.code, ran.out) == (Exit.CONVERTED, "the same: the query reads back as the rule's condition\n")
    by_hand = tmp_path / "by_hand.spl"
    by_hand.write_text(
        "index=edr NOT user.name=CASE(root) event.category=CASE(process)\n"
        "| where match('process.name', \"(?i)^cmd[.]exe\\z\")\n| table _time, host.name\n"
    )
    ran = run("compare", str(by_hand), rule)
    assert (ran.code, ran.out) == (Exit.CONVERTED, "the same: the query reads back as the rule's condition\n")
    by_hand.write_text(by_hand.read_text().replace("\\z", "$"))
    ran = run("compare", str(by_hand), rule)
    assert ran.code == Exit.REFUSED
    assert f"found by {by_hand} alone:" in ran.out
    assert '"process.name": "cmd.exe\\n"' in ran.out


def test_a_query_that_is_not_read_is_run(shell: Path, tmp_path: Path) -> None:
    rule = str(shell / "shell.toml")
    unread = tmp_path / "unread.spl"
    unread.write_text((shell / "shell.spl").read_text().split("| table")[0] + "| eventstats count AS others")
    ran = run("compare", rule, str(unread))
    assert ran.code == Exit.UNDECIDED
    assert ran.out.startswith("not decided: no proof that they are the same, and both agree on ")
    edited = tmp_path / "edited.spl"
    edited.write_text((shell / "shell.spl").read_text().replace("NOT user.name=CASE(root)", "user.name!=CASE(root)"))
    ran = run("compare", rule, str(edited))
    assert ran.code == Exit.REFUSED
    assert f"found by {rule} alone:" in ran.out
    edited.write_text("| nonsense [")
    ran = run("compare", rule, str(edited))
    assert ran.code == Exit.UNDECIDED
    assert "nothing could be judged" in ran.out


def test_error_of_compare(shell: Path) -> None:
    query, rule = str(shell / "shell.spl"), str(shell / "shell.toml")
    ran = run("compare", query, query)
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert "two queries and no rule" in ran.err
    ran = run("compare", rule, "nowhere.toml")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert "F001" in ran.err


def test_a_search_of_groups_is_no_search_of_events(shell: Path, tmp_path: Path) -> None:
    grouped = tmp_path / "grouped.spl"
    grouped.write_text((shell / "shell.spl").read_text().split("| table")[0] + "| stats count BY host.name\n")
    ran = run("compare", str(shell / "shell.toml"), str(grouped))
    assert ran.code == Exit.UNDECIDED
    assert ran.out == (
        "not decided: the search gives groups of events (stats), and the rule events: what stands before may be compared"
        " alone\n"
    )


def test_a_native_query_is_read_and_not_run(tmp_path: Path) -> None:
    rule = tmp_path / "file.toml"
    rule.write_text(
        "[rule]\nname = 'A file'\ntype = 'eql'\nlanguage = 'eql'\nindex = ['logs-endpoint.events.file-*']\nquery = "
        '\'file where host.os.type == "windows" and event.type == "creation" and file.name == "a.exe"\'\n'
    )
    assert run(str(rule), "-t", "sentinel", "-q", "-o", str(tmp_path)).code == Exit.CONVERTED
    query = tmp_path / "file.kusto"
    ran = run("compare", str(rule), str(query), "--fields", "native")
    assert (ran.code, ran.out) == (Exit.CONVERTED, "the same: the query reads back as the rule's condition\n")
    text = query.read_text()
    query.write_text(text.replace('"a.exe"', '"b.exe"'))
    ran = run("compare", str(rule), str(query), "--fields", "native")
    assert ran.code == Exit.REFUSED
    assert "an event, by the query's own names, that only one finds\n  {" in ran.out
    query.write_text("DeviceFileEvents | take 5\n")
    ran = run("compare", str(rule), str(query), "--fields", "native")
    assert ran.code == Exit.UNDECIDED
    assert ran.out.endswith("; queries are run under Elastic's names only (--fields ecs)\n")


def test_error_compare_a_rule_without_meaning(shell: Path, tmp_path: Path) -> None:
    learned = tmp_path / "ml.toml"
    learned.write_text(
        "[rule]\nname = 'x'\ntype = 'machine_learning'\nanomaly_threshold = 5\nmachine_learning_job_id = 'j'\n"
    )
    ran = run("compare", str(shell / "shell.toml"), str(learned))
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert "ml.toml" in ran.err
