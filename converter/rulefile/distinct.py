"""Rules of one run that share a name or an id, told apart: artifacts of two rules must never be taken for one."""

from __future__ import annotations

from collections.abc import Sequence

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.rulefile.alike import tags
from converter.rulefile.codes import F044
from converter.rulefile.ruletext import RuleText


def told_apart(texts: Sequence[RuleText]) -> list[RuleText]:
    """The rules in their order, with `name_tag` and `id_tag` where several have one name, or one id.

    The oldest that is not deprecated keeps its own, so that a rule that is new changes no other's.
    """
    found = zip(texts, tags([text.meta for text in texts]), strict=True)
    return [tagged(text, *both) for text, both in found]


def tagged(text: RuleText, id_tag: str, name_tag: str) -> RuleText:
    """The rule with its tags, and a note where its name has one."""
    if not id_tag and not name_tag:
        return text
    meta = replace(text.meta, id_tag=id_tag, name_tag=name_tag)
    note = Diagnostic(
        F044,
        f"another rule has this name: the title of artifacts is {meta.title!r}",
        Severity.NOTE,
        text.key("name"),
        text.source,
    )
    return replace(text, meta=meta, notes=(*text.notes, *((note,) if name_tag else ())))
