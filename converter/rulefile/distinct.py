"""Rules of one run that share a name or an id, told apart: artifacts of two rules must never be taken for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.model.metadata import Metadata
from converter.rulefile.codes import F044
from converter.rulefile.ruletext import RuleText

_SHORT = 8


def told_apart(texts: Sequence[RuleText]) -> list[RuleText]:
    """The rules in their order, with `name_tag` and `id_tag` where several have one name, or one id.

    The oldest that is not deprecated keeps its own, so that a rule that is new changes no other's.
    """
    metas = [text.meta for text in texts]
    ids = _tags(metas, lambda meta: meta.rule_id or meta.name, _by_name)
    names = _tags(metas, lambda meta: same(meta.name), _by_kind)
    out = []
    for text, id_tag, name_tag in zip(texts, ids, names, strict=True):
        if not id_tag and not name_tag:
            out.append(text)
            continue
        meta = replace(text.meta, id_tag=id_tag, name_tag=name_tag)
        note = Diagnostic(
            F044,
            f"another rule has this name: the title of artifacts is {meta.title!r}",
            Severity.NOTE,
            text.key("name"),
            text.source,
        )
        out.append(replace(text, meta=meta, notes=(*text.notes, *((note,) if name_tag else ()))))
    return out


def same(name: str) -> str:
    """What names have in common that a platform may take for one: their words, case aside."""
    words = "".join(c if c.isalnum() else " " for c in name.casefold()).split()
    return " ".join(words) or name


def _tags(metas: Sequence[Metadata], key: Callable[[Metadata], str], word: Callable[[Metadata], str]) -> list[str]:
    """A tag for each rule but the first of those that `key` takes for one, told by `word` and, if need be, a number."""
    groups: dict[str, list[int]] = {}
    for number, meta in enumerate(metas):
        groups.setdefault(key(meta), []).append(number)
    tags = [""] * len(metas)
    for group in groups.values():
        if len(group) == 1:
            continue
        taken: set[str] = set()
        for number in sorted(group, key=lambda n: _age(metas[n]))[1:]:
            wanted = word(metas[number])
            tag, count = wanted, 1
            while same(tag) in taken or not tag or _joined(key(metas[number]), tag) in groups:
                count += 1
                tag = f"{wanted} {count}".strip()
            taken.add(same(tag))
            tags[number] = tag
    return tags


def _joined(name: str, tag: str) -> str:
    """The title that a tag gives, as `same` has it."""
    return same(f"{name} ({tag})")


def _age(meta: Metadata) -> tuple[bool, str, str, str]:
    return (meta.maturity == "deprecated", meta.creation_date or "9", meta.rule_id, meta.name)


def _by_kind(meta: Metadata) -> str:
    return "Deprecated" if meta.maturity == "deprecated" else meta.rule_id[:_SHORT]


def _by_name(meta: Metadata) -> str:
    return same(meta.name)
