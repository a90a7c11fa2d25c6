"""The parser over real searches of Splunk's own detections."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.run import parse
from converter.proof.judges.spl.syntax import Generic

_ROOT = Path(__file__).resolve().parents[2]
_SHARED = (_ROOT / os.environ.get("SIEMGLOT_SHARED", "../shared")).resolve()
_DETECTIONS = _SHARED / "reference" / "splunk_detections.json"


@pytest.mark.skipif(not _DETECTIONS.exists(), reason=f"no detections at {_DETECTIONS}; set SIEMGLOT_SHARED")
def test_share_of_real_searches_parsed(capsys: pytest.CaptureFixture[str]) -> None:
    searches = [entry["search"] for entry in json.loads(_DETECTIONS.read_text(encoding="utf-8"))]
    failed: list[str] = []
    generic = 0
    for search in searches:
        try:
            pipeline = parse(search)
        except SplError as error:
            failed.append(str(error))
        else:
            generic += any(isinstance(command, Generic) for command in pipeline.commands)
    parsed = len(searches) - len(failed)
    with capsys.disabled():
        print(  # noqa: T201 - the share is for the log
            f"\nSPL: {parsed} of {len(searches)} searches parsed ({parsed / len(searches):.1%}), {generic} of them hold a command that is not executed"
        )
    assert parsed / len(searches) > 0.98, failed[:10]
