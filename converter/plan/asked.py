"""The fields that a rule's file asks to see in its alerts, beside those that its query compares."""

from __future__ import annotations

from converter.model.metadata import Metadata
from converter.plan.uncarried import severity_mappings, suppressed


def asked(meta: Metadata) -> tuple[str, ...]:
    """The investigation fields, then what names an alert, says how severe it is, and what alerts are grouped by."""
    suppression = suppressed(meta)
    weighed = [*(m.field for m in severity_mappings(meta)), *(m.field for m in meta.risk_score_mapping)]
    grouped = suppression.by if suppression else ()
    return tuple(dict.fromkeys(filter(None, (*meta.investigation_fields, meta.rule_name_override, *weighed, *grouped))))
