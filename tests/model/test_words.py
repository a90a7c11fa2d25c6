"""A leaf in plain words, as people read it in a report."""

from __future__ import annotations

import pytest

from converter.model.pattern import Case, Pattern, Wild, of
from converter.model.predicate import (
    Between,
    Compare,
    Comparison,
    End,
    Holds,
    InNetwork,
    Leaf,
    Like,
    Matches,
    OneOf,
    Phrase,
    Present,
)
from converter.model.value import Call, Field, Function, Instant, Literal, Now
from converter.model.words import words
