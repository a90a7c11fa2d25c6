"""Which columns and fields identify an entity of Sentinel: an account, a host, a file ..."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent


def by_field() -> Mapping[str, tuple[str, str]]:
    """The type of entity and its identifier, by the name of an Elastic field."""
    return _known("entities.tsv")


def by_column() -> Mapping[str, tuple[str, str]]:
    """The type of entity and its identifier, by the name of a column of a Sentinel table."""
    return _known("columns.tsv")


@functools.cache
def _known(file: str) -> Mapping[str, tuple[str, str]]:
    lines = (line.split("\t") for line in (_FOLDER / file).read_text(encoding="utf-8").splitlines())
    return {name: (kind, identifier) for name, kind, identifier in (f for f in lines if not f[0].startswith("#"))}
