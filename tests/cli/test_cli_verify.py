"""`siemglot verify`: verdicts on witnesses and on events from a file."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from command import run
from shared import ROOT

from converter.cli.exit import Exit
from converter.target import registry

SEED = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"
CMD = str(Path(__file__).parent / "rules" / "cmd.toml")
EVENTS = [{"process": {"name": "cmd.exe"}}, {"process.name": "CMD.EXE"}]


def test_witnesses() -> None:
    ran = run("verify", CMD)
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")
    assert ran.out.startswith("Command shell: ")
    assert "all engines agree\n" in ran.out


@pytest.mark.parametrize(
    "text",
    [json.dumps(EVENTS), json.dumps(EVENTS, indent=2), "\n\n".join(map(json.dumps, EVENTS)) + "\n"],
    ids=["list", "indented list", "lines"],
)
def test_events_from_a_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_text(text)
    ran = run("verify", CMD, "--events", str(path))
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")
    assert ran.out.startswith("Command shell: 2 events, 1 in alerts (reference, python, spl, kusto, sigma, elastic")
    assert ran.out.partition("\n")[0].endswith("): all engines agree")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1}\n{"a": }\n', "2:7"),
        ("[1,\n2", "2:2"),
        ("3\n", "1:1"),
        ('{"a": 1}\n[1]\n', "2:1"),
        ("[{}, 1]", "1:1"),
        ("[" * 100_000, "1:1"),
        ('{"a": 1}\n{"n": ' + "9" * 5000 + "}", "2:7"),
        ('{"a": "x\\ud800"}', "1:9"),
    ],
)
def test_error_events_not_json(text: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_text(text)
    ran = run("verify", CMD, "--events", str(path))
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert ran.err.startswith(f"{path.as_posix()}:{place}: error[F030]: ")


@pytest.mark.parametrize("arguments", [["nowhere.toml"], [CMD, "--events", "nowhere.json"]])
def test_error_nothing_to_read(arguments: list[str]) -> None:
    ran = run("verify", *arguments)
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert "error[F001]" in ran.err


def test_error_rule_that_cannot_be_carried(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('[rule]\nname = "A rule"\ntype = "machine_learning"\nmachine_learning_job_id = "x"\n')
    ran = run("verify", str(path))
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert "x.toml:3:1: error[L042]" in ran.err


SHELL = """
[rule]
name = "Shell"
type = "eql"
language = "eql"
query = '''
process where process.name : "cmd.exe" and process.parent.name == "Word.exe" and not user.name == "root"
'''
"""

MISTAKES = {
    "splunk": {
        "a dropped clause": (" process.parent.name=CASE(Word.exe)", ""),
        "a changed case": ("CASE(Word.exe)", "word.exe"),
        "NOT on a missing field": ("NOT user.name=CASE(root)", "user.name!=CASE(root)"),
    },
    "sentinel": {
        "a dropped clause": (" and ['process.parent.name'] == \"Word.exe\"", ""),
        "a changed case": ("['process.parent.name'] ==", "['process.parent.name'] =~"),
        "NOT on a missing field": ("['user.name'] != \"root\"", "isnotempty(['user.name']) and ['user.name'] != \"root\""),
    },
    "sigma": {
        "a dropped clause": ("        process.parent.name|cased: Word.exe\n", ""),
        "a changed case": ("process.parent.name|cased: Word.exe", "process.parent.name: word.exe"),
        "NOT on a missing field": (
            "condition: selection and not 1 of filter_main_*",
            "known:\n        user.name|exists: true\n    condition: selection and known and not 1 of filter_main_*",
        ),
    },
    "python": {
        "a dropped clause": ('        and is_one_of(event, "process.parent.name", ("Word.exe",))\n', ""),
        "a changed case": ('is_one_of(event, "process.parent.name", ("Word.exe",))', 'is_one_of_any_case(event, "process.parent.name", ("word.exe",))'),
        "NOT on a missing field": ('and not is_one_of(event, "user.name", ("root",))', 'and any(v != "root" for v in texts(event, "user.name"))'),
    },
    "elastic": {
        "a dropped clause": (' and process.parent.name == \\"Word.exe\\"', ""),
        "a changed case": ("process.parent.name == ", "process.parent.name : "),
        "NOT on a missing field": ('user.name != \\"root\\"', 'user.name != null and user.name != \\"root\\"'),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rule and its artifacts under Elastic's names."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "shell.toml").write_text(SHELL)
    ran = run(
        str(folder / "shell.toml"), "-t", "all", "--fields", "ecs", "--sigma-case", "exact", "-q", "-o", str(folder)
    )
    assert ran.code == Exit.CONVERTED, ran.err
    return folder


@pytest.mark.parametrize(("target", "mistake"), [(t, m) for t, some in MISTAKES.items() for m in some])
def test_a_mistake_made_by_hand_is_found_by_a_witness(shell: Path, tmp_path: Path, target: str, mistake: str) -> None:
    suffix = registry.load(target).suffix
    written = (shell / f"shell{suffix}").read_text()
    old, new = MISTAKES[target][mistake]
    assert written.count(old) == 1, written
    path = tmp_path / f"edited{suffix}"
    path.write_text(written.replace(old, new))
    arguments = ("verify", str(shell / "shell.toml"), "--to", target)
    ran = run(*arguments, "--artifact", f"{target}={path}")
    assert ran.code == Exit.REFUSED
    assert "first disagreement: reference and " in ran.out


def test_artifacts_as_they_are_written_agree(shell: Path) -> None:
    given = [a for t in MISTAKES for a in ("--artifact", str(shell / f"shell{registry.load(t).suffix}"))]
    ran = run("verify", str(shell / "shell.toml"), *given)
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")


def test_an_artifact_that_no_judge_can_run_is_not_verified(shell: Path, tmp_path: Path) -> None:
    for name in ("x.spl", "x.kusto", "x.yml", "x.py", "x.elastic.toml"):
        path = tmp_path / name
        path.write_text("this is [ no artifact")
        ran = run("verify", str(shell / "shell.toml"), "--artifact", str(path))
        assert ran.code == Exit.REFUSED, name
        assert "error[T005]: no judge could run the " in ran.err


def test_the_founding_rule_has_five_engines_and_more() -> None:
    ran = run("verify", str(SEED), "-q")
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")
    names = ran.out[ran.out.index("(") + 1 : ran.out.index(")")].split(", ")
    assert names[:6] == ["reference", "python", "spl", "kusto", "sigma", "elastic"]
    rows = [line.split("{")[0].split() for line in ran.out.splitlines() if "{" in line]
    for number in range(6):
        assert {row[number] for row in rows} == {"yes", "no"}, "each judged both"


def test_a_line_separator_inside_a_text_ends_no_event(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_text('{"process.name": "cmd.exe", "x": "a\u2028b"}\n', encoding="utf-8")
    ran = run("verify", CMD, "--events", str(path), "-q", "-t", "python")
    assert ran.out.startswith("Command shell: 1 events, 1 in alerts")


def test_a_folder_and_its_reports(shell: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.toml").write_text(SHELL)
    (rules / "b.toml").write_text(SHELL.replace("Shell", "Other & <shell>").replace("cmd.exe", "sh"))
    (rules / "c.toml").write_text(SHELL.replace("process where", "process whither"))
    ran = run("verify", str(rules), "--report", "junit", "--html", str(tmp_path / "page.html"))
    assert ran.code == Exit.REFUSED
    assert "verified 2 rules: all engines agree, 1 not judged" in ran.err
    suites = ET.fromstring(ran.out)  # noqa: S314 - our own
    assert [suite.get("errors") for suite in suites] == ["0", "0", "1"]
    assert {case.get("name") for case in suites[0]} >= {"python", "spl", "kusto", "sigma", "elastic"}
    assert not [case for suite in suites for case in suite if case.find("failure") is not None]
    page = (tmp_path / "page.html").read_text()
    assert "Other &amp; &lt;shell&gt;" in page
    assert page.count("<h2>") == 3
    edited = tmp_path / "x.spl"
    edited.write_text((shell / "shell.spl").read_text().replace("CASE(Word.exe)", "word.exe"))
    ran = run(
        "verify", str(rules / "a.toml"), "-t", "splunk", "--artifact", str(edited), "--report", str(tmp_path / "r.xml")
    )
    assert ran.code == Exit.REFUSED
    (suite,) = ET.parse(tmp_path / "r.xml").getroot()  # noqa: S314 - our own
    assert (suite.get("failures"), suite[0].get("name")) == ("1", "spl")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "nowhere"], "there is no target 'nowhere'"),
        (["--report", "x.txt"], "report cannot be 'x.txt'"),
        (["--artifact", "x.unknown"], "artifact 'x.unknown' does not show its target"),
        (["--to", str(ROOT / "examples" / "toy_target.py")], "no judge runs what toy writes"),
    ],
)
def test_error_usage_of_verify(arguments: list[str], said: str) -> None:
    ran = run("verify", CMD, *arguments)
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert said in ran.err


def test_disagreement_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from converter.proof.panel.python import PythonJudge

    run_it = PythonJudge.run

    def inverted(self: PythonJudge, *arguments: object) -> list[bool]:
        return [not verdict for verdict in run_it(self, *arguments)]  # type: ignore[arg-type]

    monkeypatch.setattr(PythonJudge, "run", inverted)
    ran = run("verify", CMD)
    assert ran.code == Exit.REFUSED
    assert "first disagreement: reference and python" in ran.out
