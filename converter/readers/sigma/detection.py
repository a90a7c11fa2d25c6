"""What a Sigma rule detects: events that match, or what must hold of several of them.

Spans count from the start of the rule's own document. Those of a rule that a correlation counts count there too,
where both stand in one file.
"""

from __future__ import annotations

from converter.deferred import replace
from converter.diagnostics import Diagnostic
from converter.fields.schema import Schema
from converter.fields.taxonomy import Vocabularies
from converter.model.metadata import Metadata
from converter.model.rule import Detection, Match
from converter.readers.sigma.events import events
from converter.readers.sigma.values import Placeholders

_Read = tuple[Detection, tuple[Diagnostic, ...]]
CORRELATION = "sigma_correlation"
"""The type of a rule that correlates others."""


def read(meta: Metadata, schema: Schema, words: Vocabularies, given: Placeholders) -> _Read:
    """What the rule detects, in normal form, and what was found on the way. Raises QuerySyntaxError."""
    if meta.type == CORRELATION:
        from converter.readers.sigma.correlation import correlated  # few rules are correlations

        return correlated(meta, schema, words, given)
    where, found = events(meta, schema, words, given)
    return Match(where), found


def searched(meta: Metadata, words: Vocabularies) -> Metadata:
    """The rule's metadata with the data streams of its log sources, and its fields to look at by Elastic's names."""
    sources = [one.log_source for one in (meta, *meta.related.rules) if one.log_source is not None]
    known = [words(source) for source in sources]
    index = tuple(dict.fromkeys(pattern for one in known for pattern in one.index))
    fields = meta.investigation_fields
    if known:
        fields = tuple(dict.fromkeys(known[0].path(name) for name in fields))
    return replace(meta, index=index, investigation_fields=fields)
