"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): messages at their places, for code scanning."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from urllib.parse import quote

from converter import __version__
from converter.build.changes import Change
from converter.build.record import Built, Message
from converter.build.reports.findings import concerned
from converter.build.run import Build
from converter.diagnostics.catalogue import all_codes

_LEVELS = {"error": "error", "warning": "warning", "advice": "note", "note": "none"}
_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def report(build: Build, changes: Sequence[Change]) -> str:
    """The log as JSON text; notes, which say what an exact artifact rests on, are left out."""
    del changes
    said = sorted({m.code for rule in build.rules for m in rule.messages if m.severity != "note"})
    number = {code: n for n, code in enumerate(said)}
    document = {
        "$schema": _URI,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "siemglot", "version": __version__, "rules": [_rule(code) for code in said]}
                },
                "columnKind": "unicodeCodePoints",
                "results": [one for rule in build.rules for one in _results(rule, number, len(build.plan.products))],
            }
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _rule(code: str) -> dict[str, object]:
    entry = all_codes().get(code)
    if entry is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": entry.summary},
        "fullDescription": {"text": entry.meaning},
        "help": {"text": entry.remedy},
    }


def _results(rule: Built, number: dict[str, int], targets: int) -> Iterator[dict[str, object]]:
    for n, message in enumerate(rule.messages):
        if message.severity == "note":
            continue
        names = concerned(rule, n, targets)
        text = f"{message.message} [{', '.join(names)}]" if names else message.message
        yield {
            "ruleId": message.code,
            "ruleIndex": number[message.code],
            "level": _LEVELS[message.severity],
            "message": {"text": f"{text}\n{message.hint}" if message.hint else text},
            "locations": [{"physicalLocation": _location(message, rule)}],
            "partialFingerprints": {"siemglot/v1": _fingerprint(rule, message)},
        }


def _location(message: Message, rule: Built) -> dict[str, object]:
    found: dict[str, object] = {"artifactLocation": {"uri": uri(message.file or rule.path)}}
    place = message.place
    if place.line and message.file == rule.path:
        found["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    return found


def uri(path: str) -> str:
    """A path as a reference that SARIF takes."""
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(os.fsencode(pure.as_posix()))


def _fingerprint(rule: Built, message: Message) -> str:
    """The same for a finding of the same rule, wherever it moves in the file."""
    seed = f"{rule.key}\0{message.code}\0{message.message}"
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:32]
