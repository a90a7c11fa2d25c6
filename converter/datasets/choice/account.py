"""The account of a predicate bound to a place, made from what rewriting says of its leaves."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import assert_never

from converter.datasets.reading.table import Known, Table
from converter.datasets.rewriting.outcome import Emitted, Fate, GivenUp, Ground, Implied
from converter.diagnostics import Source
from converter.model.predicate import Predicate
from converter.model.walk import leaves
from converter.target.account import Account, Ending, Leaves, Line, fields_of

_ABSORBED = "the conditions beside it, or what the table says of the place, decide it"
_WORST = (Known.ROW, Known.DOCUMENT, Known.GUESS)


def account(fates: Iterable[Fate], final: Predicate, table: Table) -> Account:
    """One line a leaf. `final` is the predicate as it is emitted: a leaf that is not in it any more is implied."""
    left = Leaves(leaves(final))
    return tuple(_line(fate, left, table) for fate in fates)


def _line(fate: Fate, final: Leaves, table: Table) -> Line:
    entry, evidence, known = _ground(fate.ending.grounds, table)
    match fate.ending:
        case Emitted(bound):
            there = tuple(leaves(bound))
            columns = dict.fromkeys(f.way.text if f.way else f.path for leaf in there for f in fields_of(leaf))
            # A condition that looks at no column any more holds, or not, by what the table says.
            if not columns or not all(map(final.hold, there)):
                return Line(fate.leaf, Ending.IMPLIED, why=_ABSORBED, entry=entry, evidence=evidence, known=known)
            return Line(fate.leaf, Ending.EMITTED, there, tuple(columns), "", None, entry, evidence, known)
        case Implied(why):
            return Line(fate.leaf, Ending.IMPLIED, why=why, entry=entry, evidence=evidence, known=known)
        case GivenUp(finding):
            return Line(fate.leaf, Ending.GIVEN_UP, finding=finding, entry=entry, evidence=evidence, known=known)
        case _:
            assert_never(fate.ending)


@functools.lru_cache(maxsize=16384)
def _line_of(source: Source, offset: int) -> int:
    """The line of an entry of a table, of which many rules use the same."""
    return source.place(offset)[0]


def _ground(grounds: tuple[Ground, ...], table: Table) -> tuple[str, tuple[str, ...], str]:
    """The entries as file:line, the texts of their evidence, and the weakest way in which they are known."""
    if not grounds:
        return "", (), ""
    places = []
    for ground in grounds:
        source, span = ground.entry.source or table.source, ground.entry.span
        places.append(f"{source.name}:{_line_of(source, span.start)}" if span is not None else source.name)
    codes = dict.fromkeys(code for ground in grounds for code in ground.entry.evidence)
    texts = tuple(f"{code}: {table.evidence[code]}" if code in table.evidence else code for code in codes)
    known = max((ground.part.known for ground in grounds), key=_WORST.index)
    return ", ".join(dict.fromkeys(places)), texts, known.value
