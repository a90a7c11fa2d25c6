"""YAML text that every reader takes for the same values."""

from __future__ import annotations

import datetime as dt
import re

import yaml

# Plain scalars that YAML 1.1 or YAML 1.2 readers take for something else than text; both sets are quoted.
_AMBIGUOUS = re.compile(
    r"(?:[-+]?(?:0[xob])?[\d_.,:]+(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|nan)|\.nan|~|null|true|false|yes|no|on|off|y|n|=|<<)",
    re.IGNORECASE,
)
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _SigmaDumper(_Dumper):  # type: ignore[misc, valid-type]  # chosen at run time
    """Writes texts so that they stay texts."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    if "\n" in value and not re.search(r"[ \t]\n|\r|\t|[^\x20-\x7e\n\xa0-\ud7ff]", value) and not value.startswith(" "):
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    style = "'" if _AMBIGUOUS.fullmatch(value) or value == "" or "\\" in value or "*" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_SigmaDumper.add_representer(str, _text)


def dump(document: dict[str, object]) -> str:
    """One YAML document, keys in the given order, four blanks an indent, LF."""
    text: str = yaml.dump(
        document,
        Dumper=_SigmaDumper,
        sort_keys=False,
        allow_unicode=True,
        width=120,
        indent=4,
        default_flow_style=False,
    )
    return text


def date(text: str) -> dt.date | None:
    """A rule file's date (2025/06/17), None if it is none."""
    found = re.fullmatch(r"(\d{4})[/-](\d{2})[/-](\d{2})", text)
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
