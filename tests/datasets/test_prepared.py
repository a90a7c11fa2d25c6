"""Prepared tables are the tables of the YAML files, and never older than these."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from converter.datasets.reading import catalogue, kept, prepared
from converter.datasets.reading.load import read_table
from converter.datasets.reading.table import Table

SMALL = "network_icmp.yaml"


def plain(table: Table) -> dict[str, object]:
    """All that a table holds, spans and files too, which equality leaves out."""
    entries = {path: (e, e.span, e.source, _spans(e.places)) for path, e in table.entries.items()}
    return {
        "own": {name: getattr(table, name) for name in ("name", "title", "family", "selector", "rank", "watches")},
        "places": {platform: [(p, p.span) for p in places] for platform, places in table.places.items()},
        "rest": (table.evidence, table.source, table.facts),
        "entries": entries,
    }


def _spans(places: object) -> object:
    assert hasattr(places, "items")
    return {
        (platform, name): (part.span, list(part.values.items()))
        for platform, parts in places.items()
        for name, part in parts.items()
    }


@pytest.mark.parametrize("file", ["network_icmp.yaml", "endpoint_process_windows.yaml", "aws_cloudtrail.yaml"])
def test_a_prepared_table_is_the_table(file: str) -> None:
    assert plain(prepared.table(file)) == plain(read_table(file))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(kept, "PREPARED", tmp_path / "prepared")
    yield tmp_path / "prepared"
    catalogue.builtin.cache_clear()


def test_what_is_made_is_kept_until_its_sources_change(folder: Path) -> None:
    made = []

    def make() -> dict[str, object]:
        made.append(1)
        return {"content": len(made)}

    assert kept.kept("x.json", "a", make)["content"] == 1
    assert kept.kept("x.json", "a", make)["content"] == 1
    assert kept.kept("x.json", "b", make)["content"] == 2
    (folder / "x.json").write_text('{"key": "b", "cont', encoding="utf-8")
    assert kept.kept("x.json", "b", make)["content"] == 3
    assert [path.name for path in folder.iterdir()] == ["x.json"]


def test_a_folder_that_cannot_be_written_is_done_without(folder: Path) -> None:
    folder.write_text("a file where the folder would be", encoding="utf-8")
    assert prepared.table(SMALL).name == read_table(SMALL).name
    assert prepared.table(SMALL).entries.keys() == read_table(SMALL).entries.keys()


def test_a_changed_table_has_another_sum() -> None:
    content = (prepared.FOLDER / SMALL).read_bytes()
    assert prepared.sums()[SMALL] == prepared.sum_of(SMALL, content)
    changed = (content + b"#", content[:-1] + b"#", content[1:2] + content[:1] + content[2:])
    assert prepared.sum_of(SMALL, content) not in {prepared.sum_of(SMALL, one) for one in changed}


def test_the_catalogue_knows_the_fields_that_its_tables_declare() -> None:
    known = catalogue.builtin()
    whole = catalogue.Catalogue([catalogue.listing(known.table(one.name), one.file) for one in known.listings[:4]])
    paths = [field[0] for one in whole.listings for field in one.fields or () if "*" not in field[0]]
    assert paths
    for one in known.listings[:4]:
        assert list(map(tuple, one.declared())) == list(catalogue.listing(known.table(one.name)).fields or ())
    assert all(known.schema.info(path).declared for path in paths)
