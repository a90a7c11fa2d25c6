"""Alerts as JSON lines and as a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from converter.engine import Alert
from converter.engine.explain import explained
from converter.reference.detection import clock_of


def as_json(alert: Alert, place: str = "", *, explain: bool = False) -> str:
    """One alert as one line."""
    said: dict[str, Any] = {
        "@timestamp": moment(alert),
        "rule": {
            "name": alert.rule.meta.name,
            "id": alert.rule.meta.rule_id,
            "type": alert.rule.meta.type,
            "severity": alert.rule.meta.severity,
            "risk_score": alert.rule.meta.risk_score,
            "tactics": [threat.tactic_name for threat in alert.rule.meta.threat],
        },
        "key": list(alert.key),
        "numbers": list(alert.numbers),
    }
    if place:
        said["place"] = place
    if explain:
        said["why"] = [explained(alert.rule, event) for event in alert.events]
    said["events"] = list(alert.events)
    return json.dumps(said, default=str, separators=(",", ":"), ensure_ascii=True)


def moment(alert: Alert) -> str | None:
    """The time of an alert as text, None if its event has none that a clock can show."""
    time = alert.time
    if time is None and alert.events:
        time = clock_of(alert.rule).time(alert.events[-1])
    if time is None:
        return None
    try:
        return datetime.fromtimestamp(time / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return None
