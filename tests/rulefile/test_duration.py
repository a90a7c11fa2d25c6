from __future__ import annotations

import pytest

from converter.model.duration import DurationError, largest_unit, parse_date_math, parse_duration
from converter.model.value import Now


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("0s", 0), ("90s", 90_000), ("5m", 300_000), ("1h", 3_600_000), ("7d", 604_800_000), ("2w", 1_209_600_000)],
)
def test_duration(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("now", Now(0)),
        ("now-9m", Now(-540_000)),
        ("now-1H", Now(-3_600_000)),
        ("now-d", Now(-86_400_000)),
        ("now-1d-1h+30m", Now(-88_200_000)),
        ("now+1s", Now(1_000)),
        ("now-30d/d", Now(-2_592_000_000, "d")),
        ("now/H", Now(0, "h")),
    ],
)
def test_date_math(text: str, now: Now) -> None:
    assert parse_date_math(text) == now


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a duration"),
        ("5", "'5' is not a duration"),
        ("5 m", "'5 m' is not a duration"),
        ("5m ", "'5m ' is not a duration"),
        ("-5m", "'-5m' is not a duration"),
        ("1M", "'1M' counts in months, which have no fixed length"),
        ("1y", "'1y' counts in years, which have no fixed length"),
        ("1ms", "'1ms' has the unknown unit 'ms'"),
        ("\u0665m", "'\u0665m' is not a duration"),
    ],
)
def test_error_duration(text: str, message: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value) == message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5m", "'5m' does not start with now"),
        ("2024-01-01||-1d", "'2024-01-01||-1d' does not start with now"),
        ("now-1M", "'now-1M' counts in months, which have no fixed length"),
        ("now-1q", "'now-1q' has the unknown unit 'q'"),
        ("now-1d/M", "'now-1d/M' counts in months, which have no fixed length"),
        ("now-1d/w", "'now-1d/w' rounds down to weeks"),
        ("now/d-1h", "'now/d-1h' is not date math relative to now"),
        ("now - 1d", "'now - 1d' is not date math relative to now"),
        ("now-9minutes", "'now-9minutes' is not date math relative to now"),
    ],
)
def test_error_date_math(text: str, message: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_date_math(text)
    assert str(caught.value) == message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("ms", "least", "expected"),
    [
        (0, 1, (0, "d")),
        (1, 1, (1, "ms")),
        (1, 1_000, (1, "s")),
        (1_001, 1_000, (2, "s")),
        (90_000, 1, (90, "s")),
        (540_000, 1, (9, "m")),
        (-3_600_000, 1, (-1, "h")),
        (14 * 86_400_000, 1, (14, "d")),
    ],
)
def test_largest_unit_that_says_a_duration_whole(ms: int, least: int, expected: tuple[int, str]) -> None:
    assert largest_unit(ms, least) == expected
