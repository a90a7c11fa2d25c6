"""How Elastic names a field: by its path, or by the multi-field that indexes it as the condition needs it.

The model's field has the path of the field that is indexed again (`x`), and the kind of the index that is searched: a
keyword's analysed text is `x.text`, a text's whole value is `x.keyword`, a lower-cased keyword is `x.caseless`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from converter.deferred import dataclass
from converter.fields.schema import FieldInfo, Schema, ecs_info
from converter.model.predicate import Analyzer, Element, Phrase, Predicate
from converter.model.value import Field, Kind
from converter.model.walk import fields, leaves, walk

_SUFFIXES: Final = ("", ".text", ".keyword")
_CASELESS: Final = ".caseless"


@dataclass(frozen=True, slots=True)
class Names:
    """Fields by name. `written` are the names that the rule's own query has, `optional` those it marks with `?`."""

    schema: Schema
    written: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    def of(self, field: Field) -> str | None:
        """The name under which a search of this field has its kind; None if there is none."""
        return next((name for name in map(field.path.__add__, _SUFFIXES) if self._finds(name, field)), None)

    def caseless(self, field: Field) -> str | None:
        """The name of the field's lower-cased index, if the rule itself says that there is one."""
        name = field.path + _CASELESS
        return name if name in self.written and self.schema.info(name).folded else None

    def _finds(self, name: str, field: Field) -> bool:
        info = self.schema.info(name)
        return not info.folded and (info.path, info.kind) == (field.path, field.kind)


def names_for(query: str, wheres: Iterable[Predicate], others: Iterable[Field]) -> Names:
    """The names for these conditions and fields; `query` is the rule's own query, "" if it is no query of Elastic."""
    wheres = tuple(wheres)
    written = frozenset(re.findall(r"[@\w](?:[\w@.-]*\w)?", query))
    optional = frozenset(re.findall(r"(?<=\?)[@A-Za-z_][\w@.]*\w", query))
    return Names(Schema(_declared(wheres, tuple(others), written)), written, optional)


def _declared(wheres: tuple[Predicate, ...], others: tuple[Field, ...], written: frozenset[str]) -> Iterable[FieldInfo]:
    """What the conditions show of fields that ECS does not have as they are."""
    analyzers: dict[str, Analyzer] = {}
    kinds: dict[str, list[Field]] = {}
    for where in wheres:
        for leaf in leaves(where):
            if isinstance(leaf, Phrase):
                analyzers[leaf.field.path] = leaf.analyzer
        for node in walk(where):
            if isinstance(node, Element):
                yield FieldInfo(node.path, Kind.KEYWORD, many=True, nested=True)
    for field in (*(f for where in wheres for f in fields(where)), *others):
        kinds.setdefault(field.path, []).append(field)
    for path, found in kinds.items():
        yield from _shown(path, found, analyzers.get(path, Analyzer.STANDARD), written)


def _shown(path: str, found: list[Field], analyzer: Analyzer, written: frozenset[str]) -> Iterable[FieldInfo]:
    """The field as the rule needs it; a text that the rule searches by a multi-field is a keyword by itself."""
    known = ecs_info(path)
    whole = [f for f in found if f.kind is not Kind.TEXT]
    field = whole[0] if whole else found[0]
    kind = field.kind
    if kind is Kind.TEXT and (path + ".text" in written and path not in written):
        kind = Kind.KEYWORD
    if known is not None and known.kind not in {f.kind for f in found} and len({f.kind for f in found}) == 1:
        kind = known.kind  # a multi-field of what ECS has
    wildcard = known is not None and known.wildcard
    yield FieldInfo(path, kind, field.many, analyzer=analyzer, wildcard=wildcard)
