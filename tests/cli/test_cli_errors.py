"""What the command line says when something is wrong, word by word, and the exit code it leaves with."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command import run
from golden import check_golden

from converter.cli.exit import Exit

ERRORS = Path(__file__).parent.parent / "errors"
RULES = Path(__file__).parent / "rules"
QUERIES = sorted((ERRORS / "query").glob("*.toml"))


@pytest.mark.parametrize("path", QUERIES, ids=lambda p: p.stem)
def test_error_query(path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    monkeypatch.chdir(path.parent)
    ran = run(path.name, "-t", "splunk", "-q")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert "Traceback" not in ran.err
    check_golden(path.with_suffix(".txt"), ran.err, update=update_golden)


USAGE = {
    "no_target": ["cmd.toml"],
    "unknown_target": ["cmd.toml", "-t", "spunk"],
    "two_unknown_targets": ["cmd.toml", "-t", "splunk,qradar", "-t", "elk"],
    "unknown_fields": ["cmd.toml", "-t", "splunk", "--fields", "cmi"],
    "unknown_unmapped": ["cmd.toml", "-t", "splunk", "--unmapped", "guess"],
    "unknown_format": ["cmd.toml", "-t", "splunk", "--format", "xml"],
    "several_in_a_format": ["cmd.toml", "deep", "-t", "splunk", "--format", "savedsearches"],
    "unknown_new_terms": ["cmd.toml", "-t", "splunk", "--new-terms", "x"],
    "missing_mapping": ["cmd.toml", "-t", "splunk", "--mapping", "nowhere.yaml"],
    "missing_path": ["nowhere.toml", "-t", "splunk"],
    "directory_without_rules": ["empty", "-t", "splunk"],
    "several_to_one_file": ["cmd.toml", "deep", "-t", "splunk", "-o", "cmd.toml"],
    "targets_to_one_file": ["cmd.toml", "-t", "splunk", "-t", "sentinel", "-o", "cmd.toml"],
    "missing_target_file": ["cmd.toml", "-t", "nowhere.py"],
    "broken_target_file": ["cmd.toml", "-t", "broken.py"],
    "target_file_without_target": ["cmd.toml", "-t", "none.py"],
    "unknown_code": ["explain", "K999"],
    "unknown_dataset": ["fields", "nowhere"],
    "dataset_without_target": ["fields", "o365.audit", "-t", "nowhere"],
}


@pytest.mark.parametrize("name", USAGE)
def test_error_usage(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "deep").mkdir()
    for rule in RULES.rglob("*.toml"):
        tmp_path.joinpath(rule.relative_to(RULES)).write_bytes(rule.read_bytes())
    (tmp_path / "broken.py").write_text("1 / 0\n")
    (tmp_path / "none.py").write_text("TARGET = 3\n")
    before = (tmp_path / "cmd.toml").read_bytes()
    ran = run(*USAGE[name])
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert (tmp_path / "cmd.toml").read_bytes() == before
    check_golden(ERRORS / "cli" / f"{name}.txt", ran.err, update=update_golden)


@pytest.mark.parametrize("arguments", [["--nonsense"], ["cmd.toml", "-t"], ["convert"], ["verify"]], ids=" ".join)
def test_error_command_line(arguments: list[str]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert "Error" in ran.err or "error" in ran.err
    assert "Traceback" not in ran.err


def rule_with(query: str) -> bytes:
    return f"[rule]\nname = \"A rule\"\ntype = \"query\"\nquery = '''\n{query}\n'''\n".encode()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("process.name: (" + " or ".join(f"value{i}" for i in range(850_000)) + ")", "K003"),
        ("(" * 10_000 + "a: b" + ")" * 10_000, "K002"),
        ("a: { " * 10_000 + "b: c" + " }" * 10_000, "K002"),
    ],
    ids=["ten megabytes", "parentheses", "braces"],
)
def test_error_excessive_query(query: str, code: str) -> None:
    ran = run("-", "-t", "splunk", stdin=rule_with(query))
    assert ran.code == Exit.REFUSED
    assert ran.err.startswith("<stdin>:5:")
    assert f"error[{code}]" in ran.err
    assert "^" in ran.err
    assert "hint: " in ran.err
    assert len(ran.err) < 2000


def test_error_stdin_not_text() -> None:
    ran = run("-", "-t", "splunk", stdin=b"[rule]\nname = '\xff'")
    assert (ran.code, ran.out) == (Exit.REFUSED, "")
    assert ran.err.startswith("<stdin>:2:9: error[F003]: byte 0xff is not UTF-8 text\n")


def test_error_stdin_too_large() -> None:
    ran = run("-", "-t", "splunk", stdin=b"#" * 20_000_001)
    assert ran.code == Exit.REFUSED
    assert "<stdin>: error[F002]" in ran.err


def test_bad_rules_do_not_stop_good_ones(tmp_path: Path) -> None:
    for number, text in enumerate((b"\xff", b"[rule", rule_with("a: ("), rule_with("a: b"))):
        (tmp_path / f"{number}.toml").write_bytes(text)
    out = tmp_path / "out"
    ran = run(str(tmp_path), str(tmp_path / "nowhere"), "-t", "python", "--fields", "ecs", "-o", str(out))
    assert ran.code == Exit.USAGE
    assert [p.name for p in out.iterdir()] == ["3.py"]
    assert [code for code in ("F001", "F003", "F004", "K001") if code in ran.err] == ["F001", "F003", "F004", "K001"]
    assert "python: 1 exact, 0 approximate, 3 refused" in ran.err


BROKEN = """
from converter.target import Target

def emit(bound, options):
    raise KeyError("of ours")

TARGET = Target("broken", "Fails", ".x", emit, modes=("ecs",))
"""


def test_error_internal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_target.py").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    ran = run(str(RULES / "cmd.toml"), "-t", "broken_target.py", "-t", "python", "--fields", "ecs")
    assert ran.code == Exit.INTERNAL
    assert "error[X001]: internal error while converting" in ran.err
    assert "KeyError: 'of ours'" in ran.err
    assert "SIEMGLOT_DEBUG=1" in ran.err
    assert "Traceback" not in ran.err
    assert "def matches" in ran.out
    monkeypatch.setenv("SIEMGLOT_DEBUG", "1")
    assert "Traceback" in run(str(RULES / "cmd.toml"), "-t", "broken_target.py", "--fields", "ecs").err


def test_error_internal_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_path: object) -> object:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("converter.api.understand", fails)
    ran = run(str(RULES / "cmd.toml"), "-t", "python")
    assert ran.code == Exit.INTERNAL
    assert "error[X001]: internal error while reading" in ran.err


def test_error_internal_in_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> object:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("converter.cli.inspection.targets", fails)
    ran = run("targets")
    assert (ran.code, ran.out) == (Exit.INTERNAL, "")
    assert ran.err.startswith("error[X001]: internal error while running the command: ZeroDivisionError: of ours\n")
    monkeypatch.setenv("SIEMGLOT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("targets")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_error_output_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    ran = run(str(RULES / "cmd.toml"), "-t", "python", "-o", str(tmp_path / "out"))
    assert ran.code == Exit.USAGE
    assert "error[F022]: cannot be written: permission denied" in ran.err


def test_error_output_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = run(str(RULES), "-t", "python", "--fields", "ecs", "-o", str(tmp_path / "file" / "out"))
    assert ran.code == Exit.USAGE
    assert "error[F022]: cannot be written: not a directory" in ran.err


def test_error_artifact_in_place_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "cmd.py").mkdir()
    ran = run(str(RULES / "cmd.toml"), "-t", "python", "--fields", "ecs", "-o", str(tmp_path))
    assert ran.code == Exit.USAGE
    assert "cmd.py: error[F022]: cannot be written: is a directory" in ran.err
    assert [p.name for p in tmp_path.iterdir()] == ["cmd.py"]


def test_error_names_that_differ_in_case_only(tmp_path: Path) -> None:
    """Where a file system takes them for one, one artifact would be lost."""
    for name in ("x.toml", "X.toml"):
        (tmp_path / name).write_bytes(rule_with("a: b"))
    ran = run(str(tmp_path), "-t", "python", "--fields", "ecs", "-o", str(tmp_path / "out"))
    assert ran.code == Exit.REFUSED
    assert ran.err.count("error[F023]") == 1
    assert len(list((tmp_path / "out").glob("*.py"))) == 1


def test_a_name_of_a_device_is_no_file_name(tmp_path: Path) -> None:
    rules = [{"type": "query", "name": name, "query": "a: b", "language": "kuery"} for name in ("CON", "lpt1", "con2")]
    (tmp_path / "r.ndjson").write_text("\n".join(map(json.dumps, rules)))
    assert run(str(tmp_path / "r.ndjson"), "-t", "python", "--fields", "ecs", "-o", str(tmp_path / "out")).code == 0
    assert sorted(p.name for p in (tmp_path / "out").glob("*.py")) == ["con2.py", "con_rule.py", "lpt1_rule.py"]


def test_error_two_rules_one_file(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.toml").write_bytes(rule_with("a: b"))
    out = tmp_path / "out"
    ran = run(str(tmp_path / "a"), str(tmp_path / "b"), "-t", "python,splunk", "--fields", "ecs", "-o", str(out))
    assert ran.code == Exit.REFUSED
    assert ran.err.count("error[F023]") == 1
    assert sorted(p.name for p in out.iterdir()) == ["x.py", "x.spl"]
