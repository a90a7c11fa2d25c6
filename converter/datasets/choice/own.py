"""A rule that was read from Sigma, bound to the log source that it names itself: its own names, nothing assumed.

What the table of taxonomy adds to the rule on reading, the condition of the log source, is taken out again: the log
source says it. So a rule that is read, written and read again has the same meaning in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator

from converter.datasets.choice.attempt import Attempt, Option, attempt
from converter.datasets.choice.choose import Named
from converter.datasets.codes import M031, M032
from converter.datasets.reading.catalogue import Catalogue
from converter.datasets.rewriting.missing import Unmapped
from converter.datasets.rewriting.outcome import set_aside
from converter.datasets.rewriting.rewrite import Rewriter
from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.fields.schema import FieldInfo, Schema
from converter.model.metadata import LogSource, Metadata
from converter.model.normalise import normalise
from converter.model.predicate import And, Or, Predicate
from converter.model.rule import Rule, Threshold
from converter.model.value import Field, Kind
from converter.model.walk import fields, predicates

PLATFORM = "sigma"
_WHY = "the rule's own log source says it"


def is_own(rule: Rule, platform: str, mode: str, source: str | None) -> bool:
    """Whether a rule is written in the language that it was read from, with nothing else asked for."""
    return platform == PLATFORM and mode == "native" and source is None and rule.meta.language == PLATFORM


def not_elastics(rule: Rule, schema: Schema) -> tuple[Diagnostic, ...]:
    """A warning about the fields of a Sigma rule that Elastic's documents lack, where these keep their names."""
    if rule.meta.language != PLATFORM:
        return ()
    names = dict.fromkeys(
        field.path
        for where in predicates(rule.detection)
        for field in fields(where)
        if field.path.startswith(f"{PLATFORM}.") or not _holds(schema.info(field.path), field)
    )
    if not names:
        return ()
    message = f"no field of Elastic's holds the values of {', '.join(names)} that the rule asks for"
    return (Diagnostic(M032, message, Severity.WARNING),)


def _holds(info: FieldInfo, field: Field) -> bool:
    return info.declared and (info.kind is not Kind.TEXT or field.kind is Kind.TEXT)


def own_attempts(
    rule: Rule, wheres: tuple[Predicate, ...], keys: tuple[tuple[Field, ...], ...], tables: Catalogue
) -> tuple[Attempt, ...] | Diagnostic:
    """One attempt for each predicate, at the log source that it was read from; why not, if that is not one."""
    from converter.readers.sigma.events import of_source  # only rules of Sigma come here

    sources = _sources(rule, len(wheres))
    if sources is None:
        message = "the correlation counts rules of several log sources together, which is no one rule of Sigma's"
        return Diagnostic(M031, message)
    found = []
    for where, by, source in zip(wheres, keys, sources, strict=True):
        option = Option(tables.own_site(source), Named.BY_VALUE, 0)
        added = of_source(tables.vocabulary(source), tables.schema)
        terms = added.terms if isinstance(added, And) else (added,)
        rest = normalise(_without(where, terms))
        made = attempt(option, rest, Unmapped.REFUSE, by, for_key=False)
        # Terms that others make superfluous stay: the rule is its author's.
        plain = normalise(Rewriter(option.site, Unmapped.REFUSE).predicate(rest).predicate)
        taken = set_aside(_taken(where, terms), _WHY)
        found.append(replace(made, where=plain, fates=(*made.fates, *taken)))
    return tuple(found)


def _sources(rule: Rule, count: int) -> tuple[LogSource, ...] | None:
    """The log source of each predicate; None where one predicate has several."""
    members: tuple[Metadata, ...] = rule.meta.related.rules or (rule.meta,)
    sources = tuple(member.log_source or LogSource() for member in members)
    if isinstance(rule.detection, Threshold) or count == 1:
        return sources[:1] if len({tuple(s.named.items()) for s in sources}) == 1 else None
    return sources if len(sources) == count else None


def _without(where: Predicate, terms: tuple[Predicate, ...]) -> Predicate:
    """The predicate without the first of each term that the log source adds to it, in each of its alternatives."""
    if isinstance(where, Or) and all(isinstance(one, And) for one in where.terms):
        return Or(tuple(_without(one, terms) for one in where.terms))
    if not isinstance(where, And):
        return And(()) if where in terms else where
    left = list(where.terms)
    for term in terms:
        if term in left:
            left.remove(term)
    return And(tuple(left))


def _taken(where: Predicate, terms: tuple[Predicate, ...]) -> Iterator[Predicate]:
    """What `_without` takes out."""
    if isinstance(where, Or) and all(isinstance(one, And) for one in where.terms):
        for one in where.terms:
            yield from _taken(one, terms)
    elif isinstance(where, And):
        yield from (term for term in terms if term in where.terms)
    elif where in terms:
        yield where
