"""ES|QL's dates at their edges, by Elasticsearch's documentation: what has no result is null, not an error of ours."""

from __future__ import annotations

import pytest

import converter
from backends.python.runtime import row_times
from converter.readers.esql.literal import instant
from converter.reference.esql import temporal

CASES = [
    # https://www.elastic.co/docs/reference/query-languages/esql/functions-operators/date-time-functions
    ('date_format("yyyy-MM-dd", to_datetime("2024-02-29T10:00:00Z"))', "2024-02-29"),
    ('date_format("EEEE d MMMM", to_datetime("2024-02-29T10:00:00Z"))', "Thursday 29 February"),
    ('date_format(to_datetime("2024-02-29T10:00:00Z"))', "2024-02-29T10:00:00.000Z"),
    ('date_trunc(1 month, to_datetime("2024-02-29T10:00:00Z"))', "2024-02-01T00:00:00.000Z"),
    ('date_trunc(1 year, to_datetime("2024-02-29T10:00:00Z"))', "2024-01-01T00:00:00.000Z"),
    ('to_datetime("2024-01-31T00:00:00Z") + 1 month', "2024-02-29T00:00:00.000Z"),
    ('to_datetime("2024-02-29T00:00:00Z") - 1 year', "2023-02-28T00:00:00.000Z"),
    ('date_diff("month", to_datetime("2024-01-31T00:00:00Z"), to_datetime("2024-02-29T00:00:00Z"))', 0),
    ('date_diff("month", to_datetime("2024-01-29T00:00:00Z"), to_datetime("2024-02-29T00:00:00Z"))', 1),
    ('date_diff("month", to_datetime("2024-02-29T00:00:00Z"), to_datetime("2024-01-31T00:00:00Z"))', 0),
    ('date_diff("month", to_datetime("2024-03-31T00:00:00Z"), to_datetime("2024-02-29T00:00:00Z"))', -1),
    ('date_diff("month", to_datetime("2024-01-15T12:00:00Z"), to_datetime("2024-02-15T11:59:59Z"))', 0),
    ('date_diff("month", to_datetime("2024-01-15T12:00:00Z"), to_datetime("2024-02-15T12:00:00Z"))', 1),
    ('date_diff("month", to_datetime("2024-02-15T11:00:00Z"), to_datetime("2024-01-15T12:00:00Z"))', 0),
    ('date_diff("month", to_datetime("2024-01-31T12:00:00Z"), to_datetime("2024-03-01T00:00:00Z"))', 0),
    ('date_diff("month", to_datetime("2024-01-31T12:00:00Z"), to_datetime("2024-03-01T12:00:00Z"))', 1),
    ('date_diff("month", to_datetime("2024-03-01T00:00:00Z"), to_datetime("2024-01-31T12:00:00Z"))', -1),
    ('date_diff("year", to_datetime("2020-02-29T00:00:00Z"), to_datetime("2021-02-28T00:00:00Z"))', 0),
    ('date_diff("quarter", to_datetime("2024-01-31T00:00:00Z"), to_datetime("2024-04-30T00:00:00Z"))', 0),
    ('date_diff("months", to_datetime("2024-03-29T00:00:00Z"), to_datetime("2024-02-29T00:00:00Z"))', -1),
    ('date_parse("yyyy-MM-dd", "2024-02-30")', None),
    ('date_parse("yyyy-MM-dd", "x")', None),
    ("to_string(1.0e300 * 1.0e300)", None),
    ("to_string(1.0e10)", "1.0E10"),
    ("to_string(100000.0)", "100000.0"),
]  # fmt: skip


def test_months_in_an_artifact_are_those_of_the_reference() -> None:
    moments = ["2024-01-31T12:00:00Z", "2024-02-29T11:59:00Z", "2024-02-29T12:00:00Z", "2024-03-31T12:00:00Z",
               "2023-01-30T00:00:00Z", "2025-02-28T23:59:59Z", "2024-01-01T00:00:00Z"]  # fmt: skip
    for number, first in enumerate(moments):
        for second in moments:
            for unit, count in (("month", 1), ("quarter", 3), ("year", 12)):
                wanted = temporal.difference(unit, _ms(first), _ms(second))
                found = row_times.difference(("months", count), _ms(first), _ms(second))  # type: ignore[no-untyped-call]
                assert found == wanted, (number, second, unit)


def _ms(text: str) -> int:
    found = instant(text)
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize(("expression", "value"), CASES, ids=[one for one, _ in CASES])
def test_dates(expression: str, value: object) -> None:
    found = converter.esql(f"row a = 1 | eval x = {expression} | keep x", {})
    assert found.rows == ((value,),)
