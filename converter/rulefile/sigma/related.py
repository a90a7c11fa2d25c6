"""Which rules a correlation counts and which filters apply to a rule, found among all documents of a run."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from converter.deferred import dataclass, replace
from converter.diagnostics import Diagnostic, Span
from converter.diagnostics.code import Code
from converter.languages.sigma.codes import S020, S021, S022
from converter.model.metadata import LogSource, Metadata
from converter.rulefile.ruletext import RuleText
from converter.rulefile.sigma.metadata import CORRELATION, RULE

_EVERY = ("any", "*")
"""What a filter writes for every rule of its log source."""


@dataclass(slots=True)
class Attached:
    """Rules with what they refer to. `parts` are those that stand beside a correlation and only serve it.

    `broken` has what is wrong with a rule of which a reference cannot be followed.
    """

    rules: dict[int, RuleText] = field(default_factory=dict)
    parts: set[int] = field(default_factory=set)
    broken: dict[int, tuple[Diagnostic, ...]] = field(default_factory=dict)


def attached(texts: Sequence[RuleText], filters: Sequence[RuleText]) -> Attached:
    """Every rule of `texts`, by its number, with the rules and filters that concern it."""
    found = Attached()
    names = dict(_names(texts))
    for number, text in enumerate(texts):
        if text.meta.type == RULE:
            found.rules[number] = replace(text, meta=_filtered(text, filters))
    for number, text in enumerate(texts):
        if text.meta.type != CORRELATION:
            found.rules.setdefault(number, text)
            continue
        problems = list(_problems(text, texts, names))
        if problems:
            found.broken[number] = tuple(problems)
            continue
        members = [names[name] for name in text.meta.related.names]
        rules = tuple(_placed(found.rules[member], text) for member in members)
        meta = replace(text.meta, related=replace(text.meta.related, rules=rules))
        found.rules[number] = replace(text, meta=meta)
        if not text.meta.related.generates:
            found.parts |= {member for member in members if texts[member].source == text.source}
    return found


def _names(texts: Sequence[RuleText]) -> Iterator[tuple[str, int]]:
    """Ids and names, the first rule that has one."""
    seen: set[str] = set()
    for number, text in enumerate(texts):
        if text.meta.type not in (RULE, CORRELATION):
            continue
        for name in (text.meta.rule_id, text.meta.related.name):
            if name and name not in seen:
                seen.add(name)
                yield name, number


def _problems(text: RuleText, texts: Sequence[RuleText], names: dict[str, int]) -> Iterator[Diagnostic]:
    """What is wrong with the references of a correlation."""
    for number, name in enumerate(text.meta.related.names):
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]}?" if near else "give the file of that rule too"
            yield _at(text, number, S020, f"the correlation counts {name}, which is not among the rules read", hint)
            continue
        member = texts[names[name]]
        if member.meta.type != CORRELATION:
            continue
        if _reaches(member, text, texts, names):
            yield _at(text, number, S021, f"the correlation counts {name}, which counts this one")
        else:
            hint = "count rules of single events"
            yield _at(text, number, S022, f"{name} is a correlation itself, and a chain of them is not carried", hint)


def _reaches(start: RuleText, goal: RuleText, texts: Sequence[RuleText], names: dict[str, int]) -> bool:
    """Whether references lead from one correlation to another."""
    waiting, seen = [start], set()
    while waiting:
        here = waiting.pop()
        if here is goal:
            return True
        if id(here) not in seen:
            seen.add(id(here))
            waiting += [texts[names[name]] for name in here.meta.related.names if name in names]
    return False


def _at(text: RuleText, number: int, code: Code, message: str, hint: str = "") -> Diagnostic:
    span: Span | None = None
    if text.findings is not None:
        path = (*text.findings.top, "correlation", "rules")
        span = text.findings.positions.value((*path, number)) or text.findings.positions.key(path)
    return Diagnostic(code, message, span=span, source=text.source, hint=hint)


def _placed(rule: RuleText, beside: RuleText) -> Metadata:
    """The rule's or filter's metadata; it keeps its place only where what it serves stands in the same file."""
    same = rule.source == beside.source
    return rule.meta if same else replace(rule.meta, query_span=None)


def _filtered(text: RuleText, filters: Iterable[RuleText]) -> Metadata:
    """The metadata with the filters that name the rule and its log source (pySigma: `SigmaFilter`)."""
    meta = text.meta
    own = {meta.rule_id, meta.related.name} - {""}
    source = meta.log_source or LogSource()
    mine = tuple(
        _placed(one, text)
        for one in filters
        if (one.meta.log_source or LogSource()).named.items() <= source.named.items()
        and (own & set(one.meta.related.names) or set(_EVERY) & set(one.meta.related.names))
    )
    return replace(meta, related=replace(meta.related, filters=mine)) if mine else meta
