"""Expected texts in files: compared by tests, written anew by `pytest --update-golden`, never in CI."""

from __future__ import annotations

from pathlib import Path


def check_golden(path: Path, text: str, *, update: bool) -> None:
    """Compare `text` with the file, or write it."""
    if update:
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"no expected file {path.name}; write it with --update-golden and read it"
    assert text == path.read_text(encoding="utf-8")
