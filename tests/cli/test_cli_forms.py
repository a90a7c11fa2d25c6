"""The command line on what people hold: an export equals its files, a folder of everything is one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import run
from exported import ITEM, LIST, OTHER, RULE, lines
from shared import SHARED, needs_shared

CORPUS = SHARED / "corpus" / "elastic-detection-rules"


def tree(folder: Path) -> dict[str, str]:
    """The artifacts below a folder by name and rule, whatever folder they are in."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".spl", ".kusto", ".yml", ".py"):
            found[path.name] = path.read_text(encoding="utf-8")
    return found


def test_a_folder_of_everything(tmp_path: Path) -> None:
    rules, exceptions = tmp_path / "in" / "rules", tmp_path / "in" / "exceptions"
    rules.mkdir(parents=True)
    exceptions.mkdir()
    (rules / "a.json").write_text(json.dumps({**RULE, "exceptions_list": [{"list_id": "vpn"}]}), encoding="utf-8")
    (exceptions / "x.ndjson").write_text(lines(LIST, ITEM), encoding="utf-8")
    (tmp_path / "in" / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    (tmp_path / "in" / "tsconfig.json").write_text("{ // comments\n}", encoding="utf-8")
    done = run("convert", str(tmp_path / "in"), "--to", "python", "-o", str(tmp_path / "out"))
    assert done.code == 0
    assert "beside rules: 1 exception, " in done.err
    assert 'not in_network(event, "source.ip"' in (tmp_path / "out" / "rules" / "a.py").read_text(encoding="utf-8")


def test_error_in_one_rule_of_an_export(tmp_path: Path) -> None:
    path = tmp_path / "e.ndjson"
    path.write_text(lines({**RULE, "query": "event.action: ("}, OTHER), encoding="utf-8")
    done = run("convert", str(path), "--to", "splunk", "-o", str(tmp_path / "out"))
    assert done.code == 1
    assert "e.ndjson:1:" in done.err
    assert [p.name for p in (tmp_path / "out").glob("*.spl")] == ["two.spl"]


def test_rules_of_one_name_have_files_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "e.ndjson"
    path.write_text(lines(RULE, {**OTHER, "name": "One"}), encoding="utf-8")
    done = run("convert", str(path), "--to", "splunk", "-o", str(tmp_path / "out"))
    assert done.code == 0
    assert len(list((tmp_path / "out").glob("*.spl"))) == 2


@pytest.mark.parametrize("form", ["toml", "ndjson"])
def test_export_writes_what_convert_reads(tmp_path: Path, form: str) -> None:
    source = tmp_path / "e.ndjson"
    source.write_text(lines(RULE, OTHER), encoding="utf-8")
    target = tmp_path / ("out.ndjson" if form == "ndjson" else "out")
    assert run("export", str(source), "--format", form, "-o", str(target)).code == 0
    for number, path in enumerate((source, target)):
        assert run("convert", str(path), "--to", "splunk", "-o", str(tmp_path / f"spl{number}")).code == 0
    assert tree(tmp_path / "spl0") == tree(tmp_path / "spl1")


@needs_shared
@pytest.mark.sweep
def test_an_export_of_the_corpus_gives_the_artifacts_of_its_files(tmp_path: Path) -> None:
    """Names of files apart, which an export does not have."""
    rules = str(CORPUS)
    assert run("export", rules, "-o", str(tmp_path / "all.ndjson")).code == 0
    run("convert", rules, "--to", "all", "-o", str(tmp_path / "toml"))
    run("convert", str(tmp_path / "all.ndjson"), "--to", "all", "-o", str(tmp_path / "ndjson"))
    files, exported = (sorted(tree(tmp_path / name).values()) for name in ("toml", "ndjson"))
    assert len(files) > 3000
    assert files == exported


def test_a_single_rule_may_be_exported_to_stdout(tmp_path: Path) -> None:
    source = tmp_path / "e.ndjson"
    source.write_text(lines(RULE), encoding="utf-8")
    done = run("export", str(source), "--format", "toml")
    assert (done.code, done.err) == (0, "exported 1 rule\n")
    again = run("export", "-", "--format", "ndjson", stdin=done.out.encode())
    assert again.code == 0
    assert json.loads(again.out.splitlines()[0])["query"] == RULE["query"]


def test_error_exports(tmp_path: Path) -> None:
    source = tmp_path / "e.ndjson"
    source.write_text(lines(RULE, OTHER), encoding="utf-8")
    several = run("export", str(source), "--format", "toml")
    assert (several.code, several.out) == (2, "")
    assert several.err == "error[F021]: 2 rule files need a directory to go to\n  hint: add -o DIR\n"
    unknown = run("export", str(source), "--format", "xml")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err == "error[T005]: format cannot be 'xml'\n  hint: use one of ndjson, toml\n"


def test_error_an_exported_rule_that_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    source = tmp_path / "e.ndjson"
    source.write_text(lines({**RULE, "type": "unheard"}, OTHER), encoding="utf-8")
    done = run("export", str(source))
    assert done.code == 1
    assert "e.ndjson:1:" in done.err
    assert done.err.endswith("exported 1 rule\n")
    assert [json.loads(line).get("name") for line in done.out.splitlines()] == ["Two", None]
