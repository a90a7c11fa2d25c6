"""A build: what it writes, what it removes, and what it leaves alone."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from command import Ran, run
from shared import ROOT

from converter.build import lock
from converter.build.files import is_below
from converter.cli.exit import Exit
from converter.diagnostics.errors import RuleFileError

TOY = str(ROOT / "examples" / "toy_target.py")
CMD = (ROOT / "tests" / "cli" / "rules" / "cmd.toml").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two rules and settings, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    put("rules/one.toml", "one")
    put("rules/deep/two.toml", "two")
    Path("siemglot.toml").write_text('rules = ["rules"]\noutput = "made"\n')
    return tmp_path


def siemglot(command: str, *arguments: str, terminal: bool = False) -> Ran:
    """Run a command for a target that is no more than a sentence, and for Python."""
    return run(command, *arguments, "-t", TOY, "-t", "python", terminal=terminal)


def put(path: str, name: str, old: str = "", new: str = "") -> None:
    """Write a rule of this name, with one thing about it changed."""
    text = CMD.replace("Command shell", name).replace("[rule]", f'[rule]\nrule_id = "id-{name}"')
    assert old in text
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text.replace(old, new) if old else text)


def there(folder: str = "made") -> dict[str, bytes]:
    """Every file below a folder."""
    paths = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


REPORTS = {"report.json", "report.html", "navigator.json", "siemglot.lock"}


@pytest.mark.usefixtures("project")
def test_a_folder_for_each_target() -> None:
    built = siemglot("build")
    assert (built.code, built.out) == (Exit.CONVERTED, "")
    assert set(there()) == {"python/one.py", "python/deep/two.py", "toy/one.txt", "toy/deep/two.txt", *REPORTS}
    assert "toy     0      2            0\n" in built.err
    assert built.err.endswith("made: 5 files, 5 written, 0 removed\n")


@pytest.mark.usefixtures("project")
def test_the_same_bytes_and_nothing_written_again() -> None:
    siemglot("build")
    first, times = there(), {p: p.stat().st_mtime_ns for p in Path("made").rglob("*.py")}
    assert siemglot("build").err.endswith("made: 5 files, 0 written, 0 removed\n")
    assert there() == first
    assert {p: p.stat().st_mtime_ns for p in Path("made").rglob("*.py")} == times


@pytest.mark.usefixtures("project")
def test_files_of_rules_that_are_gone_go_too() -> None:
    siemglot("build")
    Path("made/toy/own.txt").write_text("mine")
    Path("rules/deep/two.toml").unlink()
    stale = siemglot("build", "--check")
    assert stale.code == Exit.REFUSED
    assert "made/toy/deep/two.txt: error[B005]: the file is no longer made\n" in stale.err
    assert Path("made/toy/deep/two.txt").is_file()
    assert siemglot("build").code == Exit.CONVERTED
    assert set(there()) == {"python/one.py", "toy/one.txt", "toy/own.txt", *REPORTS}
    assert not Path("made/toy/deep").exists()
    assert siemglot("build", "--check").code == Exit.CONVERTED


@pytest.mark.usefixtures("project")
def test_a_check_writes_no_report_that_is_not_asked_for() -> None:
    siemglot("build", "--report", "none")
    first = there()
    assert siemglot("build", "--check").code == Exit.CONVERTED
    assert there() == first
    assert "report: made/report.json" in siemglot("build", "--check", "--report", "json").err


@pytest.mark.usefixtures("project")
def test_what_was_changed_by_hand_stays() -> None:
    siemglot("build")
    Path("made/toy/one.txt").write_text("mine")
    Path("rules/one.toml").unlink()
    again = siemglot("build")
    assert (
        "made/toy/one.txt: warning[B002]: the file is no longer made, and it was changed by hand: it stays" in again.err
    )
    assert Path("made/toy/one.txt").read_text() == "mine"
    assert not Path("made/python/one.py").exists()


@pytest.mark.usefixtures("project")
def test_two_rules_never_write_one_file() -> None:
    put("rules/ONE.toml", "other")
    Path("more").mkdir()
    put("more/one.toml", "third")
    assert siemglot("build", "rules", "more", "--fail-on", "approximate", "-v").code == Exit.REFUSED
    names = {name for name in there() if name.startswith("toy/") and "deep" not in name}
    assert len({name.lower() for name in names}) == 3
    report = json.loads(there()["report.json"])
    assert {m["code"] for r in report["rules"] for m in r["messages"] if r["name"] in ("one", "other")} >= {"B004"}


@pytest.mark.usefixtures("project")
def test_one_bad_rule_stops_no_other() -> None:
    siemglot("build")
    Path("rules/one.toml").write_text("[rule]\nname = 1\n")
    built = siemglot("build", "--report", "none")
    assert built.code == Exit.REFUSED
    assert "rules/one.toml:2:1: error[F008]" in built.err
    assert " 2 | name = 1\n" in built.err
    assert "2 rules, 1 broken\n" in built.err
    assert {"toy/deep/two.txt"} == {name for name in there() if name.startswith("toy/")}
    assert siemglot("build", "--fail-on", "never", "--report", "none").code == Exit.CONVERTED
    assert siemglot("build", "--check", "--report", "none").code == Exit.CONVERTED  # stale, and only that, is 1


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--severity", "high"], []),
        (["--type", "query"], ["one", "two"]),
        (["--type", "!q*"], []),
        (["--tag", "nothing"], []),
        (["--dataset", "endpoint.*", "--dataset", "!*"], []),
    ],
)
@pytest.mark.usefixtures("project")
def test_filters(words: list[str], names: list[str]) -> None:
    built = siemglot("build", "--report", "json", *words)
    assert [rule["name"] for rule in json.loads(there()["report.json"])["rules"]] == sorted(names, reverse=True)
    left = f"{2 - len(names)} left out by the filter" in built.err
    assert left == (len(names) < 2)


@pytest.mark.usefixtures("project")
def test_what_changed_is_said() -> None:
    siemglot("build")
    put("rules/one.toml", "one", "powershell.exe", "pwsh.exe")
    put("rules/deep/two.toml", "two", 'type = "query"', 'type = "query"\nseverity = "critical"')
    put("rules/three.toml", "three")
    listed = siemglot("status")
    assert sorted(listed.out.splitlines()) == [
        "changed: rules/deep/two.toml",
        "changed: rules/one.toml",
        "new: rules/three.toml",
    ]
    assert listed.code == Exit.CONVERTED
    assert siemglot("status", "--check").code == Exit.REFUSED
    shown = siemglot("diff")
    assert shown.out.splitlines() == [
        "new: rules/three.toml (three)",
        "    toy: not built -> approximate (T011)",
        "    python: not built -> exact",
        "changed in meaning: rules/one.toml (one)",
        "    an event > all of > process.name is one of",
        "      - powershell.exe",
        "      + pwsh.exe",
        "changed in metadata only: rules/deep/two.toml (two)",
    ]
    assert shown.code == Exit.CONVERTED
    assert siemglot("diff", "--check").code == Exit.REFUSED
    assert "since the last build: 1 new, 1 changed in meaning, 1 changed in metadata only\n" in siemglot("build").err
    assert siemglot("status").out == "up to date\n"
    assert siemglot("diff", "--check") == siemglot("diff", "--check", "--report", "text")
    assert siemglot("diff", "--check").code == Exit.CONVERTED


@pytest.mark.usefixtures("project")
def test_the_order_of_terms_is_no_change_of_meaning() -> None:
    siemglot("build")
    put("rules/one.toml", "one", "cmd.exe or powershell.exe", "powershell.exe or cmd.exe")
    assert siemglot("diff").out == "changed in nothing but its text: rules/one.toml (one)\n"


@pytest.mark.usefixtures("project")
def test_an_older_clone() -> None:
    Path("rules").rename("older")
    put("rules/one.toml", "one", "not user.name", "user.name")
    put("rules/sub/moved.toml", "two")
    found = json.loads(siemglot("diff", "--against", "older", "--report", "json").out)
    assert [(one["kind"], one["path"]) for one in found] == [("changed in meaning", "one.toml")]
    assert [line[2:4] for line in found[0]["meaning"] if line.startswith("  ")] == ["- ", "- ", "+ "]
    assert "### Changed in meaning (1)" in siemglot("diff", "--against", "older", "--report", "markdown").out


@pytest.mark.usefixtures("project")
def test_other_options_and_files_are_stale() -> None:
    siemglot("build")
    assert siemglot("status", "--fields", "ecs").out == "the targets or options are others\n"
    Path("made/toy/one.txt").write_text("x")
    Path("made/python/one.py").unlink()
    assert siemglot("status").out == "missing: made/python/one.py\nchanged by hand: made/toy/one.txt\n"


@pytest.mark.usefixtures("project")
def test_worse_than_before_fails() -> None:
    siemglot("build")
    job = (ROOT / "rules" / "samples" / "machine_learning.toml").read_text(encoding="utf-8")
    Path("rules/one.toml").write_text(re.sub(r'rule_id = ".*"', 'rule_id = "id-one"', job))
    built = siemglot("build", "--fail-on", "worse", "--report", "github")
    assert built.code == Exit.REFUSED, built.err
    assert "::warning file=rules/one.toml,title=B006::python: exact before, refused now\n" in built.out
    assert siemglot("build", "--fail-on", "worse", "--report", "none").code == Exit.CONVERTED


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.usefixtures("project")
def test_processes_change_nothing(jobs: str) -> None:
    for number in range(60):
        put(f"rules/many/{number}.toml", f"rule {number}")
    assert siemglot("build", "-j", jobs, "--report", "none").code == Exit.CONVERTED
    names = [rule["name"] for rule in json.loads(there()["siemglot.lock"])["rules"]]
    assert names == ["two", *(f"rule {n}" for n in sorted(range(60), key=str)), "one"]
    assert len(there()) == 62 * 2 + 1


def test_commands_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "rules" / "elastic", tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "build.md").read_text(encoding="utf-8")
    (commands,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    outs = [run(*shlex.split(line)[1:]) for line in commands.splitlines()]
    assert [one.code for one in outs] == [Exit.CONVERTED] * 3
    assert [one.out for one in outs] == ["", "up to date\n", ""]


@pytest.mark.usefixtures("project")
def test_what_a_build_wrote_is_no_rule() -> None:
    """Sigma's files among the rules end as rule files do, and hold rules too."""
    arguments = (".", "-o", ".", "-t", "sigma,python")
    assert run("build", *arguments).code == Exit.CONVERTED
    first = there(".")
    assert "sigma/rules/one.yml" in first
    assert run("build", *arguments).err.endswith(".: 5 files, 0 written, 0 removed\n")
    assert there(".") == first
    assert run("status", *arguments).out == "up to date\n"
    assert run("diff", *arguments).out == ""


@pytest.mark.usefixtures("project")
def test_a_bundle_is_one_folder_of_the_target() -> None:
    arguments = ("-t", "splunk,python", "--format", "splunk=app", "--report", "json")
    assert run("build", *arguments).code == Exit.CONVERTED
    (stanzas,) = (name for name in there() if name.endswith("/default/savedsearches.conf"))
    assert stanzas.startswith("splunk/")
    assert there()[stanzas].count(b"- Rule]") >= 2
    Path("rules/one.toml").unlink()
    assert run("build", "--check", *arguments).code == Exit.REFUSED
    assert run("build", *arguments).code == Exit.CONVERTED
    assert there()[stanzas].count(b"one - Rule]") == 0
    put("rules/deep/two.toml", "two", "powershell.exe", "pwsh.exe")
    assert "1 changed in meaning" in run("build", *arguments).err


@pytest.mark.usefixtures("project")
def test_several_formats_of_one_target() -> None:
    """Each has a folder of its own; reports and the lock tell them apart, and a format that goes takes its files along."""
    text = Path("siemglot.toml").read_text()
    both = f'{text}targets = ["splunk", "python"]\n[formats]\nsplunk = ["app", "savedsearches"]\n'
    Path("siemglot.toml").write_text(both)
    built = run("build")
    assert built.code == Exit.CONVERTED
    assert "splunk=savedsearches " in built.err
    made = {name for name in there() if name.startswith("splunk/")}
    assert {"splunk/savedsearches/one.conf", "splunk/savedsearches/deep/two.conf"} < made
    assert "splunk/app/siemglot_detections/default/savedsearches.conf" in made
    assert "python/one.py" in there()
    report = json.loads(there()["report.json"])
    assert report["targets"] == {"splunk=app": "app", "splunk=savedsearches": "savedsearches", "python": None}
    assert set(report["summary"]) == set(report["targets"])
    one = next(rule for rule in report["rules"] if rule["name"] == "one")
    assert [(a["target"], a["file"]) for a in one["artifacts"]] == [
        ("splunk=app", None),  # a part of the app
        ("splunk=savedsearches", "splunk/savedsearches/one.conf"),
        ("python", "python/one.py"),
    ]
    locked = next(rule for rule in json.loads(there()["siemglot.lock"])["rules"] if rule["name"] == "one")
    assert set(locked["outputs"]) == set(report["targets"])
    assert run("build").err.endswith(" 0 written, 0 removed\n")
    assert run("status").out == "up to date\n"
    assert run("build", "--check", "--format", "splunk=app,splunk=savedsearches").code == Exit.CONVERTED
    assert run("build", "--format", "splunk=savedsearches").code == Exit.CONVERTED  # in place of what the settings say
    assert {name for name in there() if name.startswith("splunk/")} == {"splunk/one.conf", "splunk/deep/two.conf"}
    assert run("status").out.startswith("the targets or options are others\n")


@pytest.mark.usefixtures("project")
def test_error_several_formats_in_convert() -> None:
    ran = run("convert", "rules", "-t", "splunk", "--format", "splunk=app,splunk=contentctl", "-o", "x")
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert ran.err == (
        "error[T003]: splunk is asked for in several formats: app, contentctl\n"
        "  hint: name one; `siemglot build` takes several\n"
    )


# ---- locks


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "a\\..\\b", "C:/x", "", ".", "a//b", "./a", "a/./b"]
)
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    assert not is_below(path)


@pytest.mark.usefixtures("project")
def test_a_lock_owns_nothing_elsewhere() -> None:
    siemglot("build")
    Path("mine.txt").write_text("mine")
    document = json.loads(there()["siemglot.lock"])
    document["files"]["../mine.txt"] = document["files"]["toy/one.txt"]
    Path("made/siemglot.lock").write_text(json.dumps(document))
    built = siemglot("build")
    assert built.code == Exit.USAGE
    assert built.err == (
        "made/siemglot.lock: error[B003]: it names the file '../mine.txt', which is not below its folder\n"
    )
    assert Path("mine.txt").is_file()


@pytest.mark.usefixtures("project")
def test_a_link_leads_no_removal_out_of_the_folder() -> None:
    siemglot("build")
    Path("elsewhere").mkdir()
    Path("elsewhere/two.txt").write_bytes(there()["toy/deep/two.txt"])
    Path("made/toy/deep/two.txt").unlink()
    Path("made/toy/deep").rmdir()
    Path("made/toy/deep").symlink_to(Path("elsewhere").resolve(), target_is_directory=True)
    Path("rules/deep/two.toml").unlink()
    siemglot("build")
    assert Path("elsewhere/two.txt").is_file()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is no JSON"),
        ("[]", "it is no lock of version 1"),
        ('{"lock": 2}', "it is no lock of version 1"),
        ('{"lock": 1, "made by": {}, "rules": [{}], "files": {}}', "it has not the shape that a build writes"),
        ('{"lock": 1, "made by": {}, "rules": [], "files": {"a": 1}}', "it has not the shape that a build writes"),
        ('{"lock": 1, "made by": [], "rules": [], "files": {}}', "it has not the shape that a build writes"),
    ],
)
@pytest.mark.usefixtures("project")
def test_error_locks(text: str, said: str) -> None:
    Path("made").mkdir()
    Path("made/siemglot.lock").write_text(text)
    built = siemglot("build")
    assert built.code == Exit.USAGE
    assert "error[B001]" in built.err
    assert said in built.err


@pytest.mark.usefixtures("project")
def test_a_lock_read_is_the_lock_written() -> None:
    siemglot("build")
    found = lock.read(Path("made/siemglot.lock"))
    assert found is not None
    assert lock.text(found).encode() == there()["siemglot.lock"]
    assert lock.read(Path("none")) is None
    with pytest.raises(RuleFileError):
        lock.read(Path("made"))


# ---- the command line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("build", "--report", "csv"), "error[T005]: report cannot be 'csv'"),
        (("build", "--fail-on", "x"), "error[T005]: fail-on cannot be 'x'"),
        (("build", "--against", "nowhere"), "nowhere: error[F001]: there is no lock"),
        (("build", "-o", "siemglot.toml"), "error[F021]: siemglot.toml is no directory"),
        (("diff",), "made/siemglot.lock: error[F001]: there is no lock"),
        (("diff", "--report", "x"), "error[T005]: report cannot be 'x'"),
        (("build", "--config", "none.toml"), "error[F001]"),
    ],
)
@pytest.mark.usefixtures("project")
def test_error_usage(arguments: tuple[str, ...], said: str) -> None:
    ran = siemglot(*arguments)
    assert ran.code == Exit.USAGE
    assert said in ran.err


def test_error_no_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = siemglot("build", "-t", TOY)
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert ran.err == (
        'error[F020]: no rules are named\n  hint: name rule files or directories, or write rules = ["rules"] into '
        "siemglot.toml\n"
    )


@pytest.mark.usefixtures("project")
def test_progress_and_time_left_on_a_terminal_only() -> None:
    for number in range(6):
        put(f"rules/many/{number}.toml", f"rule {number}")
    seen = siemglot("build", "--report", "none", terminal=True).err
    assert "] 4/8 " in seen
    assert " s left, rules/" in seen
    assert "s left" not in siemglot("build", "--report", "none").err


@pytest.mark.usefixtures("project")
def test_settings_of_a_build() -> None:
    text = Path("siemglot.toml").read_text()
    Path("siemglot.toml").write_text(f'{text}fail-on = "approximate"\n[filter]\nseverity = ["!low"]\nsort = "x"\n')
    wrong = siemglot("build")
    assert wrong.code == Exit.USAGE
    assert "siemglot.toml:6:1: error[F041]: filter.sort is no setting" in wrong.err
    Path("siemglot.toml").write_text(f'{text}fail-on = "approximate"\n[filter]\ntype = "query"\n')
    assert siemglot("build", "--report", "none").code == Exit.REFUSED
