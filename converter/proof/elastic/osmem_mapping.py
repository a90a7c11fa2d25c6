"""Index mappings for the in-memory server from {field path: Elasticsearch type}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, cast

FieldType: TypeAlias = "str | Mapping[str, object]"

# Types of Elasticsearch that the server has under another name or that differ in nothing a query can see.
_SAME_AS = {
    "flattened": "flat_object",
    "match_only_text": "text",
    "constant_keyword": "keyword",
    "counted_keyword": "keyword",
    "scaled_float": "double",
    # `version` orders by its parts: ranges on it are not judged here, equality is.
    "version": "keyword",
    "group": "object",
}
_CONTAINERS = ("object", "nested")
_FIELD_LIMIT = 20_000  # ECS alone has more than the 1,000 of the default

# K14: runs of letters, digits, _ and - are the tokens, lower-cased. The integration says so with a pattern analyzer
# of [\W&&[^-]]+; the server's own pattern tokenizer finds no token in a match query (0.1.6), so the same set of
# separators becomes blanks first.
_POWERSHELL_ANALYSIS = {
    "char_filter": {"separators": {"type": "pattern_replace", "pattern": "[^a-zA-Z0-9_-]+", "replacement": " "}},
    "analyzer": {
        "powershell_script": {
            "type": "custom",
            "char_filter": ["separators"],
            "tokenizer": "whitespace",
            "filter": ["lowercase"],
        }
    },
}
_CASELESS_SUFFIX = ".caseless"  # ECS multi-fields of this name hold the lower-cased keyword
_POWERSHELL_FIELD = "powershell.file.script_block_text"


def index_body(fields: Mapping[str, FieldType], *, dynamic: bool) -> dict[str, object]:
    """The body of a create-index request: nested properties, multi-fields where a scalar has children."""
    root: dict[str, object] = {"dynamic": dynamic, "properties": {}}
    for path in sorted(fields):
        _place(root, path.split("."), 0, fields)
    settings = {"analysis": _POWERSHELL_ANALYSIS, "index": {"mapping": {"total_fields": {"limit": _FIELD_LIMIT}}}}
    return {"settings": settings, "mappings": root}


def _place(node: dict[str, object], parts: list[str], depth: int, fields: Mapping[str, FieldType]) -> None:
    kind = node.get("type")
    if kind == "flat_object":
        return  # a key inside of a flattened field is part of it
    slot = "fields" if kind is not None and kind not in _CONTAINERS else "properties"
    children = cast("dict[str, dict[str, object]]", node.setdefault(slot, {}))
    child = children.setdefault(parts[depth], {})
    path = ".".join(parts[: depth + 1])
    if not child and path in fields:
        child.update(_definition(path, fields[path]))
    if depth + 1 < len(parts):
        _place(child, parts, depth + 1, fields)


def _definition(path: str, declared: FieldType) -> dict[str, object]:
    definition: dict[str, object] = {"type": declared} if isinstance(declared, str) else dict(declared)
    kind = str(definition.get("type", "object"))
    definition["type"] = _SAME_AS.get(kind, kind)
    if kind == "constant_keyword":
        definition.pop("value", None)
    if path == _POWERSHELL_FIELD and definition["type"] == "text":
        definition["analyzer"] = "powershell_script"
    if path.endswith(_CASELESS_SUFFIX) and definition["type"] == "keyword":
        definition["normalizer"] = "lowercase"
    return definition
