"""The whole rendered text of what is wrong with a Sigma document, one expected file a slip."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import check_golden

from converter import api
from converter.diagnostics.catalogue import lookup
from converter.diagnostics.errors import ConverterError

CASES = Path(__file__).parent.parent / "errors" / "sigma"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yml")), ids=lambda p: p.stem)
def test_error_sigma_document(path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    monkeypatch.chdir(CASES)
    with pytest.raises(ConverterError) as caught:
        api.read_rule(Path(path.name))
    for diagnostic in caught.value.diagnostics:
        assert lookup(diagnostic.code)
        assert diagnostic.place.startswith(f"{path.name}:")
    check_golden(path.with_suffix(".txt"), f"{caught.value}\n", update=update_golden)
