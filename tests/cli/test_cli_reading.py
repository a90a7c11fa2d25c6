"""What the command line says of files that hold no rules, and of faults of ours: one stops no other file."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run

from converter import api
from converter.cli.exit import Exit
from converter.model.rule import Rule
from converter.rulefile import read_collection

RULE = "[rule]\nname = '{0}'\ntype = 'query'\nlanguage = 'kuery'\nquery = 'process.name: {0}'\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("good", "other"):
        (tmp_path / f"{name}.toml").write_text(RULE.format(name))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ('{"exported_rules_count":0,"missing_rules":[]}', "nothing at all"),
        ('{"type":"action","id":"1"}', "actions and connectors"),
    ],
)
def test_error_an_export_without_a_rule(folder: Path, text: str, held: str) -> None:
    (folder / "a.ndjson").write_text(text + "\n")
    ran = run("a.ndjson", "good.toml", "-t", "splunk", "-q")
    assert ran.code == Exit.REFUSED
    assert ran.err.startswith(
        f"a.ndjson: error[F006]: there is no rule in it ({held})\n"
        "  hint: give a rule file, an export, or a folder with such files\n"
    )
    assert "process.name" in ran.out


def test_files_of_a_folder_that_are_no_rules_are_counted(folder: Path) -> None:
    (folder / "binary.yml").write_bytes(b"\x00\x01")
    (folder / "broken.yaml").write_text("x: [")
    (folder / "notes.json").write_text("{")
    ran = run(".", "-t", "splunk", "-o", "out")
    assert ran.code == Exit.CONVERTED
    assert "beside rules: 3 files that are no text of rules\n" in ran.err
    assert "error[" not in ran.err


def test_error_a_fault_in_reading_stops_no_other_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(text: str, name: str, *, strict: bool) -> object:
        if name == "other.toml":
            raise ZeroDivisionError("by us")
        return read_collection(text, name, strict=strict)

    monkeypatch.setattr("converter.rulefile.collection.read_collection", faulty)
    ran = run(".", "-t", "splunk", "-o", "out")
    assert ran.code == Exit.INTERNAL
    assert "error[X001]: internal error while reading other.toml" in ran.err
    assert [path.name for path in (folder / "out").glob("*.spl")] == ["good.spl"]
    (folder / "e.ndjson").write_text('{"process":{"name":"good"}}\n')
    ran = run("verify", ".", "--events", "e.ndjson", "-t", "python")
    assert ran.code == Exit.INTERNAL
    assert "error[X001]: internal error while" in ran.err
    assert ran.out.startswith("good: ")


def test_error_a_fault_in_converting_stops_no_other_rule(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = api.convert

    def faulty(rule: Rule, *arguments: object, **choices: object) -> object:
        if rule.meta.name == "other":
            raise ZeroDivisionError("by us")
        return real(rule, *arguments, **choices)  # type: ignore[arg-type]

    monkeypatch.setattr(api, "convert", faulty)
    ran = run(".", "-t", "splunk", "-o", "out")
    assert ran.code == Exit.INTERNAL
    assert "error[X001]: internal error while converting other.toml to splunk" in ran.err
    assert [path.name for path in (folder / "out").glob("*.spl")] == ["good.spl"]


def test_error_a_report_of_verify_that_cannot_be_written(folder: Path) -> None:
    assert folder.is_dir()
    ran = run("verify", "good.toml", "--html", "other.toml/page.html")
    assert ran.code == Exit.USAGE
    assert "other.toml/page.html: error[F022]: " in ran.err
