"""What Sigma's specification 2.1.0 says of the shape of a document, as JSON schemas in our own words.

Sources: https://github.com/SigmaHQ/sigma-specification, specification/sigma-rules-specification.md ("Structure",
"Components") and specification/sigma-correlation-rules-specification.md ("Correlation section", "Correlation types",
"Field `condition`", "Field `timespan`"), whose limits of lengths are those of json-schema/ beside them.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs

_TEXT: dict[str, Any] = {"type": "string"}
_NAMES = {"type": "array", "uniqueItems": True, "minItems": 1, "items": {"type": "string", "minLength": 1}}
_DATE = {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"}
_RELATED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "type": {"enum": ["derived", "obsolete", "merged", "renamed", "similar"]},
        },
    },
}
_COMMON = {
    "title": {"type": "string", "minLength": 1, "maxLength": 256},
    "id": {"type": "string", "format": "uuid"},
    "related": _RELATED,
    "name": {"type": "string", "minLength": 1, "maxLength": 256},
    "taxonomy": {"type": "string", "maxLength": 256},
    "status": {"enum": ["stable", "test", "experimental", "deprecated", "unsupported"]},
    "description": {"type": "string", "maxLength": 65_535},
    "license": _TEXT,
    "author": _TEXT,
    "references": {"type": "array", "uniqueItems": True, "items": _TEXT},
    "date": _DATE,
    "modified": _DATE,
    "falsepositives": {"type": "array", "uniqueItems": True, "items": {"type": "string", "minLength": 2}},
    "level": {"enum": ["informational", "low", "medium", "high", "critical"]},
    "tags": {
        "type": "array",
        "uniqueItems": True,
        "items": {"type": "string", "pattern": r"^[a-z0-9_-]+\.[a-z0-9._-]+$"},
    },
    "fields": {"type": "array", "uniqueItems": True, "items": _TEXT},
    "scope": {"type": "array", "uniqueItems": True, "items": {"type": "string", "minLength": 2}},
}
RULE = {
    "type": "object",
    "required": ["title", "logsource", "detection"],
    "not": {"required": ["correlation"]},
    "properties": {
        **_COMMON,
        "logsource": {
            "type": "object",
            "minProperties": 1,
            "properties": dict.fromkeys(("category", "product", "service", "definition"), _TEXT),
        },
        "detection": {
            "type": "object",
            "required": ["condition"],
            "minProperties": 2,
            "properties": {"condition": {"anyOf": [_TEXT, _NAMES]}, "timeframe": _TEXT},
        },
    },
}
_COUNT = {
    "type": "object",
    "properties": {
        **{word: {"type": "integer"} for word in ("gt", "gte", "lt", "lte", "eq", "neq")},
        "field": {"anyOf": [{"type": "string", "maxLength": 256}, _NAMES]},
        "percentile": {"type": "integer"},
    },
    "additionalProperties": False,
    "anyOf": [{"required": [word]} for word in ("gt", "gte", "lt", "lte", "eq", "neq")],
}
_COUNTING = ("event_count", "value_count", "value_sum", "value_avg", "value_percentile")
_ORDERED = ("temporal", "temporal_ordered")
CORRELATION = {
    "type": "object",
    "required": ["title", "correlation"],
    "not": {"anyOf": [{"required": ["logsource"]}, {"required": ["detection"]}]},
    "properties": {
        **_COMMON,
        "generate": {"type": "boolean"},
        "correlation": {
            "type": "object",
            "required": ["type", "rules", "timespan"],
            "properties": {
                "type": {"enum": [*_COUNTING, *_ORDERED]},
                "rules": _NAMES,
                "group-by": _NAMES,
                "timespan": {"type": "string", "maxLength": 10, "pattern": r"^[1-9]\d*[smhdwMy]$"},
                "aliases": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "additionalProperties": _TEXT},
                },
                "condition": _COUNT,
            },
            "additionalProperties": False,
            "allOf": [
                {
                    "if": {"properties": {"type": {"enum": list(_COUNTING)}}},
                    "then": {"required": ["condition"]},
                },
                {
                    "if": {"properties": {"type": {"enum": [*_COUNTING[1:]]}}},
                    "then": {"properties": {"condition": {"required": ["field"]}}},
                },
                {
                    "if": {"properties": {"type": {"enum": list(_ORDERED)}}},
                    "then": {"properties": {"rules": {"minItems": 2}}},
                },
            ],
        },
    },
}
_JUDGES = {
    True: jsonschema_rs.Draft202012Validator(CORRELATION, validate_formats=True),
    False: jsonschema_rs.Draft202012Validator(RULE, validate_formats=True),
}


def slips(document: Any) -> list[str]:
    """What is wrong with the shape of a document, with its place in it."""
    judge = _JUDGES[isinstance(document, dict) and "correlation" in document]
    found = [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in judge.iter_errors(document)
    ]
    if isinstance(document, dict) and isinstance(inner := document.get("correlation"), dict):
        aliases = inner.get("aliases", {})
        known = set(inner.get("rules", ()))
        found += [f"an alias names no rule: {rule}" for of in aliases.values() for rule in of if rule not in known]
        found += [f"an alias groups nothing: {name}" for name in aliases if name not in inner.get("group-by", ())]
    return found
