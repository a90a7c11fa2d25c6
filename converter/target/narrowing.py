"""Pipelines without the columns that only fill the alert and that a target has no exact words for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from converter.diagnostics import Diagnostic, Severity
from converter.languages.esql.codes import Q042
from converter.model.pipeline import Pipeline
from converter.model.reduction import NeededError, without_column
from converter.model.references import made_by, read_behind
from converter.model.value import Field

T = TypeVar("T")
_MOST_NAMED = 6


class UnsayableError(Exception):
    """A part of a pipeline has no exact form on the target; the message says what has none."""


class UnsayableColumnError(UnsayableError):
    """A column has none: the one of this name that the stage at this position makes."""

    def __init__(self, message: str, position: int, column: str) -> None:
        super().__init__(message)
        self.position = position
        self.column = column


def narrowed(pipeline: Pipeline, write: Callable[[Pipeline], T]) -> tuple[T, Pipeline]:
    """What `write` makes of the pipeline, or of it without columns that have no form and decide no alert.

    Raises UnsayableError where such a column is needed.
    """
    while True:
        try:
            return write(pipeline), pipeline
        except UnsayableColumnError as error:
            try:
                pipeline = without_column(pipeline, error.position, error.column)
            except NeededError:
                raise error from None


def told_apart(pipeline: Pipeline, stored: Callable[[Field], Iterable[str]], spelled: Callable[[str], str]) -> None:
    """Raises UnsayableColumnError for a column under the name of another: the rule's, or the place's read behind it.

    `stored` are the columns of the place that a field is read from, `spelled` is the name of a column of the rule.
    """
    made: dict[str, str] = {}
    for position, stage in enumerate(pipeline.stages):
        for name in made_by(stage):
            if any(spelled(name) in stored(field) for field in read_behind(pipeline, position, name)):
                message = f"a column named {name} beside the place's own of that name"
                raise UnsayableColumnError(message, position, name)
            if (other := made.setdefault(spelled(name), name)) != name:
                message = f"a column named {name} beside one named {other}, which would have the same name there,"
                raise UnsayableColumnError(message, position, name)


def left_out(before: Pipeline, after: Pipeline) -> tuple[str, ...]:
    """The columns of the result that went."""
    return tuple(c.name for c in before.columns if c not in after.columns)


def said_of(names: Sequence[str], why: str) -> list[Diagnostic]:
    """What is said of columns that went."""
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    shown = ", ".join(names[:_MOST_NAMED]) + more
    return [Diagnostic(Q042, f"columns that only fill the alert {why} and are left out: {shown}", Severity.NOTE)]
