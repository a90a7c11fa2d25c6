"""What the command line does when all is well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import run
from pages import unpacked
from shared import ROOT
from typer.completion import completion_init  # type: ignore[attr-defined]  # typer calls it for each app

from converter.cli.exit import Exit
from converter.diagnostics.catalogue import all_codes
from converter.forms.unlocks import UNLOCKS
from converter.model.fact import Fact
from converter.target import registry

RULES = Path(__file__).parent / "rules"
CMD = str(RULES / "cmd.toml")
TOY = str(ROOT / "examples" / "toy_target.py")
UNJUDGED = (
    f"{CMD}: warning[T011]: no engine judges what the target toy writes: nothing shows that it means what the rule "
    "means\n"
)
SENTENCE = (
    "Alert when process.name is one of “cmd.exe”, “powershell.exe” and not user.name is one of “O'Brien |delete”.\n"
)


@pytest.mark.parametrize("command", [[], ["convert"]])
def test_artifact_goes_to_stdout_and_the_rest_to_stderr(command: list[str]) -> None:
    ran = run(*command, CMD, "--to", TOY)
    assert (ran.code, ran.out) == (Exit.CONVERTED, SENTENCE)
    assert ran.err == f"{UNJUDGED}toy: 0 exact, 1 approximate, 0 refused\n"


def test_options_may_stand_anywhere() -> None:
    assert run("-t", TOY, "-q", CMD) == run(CMD, "-q", "-t", TOY)


def test_quiet_and_verbose() -> None:
    assert run(CMD, "-t", TOY, "-q").err == ""
    verbose = run(CMD, "-t", TOY, "-v").err
    assert "note[T006]: a sentence cannot be run" in verbose


def test_stdin() -> None:
    ran = run("-", "-t", TOY, stdin=(RULES / "cmd.toml").read_bytes())
    assert (ran.code, ran.out) == (Exit.CONVERTED, SENTENCE)


def test_dash_is_stdout() -> None:
    assert run(CMD, "-t", TOY, "-o", "-").out == SENTENCE


def test_several_artifacts_on_stdout_have_headings() -> None:
    ran = run(CMD, "-t", TOY, "-t", "python", "--fields", "ecs")
    assert f"# {RULES.as_posix()}/cmd.toml (toy)\nAlert when" in ran.out
    assert f"# {RULES.as_posix()}/cmd.toml (python)\n" in ran.out


def test_headings_are_comments_of_the_target() -> None:
    ran = run(CMD, "-t", "all", "--fields", "ecs", "-q")
    name = f"{RULES.as_posix()}/cmd.toml"
    for heading in (f"# {name} (python)", f"// {name} (sentinel)", f"---\n# {name} (sigma)", f"```{name} (splunk)```"):
        assert f"{heading}\n" in ran.out


def test_heading_cannot_leave_its_comment(tmp_path: Path) -> None:
    path = tmp_path / "a\n| delete ``` x.toml"
    path.write_bytes((RULES / "cmd.toml").read_bytes())
    ran = run(str(path), "-t", TOY, "-t", "splunk", "--fields", "ecs")
    assert ran.code == Exit.CONVERTED
    assert "a__ delete ___ x.toml" in ran.out
    assert "\n| delete" not in ran.out


def test_output_mirrors_the_input(tmp_path: Path) -> None:
    ran = run(str(RULES), "-t", TOY, "-t", "python", "--fields", "ecs", "-o", str(tmp_path / "out"))
    assert (ran.code, ran.out) == (Exit.CONVERTED, "")
    found = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert found == [
        "LICENSE-Elastic-2.0.txt",
        "NOTICE-detection-rules.txt",
        "cmd.py",
        "cmd.txt",
        "deep/logon.py",
        "deep/logon.txt",
    ]
    assert (tmp_path / "out" / "cmd.txt").read_bytes().decode() == SENTENCE
    assert ran.err.endswith(f"wrote 4 files to {(tmp_path / 'out').as_posix()}\n")


def test_licence_travels_with_elastic_rules_only(tmp_path: Path) -> None:
    run(CMD, "-t", TOY, "-o", f"{tmp_path}/")
    assert [p.name for p in tmp_path.iterdir()] == ["cmd.txt"]


def test_output_file(tmp_path: Path) -> None:
    for name in ("new.txt", "old"):
        (tmp_path / "old").write_text("old")
        ran = run(CMD, "-t", TOY, "-o", str(tmp_path / name))
        assert ran.code == Exit.CONVERTED
        assert (tmp_path / name).read_text(encoding="utf-8") == SENTENCE
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o666 & ~_umask()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new.txt", "old"]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_devices_are_written_not_replaced() -> None:
    assert run(CMD, "-t", TOY, "-o", os.devnull).code == Exit.CONVERTED
    assert not Path(os.devnull).is_file()


def test_a_rule_named_twice_is_converted_once(tmp_path: Path) -> None:
    ran = run(str(RULES), CMD, "-t", TOY, "-o", str(tmp_path))
    assert "toy: 0 exact, 2 approximate" in ran.err


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    for name in (".git/x.toml", ".x.toml", "x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("not a rule")
    assert "F020" in run(str(tmp_path), "-t", TOY).err


def test_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(str(RULES), "-t", "all", "--fields", "ecs", "-q", "--report", "json", "-o", str(tmp_path / name))
    one, two = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()}
        for n in ("one", "two")
    )
    one.pop(Path("report.json"))  # it names the files by the path that was given
    two.pop(Path("report.json"))
    assert one == two
    assert len(one) == 2 * len(registry.names()) + 2


def test_check_and_diff(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(str(RULES), "-t", TOY, "-o", str(out), "--check").code == Exit.REFUSED
    assert not out.exists()
    run(str(RULES), "-t", TOY, "-o", str(out))
    fresh = run(str(RULES), "-t", TOY, "-o", str(out), "--check")
    assert (fresh.code, fresh.out) == (Exit.CONVERTED, "")
    assert fresh.err.endswith("0 files would change\n")
    (out / "cmd.txt").write_text("Alert always.")
    before = {p: p.stat().st_mtime_ns for p in out.iterdir()}
    stale = run(str(RULES), "-t", TOY, "-o", str(out), "--diff")
    assert (stale.code, stale.out) == (Exit.REFUSED, "")
    assert "cmd.txt: error[F024]: the artifact differs" in stale.err
    assert "-Alert always.\n\\ no newline at end of file\n+Alert when process.name" in stale.err
    assert stale.err.endswith("1 file would change\n")
    assert {p: p.stat().st_mtime_ns for p in out.iterdir()} == before


def test_check_without_output_only_converts() -> None:
    ran = run(CMD, "-t", TOY, "--check")
    assert (ran.code, ran.out) == (Exit.CONVERTED, "")
    assert ran.err == f"{UNJUDGED}toy: 0 exact, 1 approximate, 0 refused\n"


APPROXIMATE = """
from converter.diagnostics import Diagnostic, Severity
from converter.target import Emission, Target

def emit(bound, options):
    return Emission("text\\n", (Diagnostic("T006", "almost", Severity.WARNING),))

TARGET = Target("almost", "Almost", ".almost", emit, modes=("ecs",), judges=("us",))
"""


def test_strict(tmp_path: Path) -> None:
    target = tmp_path / "almost.py"
    target.write_text(APPROXIMATE)
    ran = run(CMD, "-t", str(target))
    assert (ran.code, ran.out) == (Exit.CONVERTED, "text\n")
    assert ran.err == f"{CMD}: warning[T006]: almost\nalmost: 0 exact, 1 approximate, 0 refused\n"
    strict = run(CMD, "-t", str(target), "--strict")
    assert (strict.code, strict.out) == (Exit.REFUSED, "text\n")
    both = run(CMD, "-t", str(target), "-t", TOY)
    assert f"{CMD}: warning[T006]: almost [almost]\n" in both.err


def test_report_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("[rule]\nname = 1\n")
    ran = run("bad.toml", CMD, "-t", TOY, "-o", "out", "--report", "json")
    assert ran.code == Exit.REFUSED
    assert "report: out/report.json\n" in ran.err
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["exit"] == Exit.REFUSED
    assert report["summary"] == {"toy": {"exact": 0, "approximate": 1, "refused": 1}}
    bad, good = report["rules"]
    assert bad["artifacts"] == []
    assert [(d["code"], d["file"], d["line"], d["column"]) for d in bad["problems"]] == [
        ("F007", "bad.toml", 1, 2),
        ("F008", "bad.toml", 2, 1),
    ]
    (artifact,) = good["artifacts"]
    assert (good["name"], artifact["status"], artifact["file"]) == ("Command shell", "approximate", "out/cmd.txt")
    assert len(artifact["sha256"]) == 64


def test_report_html(tmp_path: Path) -> None:
    rule = (RULES / "cmd.toml").read_text().replace("Command shell", "<script>alert(1)</script>")
    (tmp_path / "x.toml").write_text(rule)
    (tmp_path / "bad.toml").write_text("<b>")
    page = tmp_path / "page.html"
    run(str(tmp_path), "-t", TOY, "--report", str(page))
    text = page.read_text(encoding="utf-8")
    assert "alert(1)" not in text  # what rules say is packed, and unpacked as text: tests/build/test_page.py
    assert "<b>" not in text
    index, (chunk,) = unpacked(text)["index"], unpacked(text)["chunk-0"][1:]
    assert [rule["name"] for rule in index["rules"]] == ["bad.toml", "<script>alert(1)</script>"]
    assert [rule["status"] for rule in index["rules"]] == ["r", "a"]
    assert chunk[5][0][2][0] == SENTENCE.strip()


def test_report_in_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(CMD, "-t", TOY, "--report", "html")
    assert (tmp_path / "report.html").is_file()


def test_colour_and_progress_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("x")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    arguments = (str(tmp_path), str(RULES), "-t", TOY)
    plain = run(*arguments).err
    assert "\033" not in plain
    assert "\r" not in plain
    coloured = run(*arguments, terminal=True).err
    assert "\033[1;31merror[F004]\033[0m" in coloured
    assert "[################        ] 2/3" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in run(*arguments, terminal=True).err
    monkeypatch.setenv("TERM", "dumb")
    assert "\r" not in run(*arguments, terminal=True).err


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_a_command(option: str) -> None:
    ran = run("convert", option)
    assert ran.code == Exit.CONVERTED
    for word in ("--to", "--fields", "--strict", "Exit codes: 0 converted"):
        assert word in ran.out


def test_version() -> None:
    assert run("--version").out == run("-V").out == "siemglot 0.1.0\n"


def test_help_lists_the_commands() -> None:
    for arguments in ((), ("--help",), ("-h",)):
        listed = run(*arguments).out.partition("Commands:")[2].partition("\n\n")[0].splitlines()
        names = [line.split()[0] for line in listed if line.startswith("  ") and not line.startswith("   ")]
        assert names == [
            "convert",
            "build",
            "status",
            "diff",
            "targets",
            "explain",
            "fields",
            "export",
            "verify",
            "compare",
            "evaluate",
            "test",
            "witness",
        ]


def test_shell_completes_commands_options_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    completion_init()

    def offered(*words: str) -> set[str]:
        monkeypatch.setenv("COMP_WORDS", " ".join(("siemglot", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        monkeypatch.setenv("_SIEMGLOT_COMPLETE", "complete_bash")
        return set(run().out.split())

    assert offered("") >= {"convert", "targets", "explain", "fields", "verify"}
    assert offered("ex") == {"explain", "export"}
    assert offered("explain", "A0") >= {"A01", "A03"}
    assert "--sigma-case" in offered("convert", "--sig")
    assert offered("convert", "x.toml", "--to", "sp") == {"splunk"}


def test_explain_of_a_fact_says_what_it_allows() -> None:
    ran = run("explain", "a03", "one_spelling", "F010")
    assert ran.code == Exit.CONVERTED
    assert ran.out.startswith("A03: drive_path\n\nAn assumption about data: a Windows path")
    assert "\n\nWhat it allows: A path whose drive is left open" in ran.out
    assert "\n\nA07: one_spelling\n" in ran.out
    assert "F010: query empty" in ran.out
    assert {fact.word for fact in Fact} <= set(UNLOCKS)


def test_report_of_an_unknown_kind_is_no_json() -> None:
    ran = run(CMD, "-t", TOY, "--report", "x.csv")
    assert ran.code == Exit.USAGE
    assert "error[T005]: report cannot be 'x.csv'\n  hint: use json, html, sarif, junit, github, or a file" in ran.err
    assert not Path("x.csv").exists()


def test_reports_for_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("[rule]\nname = 1\n")
    run("bad.toml", CMD, "-t", TOY, "-o", "out", "--report", "x.sarif")
    (log,) = json.loads((tmp_path / "x.sarif").read_text(encoding="utf-8"))["runs"]
    assert [one["ruleId"] for one in log["results"]] == ["F007", "F008", "T011"]
    assert log["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 1
    run("bad.toml", CMD, "-t", TOY, "-o", "out", "--report", "junit")
    assert '<testsuite name="toy" tests="2" failures="0" errors="1">' in (tmp_path / "out/report.xml").read_text()
    annotated = run("bad.toml", CMD, "-t", TOY, "-o", "out", "--report", "github").out.splitlines()
    assert annotated[0].startswith("::error file=bad.toml,line=1,endLine=1,col=2,endColumn=6,title=F007::")


def test_a_refused_rule_is_up_to_date(tmp_path: Path) -> None:
    """--check is about files; --strict is about what is in them."""
    (tmp_path / "bad.toml").write_text("[rule]\nname = 1\n")
    arguments = (str(tmp_path), CMD, "-t", TOY, "-o", str(tmp_path / "out"))
    assert run(*arguments).code == Exit.REFUSED
    assert run(*arguments, "--check").code == Exit.CONVERTED
    assert run(*arguments, "--check", "--strict").code == Exit.REFUSED
    assert run(str(tmp_path / "bad.toml"), "-t", TOY, "--check").code == Exit.REFUSED  # nothing to compare: a dry run


def test_targets() -> None:
    ran = run("targets")
    assert ran.code == Exit.CONVERTED
    assert [line.split()[0] for line in ran.out.splitlines()] == ["target", *registry.names()]


def test_explain() -> None:
    ran = run("explain", "f010", "T001")
    assert ran.code == Exit.CONVERTED
    assert ran.out.startswith("F010: query empty\n\nA rule of this type")
    assert "\n\nT001: unknown target\n" in ran.out


def test_explain_all_lists_every_code_and_fact() -> None:
    done = run("explain", "--all")
    assert done.code == 0
    listed = [line.split()[0] for line in done.out.splitlines()]
    assert listed == [*sorted(all_codes()), *sorted(fact.value for fact in Fact)]
    assert run("explain").code == Exit.USAGE


def test_every_code_is_explained() -> None:
    ran = run("explain", *all_codes())
    assert (ran.code, ran.err) == (Exit.CONVERTED, "")


def test_fields() -> None:
    assert "o365.audit" in run("fields").out
    ran = run("fields", "o365.audit", "-t", "splunk")
    assert ran.code == Exit.CONVERTED
    assert "o365.audit.OperationCount" in ran.out
    assert " sentinel " not in ran.out
    unmapped = run("fields", "o365.audit", "-t", "splunk", "--unmapped")
    assert all("none" in line for line in unmapped.out.splitlines()[1:])


def test_completion_knows_targets_and_codes() -> None:
    environment = {**os.environ, "_SIEMGLOT_COMPLETE": "complete_zsh"}
    for words, wanted in (("siemglot rule.toml --to sp", "splunk"), ("siemglot explain F01", "F010")):
        done = subprocess.run(
            [sys.executable, "-m", "converter"],
            env={**environment, "_TYPER_COMPLETE_ARGS": words},
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert wanted in done.stdout, done.stderr


def test_real_process_closed_pipe() -> None:
    """As users start it: no traceback when the reader goes away."""
    program = [sys.executable, "-m", "converter"]
    with subprocess.Popen(
        [*program, str(RULES), "-t", "python", "--fields", "ecs"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read().decode()
    assert "Traceback" not in errors
    assert process.returncode == Exit.REFUSED
