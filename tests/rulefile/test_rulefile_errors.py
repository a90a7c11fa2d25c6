"""The whole rendered text of what is wrong with a rule file, one expected file a slip."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import check_golden

from converter import rulefile
from converter.diagnostics.catalogue import lookup
from converter.diagnostics.errors import RuleFileError

CASES = Path(__file__).parent.parent / "errors" / "rulefile"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda p: p.stem)
def test_error_rule_file(path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    monkeypatch.chdir(CASES)
    try:
        (slips,) = rulefile.read_file(Path(path.name), strict=True).broken
    except RuleFileError as error:
        slips = error.diagnostics
    for diagnostic in slips:
        assert lookup(diagnostic.code)
        assert diagnostic.place.startswith(path.name)
    check_golden(path.with_suffix(".txt"), f"{RuleFileError(slips)}\n", update=update_golden)


def test_error_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match=r"x\.toml: error\[F001\]: the file cannot be read: no such file"):
        rulefile.read_path(tmp_path / "x.toml")


def test_error_directory(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match=r"F001.*it is a directory"):
        rulefile.read_path(tmp_path)


def test_error_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"#" * (rulefile.LARGEST_FILE + 1))
    with pytest.raises(RuleFileError, match=r"F002.*larger than 20 MB"):
        rulefile.read_path(path)


def test_error_text_too_large() -> None:
    with pytest.raises(RuleFileError, match="F002"):
        rulefile.read_text("#" * (rulefile.LARGEST_FILE + 1), "x")
