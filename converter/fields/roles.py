"""Fields that Elastic's own machinery names, not a rule: by the role that they play (`roles.tsv`)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

_TABLE = Path(__file__).with_name("roles.tsv")

HOST_SYSTEM = "host system"
EVENT_TEXT = "the event as it came"
HOST_SYSTEM_OF_OLD = "host system, as older agents write it"


@functools.cache
def _roles() -> Mapping[str, str]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


def field_of(role: str) -> str:
    """The field's path; raises KeyError for a role that `roles.tsv` does not hold."""
    return _roles()[role]
