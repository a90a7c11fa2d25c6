"""The head of a Sigma rule: title, ids, tags, log source, and what has no Sigma key of its own."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Sequence

from converter.deferred import compiled
from converter.forms.choose import Assumption, assumed
from converter.model.metadata import Metadata
from converter.plan.attack import all_tactics, techniques
from converter.plan.credit import credit
from converter.plan.uncarried import retired
from converter.target.contract import Binding
from converter.target.lines import one_line

Document = dict[str, object]

_LONGEST_TITLE = 256
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:siemglot:sigma")
_TAG = compiled(r"[a-z0-9_-]+\.[a-z0-9._-]+")


def identifier(meta: Metadata, part: str = "") -> str:
    """The rule's own id: derived from Elastic's, never equal to it, the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, f"{meta.identity}/{part}"))


def date(text: str) -> dt.date | None:
    """A rule file's date (2025/06/17), None if it is none."""
    found = re.fullmatch(r"(\d{4})[/-](\d{2})[/-](\d{2})", text)
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _tags(meta: Metadata) -> list[str]:
    """ATT&CK tactics, techniques and subtechniques (other frameworks have no namespace in Sigma).

    The rule's own tactics stand with their techniques; then come the others that ATT&CK has the techniques under, as
    SigmaHQ asks for (pySigma-validators-sigmahq, techniques without tactics).
    """
    tags: dict[str, None] = {}
    for threat in meta.threat:
        if "ATT&CK" not in threat.framework:
            continue
        tags[f"attack.{threat.tactic_name.lower().replace(' ', '-')}"] = None
        for technique in threat.techniques:
            tags[f"attack.{technique.id.lower()}"] = None
            tags |= {f"attack.{s.id.lower()}": None for s in technique.subtechniques}
    tags |= {f"attack.{_dashed(tactic)}": None for tactic in all_tactics(techniques(meta))}
    return [tag for tag in tags if _TAG.fullmatch(tag)]


def _dashed(tactic: str) -> str:
    """CommandAndControl as command-and-control."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in tactic).lstrip("-")


def log_source(meta: Metadata, binding: Binding) -> dict[str, str]:
    """The log source: the table's under native binding; under ECS the integration, and where the events are."""
    if binding.mode != "ecs":
        return dict(binding.header)
    if meta.log_source is not None:
        return meta.log_source.named
    product = meta.integration[0] if meta.integration else "ecs"
    index = ", ".join(meta.index)
    definition = "Events in Elastic Common Schema" + (f", indices {index}" if index else "")
    return {"product": product, "definition": definition}


def head(meta: Metadata, part: str = "", name: str = "") -> Document:
    """The keys before `logsource`. `part` tells the documents of one rule apart, `name` is what a correlation says."""
    found: Document = {"title": _title(meta, part), "id": identifier(meta, part)}
    if name:
        found["name"] = name
    if _is_uuid(meta.rule_id):
        found["related"] = [{"id": meta.rule_id, "type": "derived"}]
    found["status"] = "deprecated" if retired(meta) else "experimental"
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
        found["license"] = credit(meta).licence
    tags = _tags(meta)
    if tags:
        found["tags"] = tags
    return found


def _title(meta: Metadata, part: str) -> str:
    """The rule's name, and in title case which part of it this is; at most as long as the specification allows.

    A rule that Elastic deprecated says so: the one that took its place often has its name.
    """
    ending = " - Deprecated" if retired(meta) and "deprecated" not in meta.title.lower() else ""
    tail = ending + (f" - {part.replace('_', ' ').replace('.', ' ').title()}" if part else "")
    return meta.title[: _LONGEST_TITLE - len(tail)] + tail


def foot(meta: Metadata, shown: Iterable[str]) -> Document:
    """The keys after the detection. `shown`: the columns to look at."""
    found: Document = {}
    columns = list(dict.fromkeys(shown))
    if columns:
        found["fields"] = columns
    positives = [p for p in dict.fromkeys(one_line(p) for p in meta.false_positives) if len(p) > 1]
    found["falsepositives"] = positives or ["Unknown"]
    found["level"] = "informational" if meta.building_block_type else meta.severity
    return found


def _origin(meta: Metadata) -> str:
    """What the rule says of itself and Sigma has no key for."""
    said = {
        "rule": meta.rule_id,
        "type": meta.type,
        "severity": meta.severity,
        "risk score": meta.risk_score,
        "runs every": meta.interval,
        "looks back": meta.from_,
        "timestamp": meta.timestamp_override,
        "building block": meta.building_block_type,
        "name from": meta.rule_name_override,
        "at most": f"{meta.max_signals} alerts a run" if meta.max_signals else None,
    }
    return "; ".join(f"{key} {value}" for key, value in said.items() if value not in ("", None))


def comment(meta: Metadata, used: Sequence[Assumption]) -> str:
    """The head of the file: the notice that the licence of the source asks for, the origin, and what is assumed."""
    lines = [meta.title, credit(meta).notice]
    if meta.language != "sigma":
        lines.append(f"Elastic: {_origin(meta)}")
    if used:
        lines.append(f"Assumes: {assumed(used)} (siemglot explain CODE)")
    return "".join(f"# {one_line(line)}\n" for line in lines)
