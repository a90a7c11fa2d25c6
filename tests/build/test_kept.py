"""What a build keeps of itself: paths that no two files share, and a lock that is what a build writes or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.build import lock
from converter.build.layout import Layout
from converter.diagnostics.errors import RuleFileError


def test_no_two_files_have_one_path() -> None:
    """Nor paths that a file system may take for one: letters' case, and how a letter is composed."""
    layout = Layout({})
    assert layout.put("a.b/x.spl", b"1") == "a.b/x.spl"
    assert layout.put("a.b/x.spl", b"1") == "a.b/x.spl"
    assert layout.put("a.b/x.spl", b"2") == "a.b/x_2.spl"
    assert layout.put("a.b/X.spl", b"3") == "a.b/X_3.spl"
    assert layout.put("a.b/x_2.spl", b"4") == "a.b/x_2_2.spl"
    assert layout.put("a.b/\u00e9.yml", b"5") == "a.b/\u00e9.yml"
    assert layout.put("a.b/e\u0301.yml", b"6") == "a.b/e\u0301_2.yml"
    assert layout.put("a.b/LICENSE", b"7") == "a.b/LICENSE"
    assert layout.put("a.b/License", b"8") == "a.b/License_2"
    assert layout.put("a.b/.keep", b"") == "a.b/.keep"
    assert sorted(layout.files.values()) == [b"", *(str(n).encode() for n in range(1, 9))]


RULE = {
    "path": "a.toml",
    "rule_id": "i",
    "name": "n",
    "source": "s",
    "metadata": "m",
    "meaning": ["an event"],
    "outputs": {"splunk": {"status": "exact", "codes": [], "path": "splunk/a.spl", "sha256": "0"}},
}
WHOLE = {"lock": lock.VERSION, "made by": {"siemglot": "0"}, "rules": [RULE], "files": {"splunk/a.spl": "0"}}
SHAPE = "error[B001]: it has not the shape that a build writes"


def read(folder: Path, text: bytes) -> str:
    path = folder / "siemglot.lock"
    path.write_bytes(text)
    with pytest.raises(RuleFileError) as caught:
        lock.read(path)
    return str(caught.value).replace(path.as_posix(), "LOCK")


def with_rule(**changed: object) -> bytes:
    return json.dumps({**WHOLE, "rules": [{**RULE, **changed}]}).encode()


def test_a_lock_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "siemglot.lock"
    path.write_text(json.dumps(WHOLE))
    found = lock.read(path)
    assert found is not None
    assert json.loads(lock.text(found)) == WHOLE
    assert lock.read(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff", "LOCK: error[B001]: it is no JSON text"),
        (b"[" * 200_000, "LOCK: error[B001]: it is no JSON text"),
        (b"{", "LOCK:1:2: error[B001]: it is no JSON: Expecting property name enclosed in double quotes\n   |\n 1 | {\n   |  ^"),
        (b"[]", f"LOCK: error[B001]: it is no lock of version {lock.VERSION}"),
        (json.dumps({**WHOLE, "lock": 0}).encode(), f"LOCK: error[B001]: it is no lock of version {lock.VERSION}"),
        (json.dumps({**WHOLE, "files": []}).encode(), f"LOCK: {SHAPE}"),
        (json.dumps({**WHOLE, "files": {"a": 5}}).encode(), f"LOCK: {SHAPE}"),
        (json.dumps({**WHOLE, "rules": [5]}).encode(), f"LOCK: {SHAPE}"),
        (with_rule(outputs=[]), f"LOCK: {SHAPE}"),
        (with_rule(meaning="x"), f"LOCK: {SHAPE}"),
        (with_rule(name=5), f"LOCK: {SHAPE}"),
        (with_rule(outputs={"splunk": {**RULE["outputs"]["splunk"], "status": "good"}}), f"LOCK: {SHAPE}"),  # type: ignore[index]
        (with_rule(outputs={"splunk": {**RULE["outputs"]["splunk"], "codes": "x"}}), f"LOCK: {SHAPE}"),  # type: ignore[index]
        (
            json.dumps({**WHOLE, "files": {"/etc/x": "0"}}).encode(),
            "LOCK: error[B003]: it names the file '/etc/x', which is not below its folder",
        ),
    ],
)  # fmt: skip
def test_error_what_is_no_lock(tmp_path: Path, text: bytes, said: str) -> None:
    assert read(tmp_path, text) == said


def test_error_a_lock_that_is_too_large_or_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_LARGEST", 100)
    assert read(tmp_path, b" " * 101) == "LOCK: error[B001]: it is larger than any that a build writes"
    with pytest.raises(RuleFileError, match=r"B001.*it cannot be read: is a directory"):
        lock.read(tmp_path)
