"""Look-ups of which an event needs one are one list where they differ in a value."""

from __future__ import annotations

import pytest

from backends.sentinel.condition.names import Names
from backends.sentinel.detection.lookups import joined
from converter.languages.kusto import parse
from converter.languages.kusto.syntax import Let
from converter.languages.kusto.write import query as written

LINUX = 'DeviceInfo | where TimeGenerated > ago(7d) and OSPlatform == "Linux" | distinct DeviceId'
MAC = LINUX.replace("Linux", "macOS")


def asked(text: str, *lists: tuple[str, str]) -> tuple[str, dict[str, str]]:
    lets = [Let(name, parse.query(value)) for name, value in lists]
    query, kept = joined(parse.query(text), lets, Names(()))
    return " ".join(written(query).split()), {let.name: " ".join(written(let.value).split()) for let in kept}  # type: ignore[arg-type]


def test_one_list_for_both() -> None:
    text, lets = asked(
        'T | where A == "x" | where DeviceId in (LinuxDevices) or DeviceId in (MacDevices)',
        ("LinuxDevices", LINUX),
        ("MacDevices", MAC),
    )
    assert text == 'T | where A == "x" | where DeviceId in (Devices)'
    assert lets == {"Devices": LINUX.replace('== "Linux"', 'in ("Linux", "macOS")')}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("T | where DeviceId in (LinuxDevices) or Other in (MacDevices)", MAC),
        ("T | where DeviceId in (LinuxDevices) or DeviceId in (MacDevices) | where DeviceId in (MacDevices)", MAC),
        ("T | where DeviceId in (LinuxDevices) or DeviceId in (MacDevices)", MAC.replace("7d", "2d")),
        ("T | where DeviceId in (LinuxDevices) or DeviceId in (MacDevices)", MAC.replace("DeviceInfo", "Other")),
        ("T | where DeviceId in (LinuxDevices) or DeviceId in (MacDevices)", MAC.replace("==", "!=")),
        ("T | where DeviceId in (LinuxDevices) and DeviceId in (MacDevices)", MAC),
    ],
)
def test_lists_that_stay_two(text: str, other: str) -> None:
    _, lets = asked(text, ("LinuxDevices", LINUX), ("MacDevices", other))
    assert list(lets) == ["LinuxDevices", "MacDevices"]
