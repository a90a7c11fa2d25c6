"""What is known of a field before any event is seen: its kind, and whether it may hold several values.

Three sources, first one wins: the fields that the data set tables declare, ECS, and "unknown", which is a
keyword that may hold several values (said once as a note by the reader that uses it).
"""

from __future__ import annotations

import functools
import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from converter.deferred import dataclass, replace
from converter.diagnostics import Span
from converter.fields.ecs import described, lines_of_ecs
from converter.model import pattern as patterns
from converter.model.pattern import Case, Wild, matcher
from converter.model.predicate import Analyzer
from converter.model.value import Field, Kind


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """The declared facts of one field.

    `folded`: a lower-cased keyword sub-field (`.caseless`). `wildcard`: Elasticsearch's type of that name, a keyword
    but for how Kibana searches it (rule K22).
    """

    path: str
    kind: Kind
    many: bool
    declared: bool = True
    analyzer: Analyzer = Analyzer.STANDARD
    folded: bool = False
    nested: bool = False
    wildcard: bool = False

    def field(self, span: Span | None = None) -> Field:
        """The model's field for it."""
        return Field(self.path, self.kind, self.many, span=span)


_KINDS: Mapping[str, Kind] = {
    "keyword": Kind.KEYWORD,
    "constant_keyword": Kind.KEYWORD,
    "wildcard": Kind.KEYWORD,
    "flattened": Kind.KEYWORD,
    "version": Kind.KEYWORD,
    "text": Kind.TEXT,
    "match_only_text": Kind.TEXT,
    "long": Kind.LONG,
    "integer": Kind.LONG,
    "short": Kind.LONG,
    "byte": Kind.LONG,
    "unsigned_long": Kind.LONG,
    "double": Kind.DOUBLE,
    "float": Kind.DOUBLE,
    "half_float": Kind.DOUBLE,
    "scaled_float": Kind.DOUBLE,
    "boolean": Kind.BOOLEAN,
    "ip": Kind.IP,
    "date": Kind.DATE,
    "date_nanos": Kind.DATE,
}


def kind_of(elastic_type: str) -> Kind:
    """The model's kind for an Elasticsearch field type; types that hold no text are keyword."""
    return _KINDS.get(elastic_type, Kind.KEYWORD)


# Multi-fields: a dotted suffix that names another index of the same value, not a child of it.
_TEXT_SUFFIX = ".text"
_FOLDED_SUFFIX = ".caseless"
_KEYWORD_SUFFIX = ".keyword"


Declared = Sequence[Any]
"""What a table declares of a field: its Elasticsearch type, whether it may hold several values, its analyzer or ""."""


def _info(path: str, declared: Declared) -> FieldInfo:
    kind, many, analyzer = declared
    how = Analyzer(analyzer) if analyzer else Analyzer.STANDARD
    is_nested, is_wildcard = kind == "nested", kind == "wildcard"
    return FieldInfo(path, kind_of(kind), many, analyzer=how, nested=is_nested, wildcard=is_wildcard)


class Schema:
    """The fields known to a rule. Read-only after construction, but for what it remembers of earlier questions.

    A declared path may hold one `*`: it speaks for every field that matches and has no entry of its own. `prepared`
    declares fields of which most are never asked for.
    """

    def __init__(self, declared: Iterable[FieldInfo] = (), prepared: Mapping[str, Declared] | None = None) -> None:
        self._prepared = prepared or {}
        self._declared: dict[str, FieldInfo] = {}
        for info in declared:
            self._declared.setdefault(info.path, info)
        self._known: dict[str, FieldInfo] = {}
        self._arrays: dict[str, str] = {}

    def info(self, path: str) -> FieldInfo:
        """The facts of `path`; a multi-field suffix is resolved to the field it indexes again."""
        if path not in self._known:
            self._known[path] = self._look_up(path)
        return self._known[path]

    def _look_up(self, path: str) -> FieldInfo:
        found = self._plain(path)
        if found is not None:
            return found
        for suffix, kind, folded in (
            (_TEXT_SUFFIX, Kind.TEXT, False),
            (_FOLDED_SUFFIX, Kind.KEYWORD, True),
            (_KEYWORD_SUFFIX, Kind.KEYWORD, False),
        ):
            # A multi-field has none of its own, so that one suffix is all there can be.
            base = self._own(path.removesuffix(suffix)) if path.endswith(suffix) else None
            if base is not None:
                return FieldInfo(base.path, kind, base.many, folded=folded, analyzer=base.analyzer)
        return self._own(path) or FieldInfo(path, Kind.KEYWORD, many=True, declared=False)

    def _plain(self, path: str) -> FieldInfo | None:
        """What is known of a path that is written out."""
        if "*" in path:
            return None
        found = self._declared.get(path)
        if found is None and path in self._prepared:
            return _info(path, self._prepared[path])
        return found or ecs_info(path)

    @functools.cached_property
    def _patterns(self) -> Sequence[tuple[str, str, FieldInfo]]:
        """What is declared of paths with `*`, the longest first, each with what stands before and behind that sign."""
        prepared = (_info(path, declared) for path, declared in self._prepared.items() if "*" in path)
        found = [*(info for path, info in self._declared.items() if "*" in path), *prepared]
        found.sort(key=lambda info: -len(info.path))
        return [(*info.path.partition("*")[::2], info) for info in found]

    def _own(self, path: str) -> FieldInfo | None:
        """The declared facts of a path that is no multi-field."""
        found = self._plain(path)
        if found is not None:
            return found
        for head, tail, info in self._patterns:
            if path.startswith(head) and path.endswith(tail) and len(path) > len(head) + len(tail):
                return replace(info, path=path)
        return None

    def array_around(self, path: str, *, itself: bool = False) -> str:
        """The innermost declared nested array that the field lies in (or is, if asked for `itself`), or ""."""
        around = path if itself else path.rpartition(".")[0]
        passed = []
        while around and around not in self._arrays:
            passed.append(around)
            info = self.info(around)
            if info.nested and info.path == around:
                self._arrays[around] = around
                break
            around = around.rpartition(".")[0]
        found = self._arrays.get(around, "")
        self._arrays |= dict.fromkeys(passed, found)
        return found

    def matching(self, pattern: str) -> tuple[FieldInfo, ...]:
        """The known fields whose name matches `pattern`, where `*` stands for any run (rule K21), by name."""
        wanted = patterns.of(*(Wild.ANY_RUN if c == "*" else c for c in pattern))
        head, names = pattern.partition("*")[0], self._names
        alike = names[bisect_left(names, head) : bisect_left(names, head + chr(sys.maxunicode))]
        return tuple(map(self.info, filter(matcher(wanted, Case.SENSITIVE), alike)))

    @functools.cached_property
    def _names(self) -> Sequence[str]:
        """The known fields that are written out, sorted."""
        return sorted({*(path for path in (*self._declared, *self._prepared) if "*" not in path), *_ecs()})


@functools.cache
def _ecs() -> Mapping[str, str]:
    return lines_of_ecs()


def ecs_info(path: str) -> FieldInfo | None:
    """What ECS says of a field; None if it has no such field."""
    found = _ecs().get(path)
    if found is None:
        return None
    kind, many = described(found)
    return FieldInfo(path, kind_of(kind), many, nested=kind == "nested", wildcard=kind == "wildcard")


def is_in_ecs(path: str) -> bool:
    """Whether ECS has the field, or the field that a multi-field suffix indexes again."""
    if path.endswith((_TEXT_SUFFIX, _FOLDED_SUFFIX, _KEYWORD_SUFFIX)):
        path = path.rpartition(".")[0] if path not in _ecs() else path
    return path in _ecs()


@functools.cache
def ecs_schema() -> Schema:
    """The schema of ECS alone."""
    return Schema()
