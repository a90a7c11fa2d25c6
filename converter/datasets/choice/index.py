"""Index patterns: which indices a rule reads, and how plainly it names a data set by them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from converter.deferred import compiled

_CLUSTER = compiled(r"[^:<>]*:(?=.)")  # a remote cluster's name, which is no part of the index name
_BACKING = compiled(r"(?:(?:partial|restored)-)?\.ds-")  # .ds-NAME-DATE-NUMBER backs the data stream NAME
_GENERATION = compiled(r"-\d{4}[\d.*-]*$")
_SHIPPER = compiled(r"([a-z]+-)\*")
_DATA_STREAM = "logs-"


def indices(patterns: Iterable[str]) -> tuple[str, ...]:
    """The names or patterns of the streams that a rule reads, without clusters, generations and exclusions."""
    found = [_stream(part.strip()) for text in patterns for part in text.split(",")]
    return tuple(dict.fromkeys(p for p in found if p and not p.startswith("-")))


def _stream(pattern: str) -> str:
    name = _CLUSTER.sub("", pattern, count=1) if _CLUSTER.match(pattern) else pattern
    backing = _BACKING.match(name)
    return name if backing is None else _GENERATION.sub("", name[backing.end() :])


@functools.lru_cache(maxsize=65536)
def meet(own: str, theirs: str) -> bool:
    """Whether a data set's pattern and a rule's have an index in common.

    A shipper's indices are its name and its version (`filebeat-8.14.0`): `filebeat-orders-*` is somebody's own.
    """
    shipper = _SHIPPER.fullmatch(own)
    if shipper is not None and theirs.startswith(shipper[1]):
        rest = theirs[len(shipper[1]) :]
        return not rest or rest[0] == "*" or rest[0].isdigit()
    return globs_meet(own, theirs)


@functools.lru_cache(maxsize=65536)
def is_plain(own: str, theirs: str) -> bool:
    """Whether a rule's pattern that meets a data set's own says more than "every data stream"."""
    head = re.split(r"[*?]", theirs, maxsplit=1)[0]
    return len(head) > len(_DATA_STREAM) or (_SHIPPER.fullmatch(own) is not None and bool(head))


@functools.lru_cache(maxsize=65536)
def globs_meet(one: str, other: str) -> bool:
    """Whether some name matches both patterns, where `*` stands for any run of characters."""
    if "*" not in one and "*" not in other:
        return one == other
    # Most patterns differ in how they begin or end.
    mine, theirs = one.partition("*")[0], other.partition("*")[0]
    if not mine.startswith(theirs) and not theirs.startswith(mine):
        return False
    mine, theirs = one.rpartition("*")[2], other.rpartition("*")[2]
    if not mine.endswith(theirs) and not theirs.endswith(mine):
        return False
    reach = {0}  # positions in `other` that the part of `one` read so far can stand at
    for char in one:
        if char == "*":
            reach = set(range(min(reach), len(other) + 1)) if reach else set()
            continue
        step: set[int] = set()
        for at in _closed(reach, other):
            if at < len(other) and other[at] == "*":
                step.add(at)
            elif at < len(other) and other[at] == char:
                step.add(at + 1)
        reach = step
    return len(other) in _closed(reach, other)


def _closed(reach: Iterable[int], pattern: str) -> set[int]:
    """Also the positions after stars, which may stand for nothing."""
    closed = set(reach)
    for at in sorted(closed):
        while at < len(pattern) and pattern[at] == "*":
            at += 1  # noqa: PLW2901  # walks over consecutive stars
            closed.add(at)
    return closed
