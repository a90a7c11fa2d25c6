"""The head of a Sigma rule: title, ids, tags, log source, and what has no Sigma key of its own."""

from __future__ import annotations

import re
import uuid

from backends.sigma.deploy.document import date
from converter.model.metadata import Metadata
from converter.target.contract import Binding

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:siemglot:sigma")
_TAG = re.compile(r"[a-z0-9_-]+\.[a-z0-9._-]+")


def identifier(meta: Metadata, part: str = "") -> str:
    """The rule's own id: derived from Elastic's, never equal to it, the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, f"{meta.rule_id or meta.name}/{part}"))


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _tags(meta: Metadata) -> list[str]:
    """ATT&CK tactics, techniques and subtechniques (other frameworks have no namespace in Sigma)."""
    tags: dict[str, None] = {}
    for threat in meta.threat:
        if "ATT&CK" not in threat.framework:
            continue
        tags[f"attack.{threat.tactic_name.lower().replace(' ', '-')}"] = None
        for technique in threat.techniques:
            tags[f"attack.{technique.id.lower()}"] = None
            tags |= {f"attack.{s.id.lower()}": None for s in technique.subtechniques}
    return [tag for tag in tags if _TAG.fullmatch(tag)]


def log_source(meta: Metadata, binding: Binding) -> dict[str, str]:
    """The log source: the table's under native binding; under ECS the integration, and where the events are."""
    if binding.mode != "ecs":
        return dict(binding.header)
    product = meta.integration[0] if meta.integration else "ecs"
    index = ", ".join(meta.index)
    definition = "Events in Elastic Common Schema" + (f", indices {index}" if index else "")
    return {"product": product, "definition": definition}


def _licence(meta: Metadata) -> str:
    return "Elastic-2.0" if meta.license.lower().startswith("elastic license") else meta.license


def head(meta: Metadata, part: str = "") -> dict[str, object]:
    """The keys before `logsource`. `part` names a piece of a rule that becomes several."""
    found: dict[str, object] = {
        "title": meta.name if not part else f"{meta.name} - {part}",
        "id": identifier(meta, part),
    }
    if _is_uuid(meta.rule_id):
        found["related"] = [{"id": meta.rule_id, "type": "derived"}]
    found["status"] = "deprecated" if meta.maturity == "deprecated" else "experimental"
    if meta.description:
        found["description"] = meta.description.strip()
    references = [r for r in dict.fromkeys(meta.references) if "attack.mitre.org" not in r]
    if references:
        found["references"] = references
    if meta.author:
        found["author"] = ", ".join(meta.author)
    created, updated = date(meta.creation_date), date(meta.updated_date)
    if created:
        found["date"] = created
    if updated and updated != created:
        found["modified"] = updated
    if meta.license:
        found["license"] = _licence(meta)
    tags = _tags(meta)
    if tags:
        found["tags"] = tags
    return found


def foot(meta: Metadata, binding: Binding) -> dict[str, object]:
    """The keys after the detection; what Sigma has no key for is kept under `elastic`."""
    found: dict[str, object] = {}
    if meta.investigation_fields and binding.mode == "ecs":
        found["fields"] = list(dict.fromkeys(meta.investigation_fields))
    positives = [p for p in dict.fromkeys(p.strip() for p in meta.false_positives) if len(p) > 1]
    found["falsepositives"] = positives or ["Unknown"]
    building_block = meta.building_block_type != ""
    found["level"] = "informational" if building_block else meta.severity
    kept: dict[str, object] = {
        "rule_id": meta.rule_id,
        "type": meta.type,
        "severity": meta.severity,
        "risk_score": meta.risk_score,
        "interval": meta.interval,
        "from": meta.from_,
        "max_signals": meta.max_signals,
        "timestamp_override": meta.timestamp_override,
        "building_block_type": meta.building_block_type,
        "rule_name_override": meta.rule_name_override,
    }
    found["elastic"] = {key: value for key, value in kept.items() if value not in ("", None)}
    return found


def comment(meta: Metadata) -> str:
    """The notice that the licence of the source asks for: what this is, and that it was modified."""
    name = " ".join("".join(c if c.isprintable() else " " for c in meta.name).split())
    lines = [f"# {name}"]
    if meta.license.lower().startswith("elastic license"):
        lines.append("# Converted (modified) by siemglot from a rule of Elasticsearch B.V.; Elastic License 2.0.")
    else:
        lines.append("# Converted (modified) by siemglot.")
    return "\n".join(lines) + "\n"
