"""DISSECT and GROK as columns cut out of a text: all without value where it does not fit (rules Q47, Q48)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from backends.sentinel.condition import tree
from backends.sentinel.condition.rowpart import spelled
from backends.sentinel.condition.rowvalue import Values
from converter.deferred import compiled
from converter.languages.kusto.syntax import Binary, Columns, Expression, Extend, Item, Name, Number, Text
from converter.model.pipeline import Cutting, Extract, Type
from converter.target.narrowing import UnsayableError

_AHEAD = compiled(r"\(\?(?:[=!>]|<[=!])|\\[ZzGkKX]")
_PARTS = compiled(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P<(?P<group>\w+)>|\(|\)(?P<optional>[?*]|\{0)?|.", re.DOTALL)

Put = Callable[..., None]
Told = Mapping[str, Name | None]
"""Each new column, and the column that tells whether it has a value where the empty text may be one."""


def grokked(values: Values, stage: Extract, put: Put) -> Told:
    """Each capture by its own `extract`, which gives the empty text where nothing matches."""
    how = stage.how
    if isinstance(how, Cutting) or len(how) != 1:
        raise UnsayableError("grok with several patterns")
    regex, captures = how[0].regex, how[0].captures
    if len({c.into for c in captures}) < len(captures) or _AHEAD.search(regex):
        raise UnsayableError("grok with look-around or one name twice")
    if any(c.type is not Type.KEYWORD for c in captures):
        raise UnsayableError("grok with types")
    source, pattern = values.one(stage.source), Text(regex)
    found = [
        Item(tree.call("extract", pattern, Number(number), source), spelled(capture.into))
        for number, capture in enumerate(captures, 1)
    ]
    bodies, optional = _groups(regex)
    empty = {c.group: c.into for c in captures if _may_be_empty(regex, bodies[c.group])}
    if not empty:
        put(Extend(tuple(found)))
        return {}
    if optional & set(empty):
        raise UnsayableError("a part of grok that may be empty, beside parts that may be left out")
    fits = Name(values.fresh("Known"))
    matched = tree.all_of([values.known(stage.source), Binary("matches regex", source, pattern)])
    put(Extend((Item(matched, fits.name), *found)))
    return dict.fromkeys(empty.values(), fits)


def _groups(regex: str) -> tuple[dict[str, str], set[str]]:
    """The text of each named group, and the groups that may be left without a part of the text."""
    bodies: dict[str, str] = {}
    optional: set[str] = set()
    open_: list[tuple[int, str, set[str], list[bool]]] = [(0, "", set(), [False])]
    for found in _PARTS.finditer(regex):
        if found[0].startswith("("):
            open_.append((found.start(), found["group"] or "", set(), [False]))
        elif found[0].startswith(")"):
            start, name, inside, bar = open_.pop()
            optional |= inside if bar[0] else set()
            own = {name} - {""}
            optional |= inside | own if found["optional"] else set()
            bodies |= dict.fromkeys(own, regex[start : found.start() + 1])
            open_[-1][2].update(inside | own)
        elif found[0] == "|":
            open_[-1][3][0] = True
    return bodies, optional | (open_[0][2] if open_[0][3][0] else set())


def _may_be_empty(regex: str, body: str) -> bool:
    """Whether a group can take the empty text."""
    flags = "(?m:" if regex.startswith("(?m:") else "(?:"
    return re.compile(f"{flags}{body})").fullmatch("") is not None


def dissected(values: Values, stage: Extract, put: Put) -> Told:
    """The text is taken apart delimiter by delimiter: what stands before it, and the rest."""
    how = stage.how
    if not isinstance(how, Cutting) or any(k.append or k.padded for k in how.keys):
        raise UnsayableError("dissect with parts that are joined")
    fits = [values.known(stage.source)]
    rest: Expression = values.one(stage.source)
    if how.head:
        fits.append(Binary("startswith_cs", rest, Text(how.head)))
        rest = tree.call("substring", rest, Number(len(how.head)))
    parts: dict[str, Expression] = {}
    helpers: list[str] = []
    for key in how.keys:
        if not key.delimiter:
            part = rest
        else:
            names = [values.fresh(stem) for stem in ("Rest", "At", "Part")]
            whole, at, before = map(Name, names)
            helpers += names
            put(Extend((Item(rest, whole.name),)))
            put(Extend((Item(tree.call("indexof", whole, Text(key.delimiter)), at.name),)))
            # What stands behind a delimiter that is not there is empty, where no other is found either.
            missing = Binary("<", at, Number(0))
            cut = tree.call("substring", whole, Number(0), at)
            put(Extend((Item(tree.call("iff", missing, Text(""), cut), before.name),)))
            behind = tree.call("substring", whole, Binary("+", at, Number(len(key.delimiter))))
            part, rest = before, tree.call("iff", missing, Text(""), behind)
            fits.append(Binary(">=", at, Number(0)))
        if key.into:
            parts[key.into] = part
    told = Name(values.fresh("Known"))
    put(Extend((Item(tree.all_of(fits), told.name),)))
    put(Extend(tuple(Item(tree.call("iff", told, part, Text("")), spelled(name)) for name, part in parts.items())))
    if helpers:
        put(Columns("away", tuple(helpers)))
    return dict.fromkeys(parts, told)
