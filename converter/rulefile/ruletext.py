"""A rule file, read but not understood."""

from __future__ import annotations

from dataclasses import field

from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Source, Span
from converter.diagnostics.errors import RuleFileError
from converter.model.metadata import Metadata
from converter.rulefile.reading import read_metadata
from converter.rulefile.table import Findings


@dataclass(frozen=True, slots=True)
class RuleText:
    """The typed metadata of one rule, and where its query's spans count from.

    `query_source` at `query_offset` is the place of the query's first character: in the file if the text stands
    there verbatim, else in a source of its own. `stem` names files made from it: that of a
    file of one rule, "" for one made of the rule's name.
    """

    meta: Metadata
    source: Source
    query_source: Source
    query_offset: int = 0
    notes: tuple[Diagnostic, ...] = ()
    stem: str = ""
    findings: Findings | None = field(default=None, compare=False, repr=False)

    def key(self, name: str) -> Span | None:
        """The place of one of the rule's keys, or of the table it would be in."""
        if self.findings is None:
            return None
        positions = self.findings.positions
        return positions.key((*self.findings.root, name))


def rule_text(document: dict[str, object], findings: Findings) -> RuleText:
    """The rule of a document that has been read as values. Raises RuleFileError with everything that is wrong."""
    metadata = read_metadata(document, findings)
    if findings.errors:
        raise RuleFileError(findings.errors)
    if findings.unknown:
        metadata = replace(metadata, unknown=tuple(findings.unknown))
    place = query_place(metadata, findings.source)
    return RuleText(metadata, findings.source, *place, tuple(findings.found), findings=findings)


def query_place(metadata: Metadata, source: Source) -> tuple[Source, int]:
    """The source and offset that spans of the query count from."""
    if metadata.query_span is not None:
        return source, metadata.query_span.start
    return Source(f"{source.name} (query)", metadata.query), 0
