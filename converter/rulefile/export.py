"""Rules written back: as Kibana's export (NDJSON) or as Elastic's rule files (TOML).

What was read is written: `read(write(rule))` has the same metadata. Keys keep the names of the detections API; a key
whose value is the schema's default is left out, as the API fills it in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from converter.model.duration import HOUR, MINUTE, SECOND
from converter.model.exception import ExceptionEntry, ExceptionItem
from converter.model.metadata import Filter, Metadata, Threat
from converter.rulefile.exceptions import ExceptionList

Json = object
Form = Literal["toml", "ndjson"]
_SAME = (
    *("rule_id", "name", "description", "type", "language", "query", "index", "data_view_id", "author", "license"),
    *("severity", "risk_score", "rule_name_override", "timestamp_override", "timestamp_override_fallback_disabled"),
    *("event_category_override", "tiebreaker_field", "timestamp_field", "to", "interval", "max_signals", "enabled"),
    *("building_block_type", "tags", "references", "false_positives", "note", "setup", "machine_learning_job_id"),
    *("anomaly_threshold", "timeline_id", "timeline_title", "saved_id", "version"),
)
_NEEDED = ("name", "type", "risk_score", "severity", "description")
_UNITS = ((HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))
_ORIGIN = (
    *("creation_date", "updated_date", "deprecation_date", "deprecated_reason", "maturity", "min_stack_version"),
    *("min_stack_comments", "integration", "promotion", "bypass_bbr_timing"),
)


def ndjson(rules: Iterable[Metadata], lists: Sequence[ExceptionList], items: Sequence[ExceptionItem]) -> str:
    """An export as Kibana writes it: rules, lists, items, the summary."""
    bodies = [_exported(meta) for meta in rules]
    summary = {
        "exported_count": len(bodies) + len(lists) + len(items),
        "exported_rules_count": len(bodies),
        "missing_rules": [],
        "missing_rules_count": 0,
        "exported_exception_list_count": len(lists),
        "exported_exception_list_item_count": len(items),
        "missing_exception_lists": [],
        "missing_exception_list_items": [],
    }
    known = [{"list_id": one.list_id, "name": one.name, "type": "detection"} for one in lists]
    written = [*bodies, *known, *(_item(one) for one in items), summary]
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in written)


def _exported(meta: Metadata) -> dict[str, Json]:
    """A rule with what `[metadata]` says of it in the keys of an export."""
    out = {**_dates(meta), **body(meta)}
    if meta.integration and not meta.related_integrations:
        out["related_integrations"] = [{"package": name, "version": ""} for name in meta.integration]
    return out


def toml(meta: Metadata) -> str:
    """A rule file of Elastic's repository."""
    origin = {key: value for key in _ORIGIN if (value := getattr(meta, key)) not in ("", (), None, False)}
    parts = {"metadata": _plain(origin), "rule": body(meta)}
    if meta.transform:
        parts["transform"] = json.loads(meta.transform)
    return "\n".join(_table((name,), _without_nulls(value)) for name, value in parts.items() if value)


def body(meta: Metadata) -> dict[str, Json]:
    """The rule as the body of the detections API."""
    default = Metadata(meta.name, meta.type)
    out: dict[str, Json] = {}
    for key in _SAME:
        value = getattr(meta, key)
        if key in _NEEDED or value != getattr(default, key):
            out[key] = _plain(value)
    if meta.from_ != default.from_:
        out["from"] = meta.from_
    out |= {key: value for key, value in _parts(meta) if value}
    out |= {key: json.loads(text) for key, text in meta.exported}
    return out


def _dates(meta: Metadata) -> dict[str, Json]:
    """When the rule was made and changed, in the keys of an export, which has no `[metadata]`."""
    days = {"created_at": meta.creation_date, "updated_at": meta.updated_date}
    return {key: f"{day.replace('/', '-')}T00:00:00.000Z" for key, day in days.items() if day}


def _parts(meta: Metadata) -> Iterable[tuple[str, Json]]:
    yield "threat", [_threat(one) for one in meta.threat]
    yield "filters", [_filter(one) for one in meta.filters]
    yield (
        "severity_mapping",
        [
            {"field": m.field, "operator": m.operator, "value": m.value, "severity": m.severity}
            for m in meta.severity_mapping
        ],
    )
    yield (
        "risk_score_mapping",
        [
            _set({"field": m.field, "operator": m.operator, "value": m.value, "risk_score": m.risk_score})
            for m in meta.risk_score_mapping
        ],
    )
    if meta.threshold is not None:
        counted = [{"field": c.field, "value": c.value} for c in meta.threshold.cardinality]
        yield "threshold", {"field": list(meta.threshold.fields), "value": meta.threshold.value, "cardinality": counted}
    if meta.new_terms is not None:
        yield "new_terms_fields", list(meta.new_terms.fields)
        yield "history_window_start", meta.new_terms.history_window_start
    yield from _threat_match(meta)
    yield from _suppression(meta)
    yield (
        "exceptions_list",
        [
            {"id": e.id, "list_id": e.list_id, "type": e.type, "namespace_type": e.namespace_type}
            for e in meta.exceptions_list
        ],
    )
    yield (
        "investigation_fields",
        {"field_names": list(meta.investigation_fields)} if meta.investigation_fields else None,
    )
    yield (
        "related_integrations",
        [
            _set({"package": r.package, "version": r.version, "integration": r.integration or None})
            for r in meta.related_integrations
        ],
    )
    yield "required_fields", [_set({"name": f.name, "type": f.type, "ecs": f.ecs}) for f in meta.required_fields]


def _threat_match(meta: Metadata) -> Iterable[tuple[str, Json]]:
    spec = meta.threat_match
    if spec is None:
        return
    yield "threat_index", list(spec.index)
    yield "threat_query", spec.query
    yield "threat_language", spec.language
    yield "threat_indicator_path", spec.indicator_path
    yield "threat_filters", [_filter(one) for one in spec.filters]
    yield "threat_mapping", [
        {"entries": [
            _set({"field": e.field, "type": "mapping", "value": e.value, "negate": e.negate or None}) for e in entries
        ]}
        for entries in spec.mapping
    ]  # fmt: skip


def _suppression(meta: Metadata) -> Iterable[tuple[str, Json]]:
    spec = meta.alert_suppression
    if spec is None:
        return
    out: dict[str, Json] = {"group_by": list(spec.group_by), "missing_fields_strategy": spec.missing_fields_strategy}
    if spec.duration_ms is not None:
        size, unit = next((size, unit) for size, unit in _UNITS if spec.duration_ms % size == 0)
        out["duration"] = {"value": spec.duration_ms // size, "unit": unit}
    yield "alert_suppression", out


def _threat(threat: Threat) -> dict[str, Json]:
    techniques = [
        {"id": t.id, "name": t.name, "reference": t.reference,
         "subtechnique": [{"id": s.id, "name": s.name, "reference": s.reference} for s in t.subtechniques]}
        for t in threat.techniques
    ]  # fmt: skip
    tactic = {"id": threat.tactic_id, "name": threat.tactic_name, "reference": threat.tactic_reference}
    return {"framework": threat.framework, "tactic": tactic, "technique": techniques}


def _filter(one: Filter) -> dict[str, Json]:
    return {"meta": {"negate": one.negate, "disabled": one.disabled}, "query": json.loads(one.json)}


def _item(one: ExceptionItem) -> dict[str, Json]:
    out: dict[str, Json] = {
        "list_id": one.list_id,
        "item_id": one.item_id,
        "name": one.name,
        "type": "simple",
        "entries": [_entry(entry) for entry in one.entries],
        "os_types": list(one.os_types),
        "comments": [{"comment": text} for text in one.comments],
    }
    return {**out, "expire_time": one.expires} if one.expires else out


def _entry(entry: ExceptionEntry) -> dict[str, Json]:
    out: dict[str, Json] = {"field": entry.field, "type": entry.type}
    if entry.type == "nested":
        return {**out, "entries": [_entry(one) for one in entry.entries]}
    out["operator"] = "excluded" if entry.excluded else "included"
    match entry.type:
        case "match_any":
            out["value"] = list(entry.values)
        case "list":
            out["list"] = {"id": entry.values[0]}
        case "exists":
            pass
        case _:
            (out["value"],) = entry.values
    return out


def _set(values: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in values.items() if value is not None}


def _plain(value: Json) -> Json:
    if isinstance(value, tuple):
        return list(value)
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value


# ---- TOML


def _without_nulls(value: Json) -> Json:
    """TOML has no null: a key without a value is one that is not there, as Query DSL reads an open end of a range."""
    if isinstance(value, list):
        return [_without_nulls(one) for one in value if one is not None]
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return value


def _table(path: tuple[str, ...], value: Json) -> str:
    """A table: its plain keys first, then the tables inside it."""
    assert isinstance(value, dict)  # noqa: S101 - the callers look
    plain = {k: v for k, v in value.items() if not isinstance(v, dict) and not _is_tables(v)}
    lines = [f"[{'.'.join(map(_key, path))}]", *(f"{_key(k)} = {_value(v)}" for k, v in plain.items()), ""]
    for key, one in value.items():
        if isinstance(one, dict):
            lines.append(_table((*path, key), one))
        elif _is_tables(one):
            lines += [f"[[{'.'.join(map(_key, (*path, key)))}]]\n{_element(each)}" for each in one]
    return "\n".join(lines)


def _element(value: Json) -> str:
    """One table of an array of tables, with everything inside it inline: order cannot be got wrong."""
    assert isinstance(value, dict)  # noqa: S101 - told by `_is_tables`
    return "".join(f"{_key(k)} = {_value(v)}\n" for k, v in value.items())


def _is_tables(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _key(name: str) -> str:
    bare = name and all(c.isascii() and (c.isalnum() or c in "_-") for c in name)
    return name if bare else _quoted(name)


def _value(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    assert isinstance(value, dict)  # noqa: S101 - TOML has nothing else, and no null
    return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"


def _text(value: str) -> str:
    """A literal block where the text has several lines and nothing in it needs an escape."""
    plain = all(c.isprintable() or c in "\n\t" for c in value)
    if "\n" in value and plain and "'''" not in value and not value.endswith("'"):
        return f"'''\n{value}'''"
    return _quoted(value)


def _quoted(value: str) -> str:
    out = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in out)
