"""The state of a run on disk: what is kept, and what is said where it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.diagnostics.errors import ConverterError
from converter.engine.state import Place, StateFile


def test_what_was_saved_last_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "state"
    first = StateFile(path, "rules")
    assert first.load() is None
    first.save(Place(file=1, items=5), {"seen": [1]})
    first.save(Place(file=1, items=9, output=80, alerts=2, broken=1), {"seen": [2]})
    first.close()
    again = StateFile(path, "rules")
    assert again.load() == (Place(file=1, items=9, output=80, alerts=2, broken=1), {"seen": [2]})
    again.close()


def said(error: ConverterError) -> list[tuple[str, str]]:
    return [(str(d.code), d.message) for d in error.diagnostics]


def test_error_a_state_of_other_rules(tmp_path: Path) -> None:
    first = StateFile(tmp_path / "state", "rules")
    first.save(Place(), {})
    first.close()
    other = StateFile(tmp_path / "state", "others")
    with pytest.raises(ConverterError) as caught:
        other.load()
    assert said(caught.value) == [("V006", "the state is of other rules or options")]
    other.close()


def test_error_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConverterError) as caught:
        StateFile(tmp_path / "none" / "state", "rules")
    assert said(caught.value) == [("V007", "the state cannot be written: unable to open database file")]


def test_error_a_state_whose_table_was_made_by_another(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "state"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE state (other TEXT)")
    base.commit()
    base.close()
    state = StateFile(path, "rules")
    with pytest.raises(ConverterError) as caught:
        state.load()
    assert said(caught.value) == [("V007", "the state cannot be written: no such column: name")]
    with pytest.raises(ConverterError) as caught:
        state.save(Place(), {})
    assert said(caught.value) == [
        ("V007", "the state cannot be written: table state has 1 columns but 2 values were supplied")
    ]
    state.close()
