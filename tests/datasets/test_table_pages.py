from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from converter.datasets.reading import page
from converter.datasets.reading.load import FOLDER, load_table

DOCS = Path(__file__).resolve().parents[2] / "docs" / "datasets"
SCHEMA = FOLDER.parent / "schema.json"


def test_pages_are_current() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert written == page.pages(), "run: make tables"


def test_page_shows_every_kind_of_counterpart() -> None:
    table = load_table(
        """
dataset: d
title: "A | b"
match: {index: [logs-d*], os: [linux]}
evidence: {E: some page}
platforms:
  box: {a: {header: {table: A}, base: 'x == "1"', note: one}, b: {header: {table: B}, mode: alt, guess: true}}
fields:
  f.one: {box: exact One, ev: [E]}
  f.two:
    type: long
    many: true
    values: {a: ["1", "2"], b: true, c: {when: 'x == "2"'}, d: {none: why}, e: false, f: {none: ""}}
    box: {places: {a: values Two, b: {status: elements, to: L, member: M, guess: true}}}
  f.three: {box: {status: expr, expr: "a(`b|c`)"}, note: "a | note"}
""",
        "d.yaml",
    )
    text = page.page(table)
    assert "# A | b" in text
    assert '- box **a**: table `A`, where `x == "1"`. one' in text
    assert "- box **b** (`--fields alt`): table `B` (not verified)" in text
    assert "| `f.one` | keyword | `One` |  | E |" in text
    assert '`a` → `1`, `2`; `b` → always; `c` → when `x == "2"`; `d` → no counterpart: why; `e` → never' in text
    assert "b: *elements* `L` each `M` (not verified)" in text
    assert "`` a(`b\\|c`) ``" in text
    assert "a \\| note" in text


def test_main_writes_the_pages(tmp_path: Path) -> None:
    assert page.main([str(tmp_path / "pages")]) == 0
    assert {p.name for p in (tmp_path / "pages").iterdir()} == set(page.pages())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.stem)
def test_tables_fit_the_json_schema(path: Path) -> None:
    schema = pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is not installed")
    validator = schema.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))
    errors = [f"{'/'.join(map(str, e.instance_path))}: {e.message}" for e in validator.iter_errors(_texts(path))]
    assert errors == []


def test_error_schema_refuses_unknown_keys() -> None:
    schema = pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is not installed")
    validator = schema.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))
    good = {"dataset": "d", "title": "t", "fields": {"a": {"box": "exact B"}}}
    assert validator.is_valid(good)
    for bad in (
        {**good, "colour": "red"},
        {"dataset": "d", "title": "t"},
        {**good, "fields": {"a": {"box": "exactly B"}}},
        {**good, "fields": {"a": {"box": {"status": "exact", "colour": "red"}}}},
    ):
        assert not validator.is_valid(bad), bad


def _texts(path: Path) -> object:
    """The document with plain scalars as YAML reads them; keys as text."""

    def keys(value: object) -> object:
        if isinstance(value, dict):
            names = {True: "true", False: "false"}
            return {names.get(k, str(k)) if not isinstance(k, str) else k: keys(v) for k, v in value.items()}
        return [keys(v) for v in value] if isinstance(value, list) else value

    return keys(yaml.safe_load(path.read_text(encoding="utf-8")))
