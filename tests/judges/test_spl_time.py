"""Time modifiers, spans and formats; UTC throughout."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from converter.proof.judges.spl import timespec
from converter.proof.judges.spl.errors import SplError

# A Wednesday: the table of "Specify time modifiers in your search" uses such a moment.
NOW = datetime(2025, 2, 5, 13, 37, 5, tzinfo=UTC).timestamp()


def shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("now", "2025-02-05 13:37:05"),
        ("-60m", "2025-02-05 12:37:05"),
        ("-1h@h", "2025-02-05 12:00:00"),
        ("-h@h", "2025-02-05 12:00:00"),
        ("-7d@d", "2025-01-29 00:00:00"),
        ("+1d@d", "2025-02-06 00:00:00"),
        ("-1d@d+2h", "2025-02-04 02:00:00"),
        ("@w", "2025-02-02 00:00:00"),
        ("@w0", "2025-02-02 00:00:00"),
        ("@w7", "2025-02-02 00:00:00"),
        ("@w1", "2025-02-03 00:00:00"),
        ("@w6", "2025-02-01 00:00:00"),
        ("@w3", "2025-02-05 00:00:00"),
        ("@mon", "2025-02-01 00:00:00"),
        ("-1mon", "2025-01-05 13:37:05"),
        ("@q", "2025-01-01 00:00:00"),
        ("-1q@q", "2024-10-01 00:00:00"),
        ("@y", "2025-01-01 00:00:00"),
        ("-1y", "2024-02-05 13:37:05"),
        ("@m", "2025-02-05 13:37:00"),
        ("@s", "2025-02-05 13:37:05"),
        ("-2weeks", "2025-01-22 13:37:05"),
        ("now-5s", "2025-02-05 13:37:00"),
        ("0", "1970-01-01 00:00:00"),
        ("1738762625", "2025-02-05 13:37:05"),
        ("10/19/2018:00:00:00", "2018-10-19 00:00:00"),
    ],
)
def test_modifier(spec: str, expected: str) -> None:
    assert shown(timespec.resolve(spec, NOW)) == expected


def test_month_arithmetic_stays_in_the_month() -> None:
    end_of_march = datetime(2025, 3, 31, tzinfo=UTC).timestamp()
    assert shown(timespec.resolve("-1mon", end_of_march)) == "2025-02-28 00:00:00"


@pytest.mark.parametrize("spec", ["", "-", "yesterday", "-3x", "@", "-1d@noon", "10/19/18", "-1d -2h"])
def test_error_modifier(spec: str) -> None:
    with pytest.raises(SplError):
        timespec.resolve(spec, NOW)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("10m", "2025-02-05 13:30:00"),
        ("1h", "2025-02-05 13:00:00"),
        ("1d", "2025-02-05 00:00:00"),
        ("d", "2025-02-05 00:00:00"),
        ("30", "2025-02-05 13:37:00"),
        ("1mon", "2025-02-01 00:00:00"),
        ("1q", "2025-01-01 00:00:00"),
        ("1y", "2025-01-01 00:00:00"),
    ],
)
def test_bin(span: str, expected: str) -> None:
    assert shown(timespec.floor(NOW, span)) == expected


@pytest.mark.parametrize("span", ["", "0m", "-1h", "fortnight"])
def test_error_span(span: str) -> None:
    with pytest.raises(SplError):
        timespec.floor(NOW, span)


def test_error_span_without_fixed_length() -> None:
    assert timespec.seconds("2h") == 7200
    for span in ("1mon", "5", ""):
        with pytest.raises(SplError):
            timespec.seconds(span)


def test_formats() -> None:
    assert (
        timespec.strftime(NOW + 0.25, "%d/%b/%Y:%T.%3N %s %% %Z %6N")
        == "05/Feb/2025:13:37:05.250 1738762625 % UTC 250000"
    )
    assert timespec.strftime(NOW, "%F %w %A") == "2025-02-05 3 Wednesday"
    assert timespec.strptime("2025-02-05T13:37:05.250", "%FT%T.%3N") == NOW + 0.25
    assert timespec.strptime("2025-02-05 13:37:05 +0100", "%Y-%m-%d %H:%M:%S %z") == NOW - 3600
    assert timespec.strptime("1738762625", "%s") == NOW
    assert timespec.strptime("x", "%s") is None
