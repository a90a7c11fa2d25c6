"""What a converter to Query DSL asks of a mapping: the Elasticsearch type of a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from converter.proof.elastic.osmem_mapping import FieldType

Dsl: TypeAlias = dict[str, object]

TEXT = ("text", "match_only_text")
KEYWORD = ("keyword", "wildcard", "constant_keyword", "counted_keyword", "flattened", "version")
DATE = ("date", "date_nanos")
_CONTAINERS = ("object", "nested", "group")


class FieldTypes:
    """Types by path; a path inside of a flattened field is flattened, an unknown path has no type."""

    def __init__(self, fields: Mapping[str, FieldType]) -> None:
        self._types = {
            path: declared if isinstance(declared, str) else str(declared.get("type", "object"))
            for path, declared in fields.items()
        }

    def type_of(self, path: str) -> str | None:
        """The mapped type; None = not mapped."""
        found = self._types.get(path)
        if found is not None:
            return found
        parts = path.split(".")
        for depth in range(len(parts) - 1, 0, -1):
            if self._types.get(".".join(parts[:depth])) == "flattened":
                return "flattened"
        return None

    def matching(self, parts: tuple[str, ...]) -> list[str]:
        """The fields whose whole name matches the texts with anything between them."""
        pattern = re.compile(".*".join(re.escape(part) for part in parts), re.DOTALL)
        return [path for path, kind in self._types.items() if kind not in _CONTAINERS and pattern.fullmatch(path)]

    def nested_path(self, path: str) -> str | None:
        """The innermost nested object that holds `path`."""
        parts = path.split(".")
        for depth in range(len(parts) - 1, 0, -1):
            above = ".".join(parts[:depth])
            if self._types.get(above) == "nested":
                return above
        return None


def none_of(query: Dsl) -> Dsl:
    """What the query does not find."""
    return {"bool": {"must_not": [query]}}


def any_of(queries: list[Dsl]) -> Dsl:
    """What one of the queries finds; there is at least one."""
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}


def all_of(queries: list[Dsl]) -> Dsl:
    """What every one of the queries finds, without scoring; there is at least one."""
    return queries[0] if len(queries) == 1 else {"bool": {"filter": queries}}
