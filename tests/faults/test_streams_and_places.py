"""What the system refuses: streams that are closed or full, pipes, links, names, folders. Nothing is lost or silent."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from converter.build.files import write
from converter.cli.inputs import collect
from converter.diagnostics import render

SEED = next((Path(__file__).parents[2] / "rules" / "elastic").glob("*.toml"))
pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and users as POSIX has them")


def run(*arguments: str, redirect: str = "") -> tuple[int, str, str]:
    """The command line in a process of its own; `redirect` is the shell's."""
    command = f'exec "$0" -m converter "$@" {redirect}'
    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(SEED.parents[2])},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", [("convert", str(SEED), "--to", "python"), ("targets",)])
@pytest.mark.parametrize(
    ("redirect", "said"),
    [
        (">&-", "<stdout>: error[F022]: standard output is closed\n"),
        (">/dev/full", "<stdout>: error[F022]: cannot be written: no space left on device\n"),
    ],
)
def test_output_that_cannot_be_written(command: Sequence[str], redirect: str, said: str) -> None:
    code, _, err = run(*command, redirect=redirect)
    assert code == 2
    assert err.startswith(said)


def test_closed_input() -> None:
    code, _, err = run("convert", "-", "--to", "python", redirect="<&-")
    assert code == 1
    assert err.startswith("<stdin>: error[F001]: standard input is closed\n")


def test_closed_error_stream() -> None:
    code, out, _ = run("convert", str(SEED), "--to", "python", redirect="2>&-")
    assert code == 0
    assert "def matches(" in out


def test_an_artifact_takes_no_rule_s_place(tmp_path: Path) -> None:
    rule = tmp_path / "rule.toml"
    rule.write_bytes(SEED.read_bytes())
    code, _, err = run("convert", str(rule), "--to", "python", "-o", str(rule))
    assert code == 2
    assert f"{rule}: error[F021]: the rule would be overwritten" in err
    assert rule.read_bytes() == SEED.read_bytes()


def test_a_report_takes_no_artifact_s_place(tmp_path: Path) -> None:
    place = tmp_path / "out.json"
    code, _, err = run("convert", str(SEED), "--to", "python", "-o", str(place), "--report", str(place))
    assert code == 2
    assert f"{place}: error[F023]: the report would take the place of an artifact" in err
    assert "def matches(" in place.read_text("utf-8")


def test_a_pipe_at_an_artifact_s_place(tmp_path: Path) -> None:
    pipe = tmp_path / "out.py"
    os.mkfifo(pipe)
    code, _, err = run("convert", str(SEED), "--to", "python", "-o", str(pipe))
    assert code == 2
    assert f"{pipe}: error[F022]: cannot be written: nobody reads from the pipe" in err
    assert "wrote" not in err
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    code, _, _ = run("convert", str(SEED), "--to", "python", "-o", str(pipe))
    reader.join(30)
    assert code == 0
    assert b"def matches(" in read[0]


def test_a_pipe_named_like_a_rule(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rule.toml")
    code, _, err = run("convert", str(tmp_path), "--to", "python")
    assert code == 1
    assert "error[F001]: the file cannot be read: it is a pipe or device, not a file" in err


def test_what_a_killed_run_left_is_removed_and_no_link_is_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("safe", "utf-8")
    planted = tmp_path / "out" / f".rule.py.{os.getpid()}.siemglot"
    left = tmp_path / "out" / ".rule.py.4194304999.siemglot"
    planted.parent.mkdir()
    planted.symlink_to(victim)
    left.write_text("half", "utf-8")
    write(tmp_path / "out" / "rule.py", "whole")
    assert victim.read_text("utf-8") == "safe"
    assert [p.name for p in planted.parent.iterdir()] == ["rule.py"]
    assert not (tmp_path / "out" / "rule.py").is_symlink()


def test_a_file_that_holds_what_is_to_be_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, link = tmp_path / "rule.py", tmp_path / "link.py"
    write(place, "whole")
    os.utime(place, (1, 1))
    write(place, "whole")
    assert place.stat().st_mtime == 1
    for other in ("other", "whole text"):  # as long, and longer
        os.utime(place, (1, 1))
        write(place, other)
        assert place.read_text("utf-8") == other
        assert place.stat().st_mtime != 1
    link.symlink_to(place)
    write(link, "whole text")
    assert not link.is_symlink()
    os.utime(place, (1, 1))
    real = os.open

    def refused(path: str | Path, flags: int, mode: int = 0o777) -> int:  # root may read every file
        if Path(path) == place:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", refused)
    write(place, "whole text")
    assert place.stat().st_mtime != 1


def test_what_is_left_counts_as_written(tmp_path: Path) -> None:
    said = [run("convert", str(SEED), "--to", "python", "-o", str(tmp_path / "out"))[2] for _ in range(2)]
    assert "wrote 1 file to " in said[0]
    assert said[0] == said[1]


def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "rules" / "closed"
    closed.mkdir(parents=True)
    rule = tmp_path / "rules" / "rule.toml"
    rule.write_bytes(SEED.read_bytes())
    scandir = os.scandir

    def refused(path: str) -> object:  # root, as whom tests may run, may read every folder
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    found = collect([str(tmp_path / "rules")])
    assert [one.path for one in found.rules] == [rule]
    assert [str(render(d)) for d in found.problems] == [
        f"{closed}: error[F001]: the directory cannot be read: permission denied"
    ]


def test_names_beyond_utf8_and_of_many_bytes(tmp_path: Path) -> None:
    rules, out = tmp_path / "rules", tmp_path / "out"
    rules.mkdir()
    odd = os.fsencode(rules) + b"/b\xff\x1b[2J.toml"
    long = rules / ("\u89c4" * 80 + ".toml")
    for place in (os.fsdecode(odd), long):
        Path(place).write_bytes(SEED.read_bytes())
    code, _, err = run("convert", str(rules), "--to", "python", "-o", str(out), "--report", "json")
    assert code == 0
    assert "\x1b" not in err
    assert len(list(out.glob("*.py"))) == 2
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert len(report["rules"]) == 2


def test_many_slips_of_one_kind_are_counted(tmp_path: Path) -> None:
    rule = tmp_path / "rule.toml"
    slip = '[[rule.severity_mapping]]\nfield = "f"\noperator = "equals"\nseverity = "bogus"\nvalue = "v"\n'
    rule.write_text(f"{SEED.read_text('utf-8')}\n{slip * 300}", "utf-8")
    code, _, err = run("convert", str(rule), "--to", "python")
    assert code == 0
    assert err.count("advice[F009]") == 20
    assert "280 more of F009; --report has them all\n" in err
