"""`siemglot verify`: verdicts on witnesses and on events from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import run

from converter.cli.exit import Exit

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
    assert ran.out.startswith("Command shell: 2 events, 1 in alerts (reference, python): all engines agree\n")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1}\n{"a": }\n', "2:7"),
        ("[1,\n2", "2:2"),
        ("3\n", "1:1"),
        ('{"a": 1}\n[1]\n', "2:1"),
        ("[{}, 1]", "1:1"),
        ("[" * 100_000, "1:1"),
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


def test_disagreement_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from converter.proof import PythonArtifact

    run_it = PythonArtifact.run

    def inverted(self: PythonArtifact, *arguments: object) -> list[bool]:
        return [not verdict for verdict in run_it(self, *arguments)]  # type: ignore[arg-type]

    monkeypatch.setattr(PythonArtifact, "run", inverted)
    ran = run("verify", CMD)
    assert ran.code == Exit.REFUSED
    assert "first disagreement: reference and python" in ran.out
