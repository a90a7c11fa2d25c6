"""siemglot.lock: what the last build was made from and what it wrote, so that the next one knows what to do.

JSON with one thing a line and in a fixed order, so that a version control system shows what changed: the lines of a
rule's meaning stand in it as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path

from converter.build.codes import B001, B003
from converter.build.files import digest, is_below
from converter.build.record import STATUSES, Built
from converter.deferred import dataclass
from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError

FILE = "siemglot.lock"
VERSION = 1
_LARGEST = 200_000_000


@dataclass(frozen=True, slots=True)
class Output:
    """What a rule became for a target: `codes` say why it is not exact.

    `path` is "" without a file of its own, `sha256` (of the text) if it is refused.
    """

    target: str
    status: str
    path: str = ""
    sha256: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Locked:
    """A rule as it was when it was built. The hashes and the meaning are those of `record.Built`."""

    path: str
    rule_id: str = ""
    name: str = ""
    source: str = ""
    metadata: str = ""
    broken: bool = False
    meaning: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def key(self) -> str:
        """What names the rule from one build to the next."""
        return self.rule_id or self.path


@dataclass(frozen=True, slots=True)
class Lock:
    """A build's memory. `made_by` has the version of siemglot and the hashes of facts and choices."""

    made_by: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Locked, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def lock(made_by: Mapping[str, str], rules: Iterable[Built], files: Mapping[str, bytes]) -> Lock:
    """The memory of a build."""
    hashes = {path: digest(data) for path, data in sorted(files.items())}
    return Lock(made_by, tuple(locked(rule) for rule in rules), hashes)


def locked(rule: Built) -> Locked:
    """A rule as a lock keeps it."""
    outputs = tuple(
        Output(made.target, made.status, made.path, _hash(made.text), _codes(rule, made.said, made.status))
        for made in rule.artifacts
    )
    facts = rule.facts
    bad = rule.broken or rule.failed
    return Locked(rule.path, facts.rule_id, facts.name, rule.source, rule.metadata, bad, rule.meaning, outputs)


def _hash(text: str) -> str:
    """That of an artifact's text, which is its file's where it has one."""
    return digest(text.encode("utf-8")) if text else ""


def _codes(rule: Built, said: Iterable[int], status: str) -> tuple[str, ...]:
    """Why an artifact is not exact."""
    bad = {"refused": "error", "approximate": "warning"}.get(status)
    return tuple(sorted({rule.messages[n].code for n in said if rule.messages[n].severity == bad}))


def text(found: Lock) -> str:
    """The file's text."""
    document = {
        "lock": VERSION,
        "made by": dict(found.made_by),
        "rules": [_as_json(rule) for rule in found.rules],
        "files": dict(found.files),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _as_json(rule: Locked) -> dict[str, object]:
    outputs = {}
    for one in rule.outputs:
        # Several artifacts of one target (one for each data set) are told apart by their path.
        key = one.target if one.target not in outputs else f"{one.target} {one.path}"
        outputs[key] = {"status": one.status, "codes": list(one.codes), "path": one.path, "sha256": one.sha256}
    document: dict[str, object] = {"path": rule.path, "rule_id": rule.rule_id, "name": rule.name}
    document |= {"source": rule.source, "metadata": rule.metadata}
    if rule.broken:
        document["broken"] = True
    return document | {"meaning": list(rule.meaning), "outputs": outputs}


def read(path: Path) -> Lock | None:
    """The lock in a file; None if there is none. Raises RuleFileError (B001, B003)."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _bad(path, f"it cannot be read: {(error.strerror or 'unknown reason').lower()}") from error
    if len(raw) > _LARGEST:
        raise _bad(path, "it is larger than any that a build writes")
    try:
        document = json.loads(raw.decode("utf-8"))
    except json.JSONDecodeError as error:
        place = Span(error.pos, error.pos + 1)
        raise RuleFileError(
            Diagnostic(B001, f"it is no JSON: {error.msg}", span=place, source=Source(path.as_posix(), error.doc))
        ) from None
    except (UnicodeDecodeError, RecursionError):
        raise _bad(path, "it is no JSON text") from None
    return _lock(document, path)


def _bad(path: Path, message: str) -> RuleFileError:
    return RuleFileError(Diagnostic(B001, message, source=Source(path.as_posix(), "")))


def _lock(document: object, path: Path) -> Lock:
    if not isinstance(document, dict) or document.get("lock") != VERSION:
        raise _bad(path, f"it is no lock of version {VERSION}")
    try:
        made_by = _texts(document["made by"])
        rules = tuple(_rule(one) for one in document["rules"])
        files = _texts(document["files"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _bad(path, "it has not the shape that a build writes") from None
    for name in files:
        if not is_below(name):
            message = f"it names the file {name!r}, which is not below its folder"
            raise RuleFileError(Diagnostic(B003, message, source=Source(path.as_posix(), "")))
    return Lock(made_by, rules, files)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError
    return {_text(key): _text(one) for key, one in value.items()}


def _rule(one: dict[str, object]) -> Locked:
    outputs = one["outputs"]
    if not isinstance(outputs, dict) or not isinstance(one["meaning"], list):
        raise TypeError
    path, rule_id, name, source, metadata = (
        _text(one[key]) for key in ("path", "rule_id", "name", "source", "metadata")
    )
    made = tuple(_output(_text(key), value) for key, value in outputs.items())
    meaning = tuple(map(_text, one["meaning"]))
    return Locked(path, rule_id, name, source, metadata, bool(one.get("broken")), meaning, made)


def _output(key: str, value: dict[str, object]) -> Output:
    codes = value["codes"]
    if value["status"] not in STATUSES or not isinstance(codes, list):
        raise ValueError
    target = key.partition(" ")[0]
    status, path, sha256 = (_text(value[name]) for name in ("status", "path", "sha256"))
    return Output(target, status, path, sha256, tuple(map(_text, codes)))
