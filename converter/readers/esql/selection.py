"""KEEP, DROP and RENAME: which columns go on, in which order, under which names (rule Q44)."""

from __future__ import annotations

from converter.deferred import replace
from converter.languages.esql.query import NamePattern, Rename
from converter.model import pipeline
from converter.model.pipeline import Column
from converter.readers.esql.context import Context
from converter.readers.esql.scope import EVERYTHING, Scope, fits


def keep(context: Context, patterns: tuple[NamePattern, ...]) -> pipeline.Keep:
    """The columns in the order of the patterns; one that fits several stands by the most exact, then the last."""
    scope = context.scope
    named: list[Column | None] = []
    for pattern in patterns:
        column = None
        if pattern.plain is not None:
            column = scope.find(pattern.plain)
            if column is None:
                context.column(pattern.plain, pattern.span)
        named.append(column)
    candidates = {**{c.name: c for c in named if c is not None}, **scope.columns}
    order = {name: position for position, name in enumerate(scope.columns)}
    placed: list[tuple[int, int, Column]] = []
    for name, column in candidates.items():
        position = _place(name, patterns)
        if position is not None:
            placed.append((position, order.get(name, -1), column))
    columns = tuple(column for _, _, column in sorted(placed, key=lambda p: p[:2]))
    open_ = tuple(p.parts for p in patterns if p.plain is None) if scope.stored is not None else ()
    open_ = _narrowed(scope, open_)
    context.scope = Scope(
        {c.name: c for c in columns}, scope.stored if open_ else None, open_, scope.gone, scope.barred
    )
    return pipeline.Keep(columns, open_)


def _narrowed(scope: Scope, patterns: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """The patterns of fields that are still there, after an earlier KEEP."""
    if scope.patterns == EVERYTHING or EVERYTHING[0] not in patterns:
        return patterns
    return tuple(dict.fromkeys((*(p for p in patterns if p != EVERYTHING[0]), *scope.patterns)))


def _place(name: str, patterns: tuple[NamePattern, ...]) -> int | None:
    best: tuple[int, int] | None = None
    for position, pattern in enumerate(patterns):
        if not fits(name, pattern.parts):
            continue
        rank = 0 if pattern.plain is not None else 2 if pattern.parts == EVERYTHING[0] else 1
        if best is None or rank <= best[0]:
            best = (rank, position)
    return None if best is None else best[1]


def drop(context: Context, patterns: tuple[NamePattern, ...]) -> pipeline.Drop:
    """Every column but these."""
    scope = context.scope
    dropped: list[str] = []
    open_: list[tuple[str, ...]] = []
    for pattern in patterns:
        if pattern.plain is not None:
            if scope.find(pattern.plain) is None:
                context.column(pattern.plain, pattern.span)
            dropped.append(pattern.plain)
        else:
            dropped += [name for name in scope.columns if fits(name, pattern.parts)]
            if scope.stored is not None:
                open_.append(pattern.parts)
    for name in dropped:
        scope.columns.pop(name, None)
    scope.gone |= set(dropped)
    scope.barred = (*scope.barred, *open_)
    return pipeline.Drop(tuple(dict.fromkeys(dropped)), tuple(open_))


def rename(context: Context, node: Rename) -> pipeline.Rename:
    """Each pair after the one before; the column keeps its place, one that had the new name goes."""
    scope = context.scope
    pairs: list[tuple[Column, Column]] = []
    for renaming in node.columns:
        old, new = renaming.old, renaming.new
        found = scope.find(old.path)
        if found is None:
            context.column(old.path, old.span)
            continue
        if old.path == new.path:
            continue
        target = replace(found, name=new.path)
        pairs.append((found, target))
        if old.path not in scope.columns:
            scope.columns[old.path] = found
        scope.columns.pop(new.path, None)
        scope.columns = {
            (new.path if n == old.path else n): (target if n == old.path else c) for n, c in scope.columns.items()
        }
        scope.gone.add(old.path)
    return pipeline.Rename(tuple(pairs))
