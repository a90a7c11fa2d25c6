"""The codes under which each language reports what `converter.readers.clause` finds, by their number.

A number means the same in every language (`converter.diagnostics.catalogue.clause`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from converter.diagnostics.code import Code
from converter.languages.kuery.codes import (
    K010,
    K011,
    K012,
    K013,
    K014,
    K015,
    K016,
    K017,
    K018,
    K019,
    K020,
    K021,
    K023,
    K025,
    K026,
)
from converter.languages.lucene.codes import (
    L002,
    L010,
    L011,
    L012,
    L013,
    L014,
    L015,
    L016,
    L017,
    L018,
    L019,
    L020,
    L021,
    L023,
    L024,
    L025,
    L030,
    L031,
    L032,
    L033,
)

KUERY_CODES: Final[Mapping[str, Code]] = {
    code[1:]: code
    for code in (
        K010,
        K011,
        K012,
        K013,
        K014,
        K015,
        K016,
        K017,
        K018,
        K019,
        K020,
        K021,
        K023,
        K025,
        K026,
    )
}

LUCENE_CODES: Final[Mapping[str, Code]] = {
    code[1:]: code
    for code in (
        L002,
        L010,
        L011,
        L012,
        L013,
        L014,
        L015,
        L016,
        L017,
        L018,
        L019,
        L020,
        L021,
        L023,
        L024,
        L025,
        L030,
        L031,
        L032,
        L033,
    )
}
