"""Values as Elastic's languages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from converter.model.duration import UNIT_MS, date_math
from converter.model.predicate import Comparison
from converter.model.value import Instant, Now

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


def number(value: float) -> str:
    """A number in decimal digits, as every field of numbers reads it."""
    return repr(value)


def address(network: str) -> str:
    """A network, or the address of which it is the whole."""
    return network.removesuffix("/128" if ":" in network else "/32")


def moment(order: Comparison, value: Instant | Now) -> tuple[Comparison, str]:
    """The order and the date that mean the comparison: `gt` and `lte` of a rounded date count from its end.

    elastic.co/docs/reference/query-languages/query-dsl/query-dsl-range-query: the rounding of date math.
    """
    if isinstance(value, Instant):
        return order, (_START + timedelta(milliseconds=value.ms)).isoformat(timespec="milliseconds")[:-6] + "Z"
    if value.round_to and order in (Comparison.GT, Comparison.LE):
        # `> now/d` would mean after the last moment of the day: the day before, of which the end is this beginning.
        order = Comparison.GE if order is Comparison.GT else Comparison.LT
        value = Now(value.offset_ms + UNIT_MS[value.round_to], value.round_to)
    return order, date_math(value)
