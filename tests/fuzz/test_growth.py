"""Every list that a rule can hold: twice as long, it costs about twice as much; counted in calls, so that no clock matters.

Each list is counted for one target, and for all of them in a sweep. `make growth` measures the same lists by the clock, at the sizes that hurt, and sees what one call does inside.
"""

from __future__ import annotations

import functools
import gc
import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from benchmarks.growth import LISTS, MOST, TARGETS, convert
from converter import api

LEAST = 5
SIZES = (LEAST, 4 * LEAST, 16 * LEAST)
STEEPEST = 8
"""How many times the second increment may be the first. It is 4 for a line, 16 for a square; forms that change with the
number of members make it uneven."""
MEMBER = 300
"""Calls that a member may take in any case: short lists are often written in a form of their own, which takes none."""


@pytest.fixture(autouse=True)
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is not read back: that ends at a length (`checking.LONGEST`), which is a step and no growth."""
    monkeypatch.setattr(api, "_look_at", lambda *_: None)


def calls(rule: Path, target: str, fields: str | None) -> int:
    """The calls, of functions and into the library, that reading and converting a rule takes."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    forget()
    gc.disable()
    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        convert(rule, target, fields)
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        *((name, (TARGETS[at % len(TARGETS)],)) for at, name in enumerate(LISTS)),
        *(pytest.param(name, TARGETS, marks=pytest.mark.sweep) for name in LISTS),
    ],
)
def test_a_list_that_doubles_costs_twice(name: str, targets: tuple[str, ...], tmp_path: Path) -> None:
    rule = tmp_path / "rule.toml"
    for target in targets:
        rule.write_text(LISTS[name](SIZES[-1]), "utf-8")
        for fields in (None, "ecs"):
            convert(rule, target, fields)  # what is imported at first use
        # A list of which nothing is written is a list that is only read: under Elastic's names more is.
        for fields in (None, "ecs") if refused(rule, target) else (None,):
            found = []
            for size in SIZES:
                rule.write_text(LISTS[name](size), "utf-8")
                found.append(calls(rule, target, fields))
            short, middle, long = found
            assert long <= MOST**2 * middle, (target, fields, found)  # two doublings
            first = max(middle - short, MEMBER * (SIZES[1] - SIZES[0]))
            assert long - middle <= STEEPEST * first, (target, fields, found)


@pytest.mark.parametrize("target", ["splunk", "sentinel", "sigma"])
def test_conditions_that_double_cost_twice_natively(target: str, tmp_path: Path) -> None:
    """A rule's conditions are held against each table more than once, and what became of them is remembered."""
    rule, found = tmp_path / "rule.toml", []
    rule.write_text(LISTS["words of analysed text"](LEAST), "utf-8")
    convert(rule, target, "native")  # what is imported and read at first use
    for size in (400, 800):  # of the first, 512 conditions at a place were remembered once
        rule.write_text(LISTS["words of analysed text"](size), "utf-8")
        found.append(calls(rule, target, "native"))
    assert found[1] < MOST * found[0]


@functools.cache
def caches() -> tuple[Any, ...]:
    """The caches of a fixed size, of which the largest list has used those that there are."""
    found = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
    ours = [one for one in found if one.__module__.partition(".")[0] in ("converter", "backends")]
    return tuple(one for one in ours if one.cache_info().maxsize is not None)


def forget() -> None:
    """Empty them: one that a list outgrows is a step in its cost, not growth."""
    re.purge()
    for one in caches():
        one.cache_clear()


def refused(rule: Path, target: str) -> bool:
    return api.convert(api.read_rule(rule), target).status == "refused"


def test_a_square_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: reading that looks at every pair of values is found out."""
    read = api.read_rule

    def slow(path: Path) -> object:
        values = range(path.read_text("utf-8").count(".exe"))
        for one in values:
            for _ in values:
                for _ in range(20):
                    abs(one)
        return read(path)

    monkeypatch.setattr(api, "read_rule", slow)
    with pytest.raises(AssertionError):
        test_a_list_that_doubles_costs_twice("values of one field", ("splunk",), tmp_path)
