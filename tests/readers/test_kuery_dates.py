"""Dates and addresses as Elasticsearch's ranges read them."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.predicate import Comparison
from converter.model.value import Instant, Now
from converter.readers.address import AddressError, between, networks, within
from converter.readers.date import DateError, compared

GE, GT, LE, LT = Comparison.GE, Comparison.GT, Comparison.LE, Comparison.LT


def at(*parts: int, ms: int = 0) -> Instant:
    return Instant(int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000 + ms)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "down", "up"),
    [
        ("2024", at(2024, 1, 1), at(2024, 1, 1, 23, 59, 59, ms=999)),
        ("2024-02", at(2024, 2, 1), at(2024, 2, 1, 23, 59, 59, ms=999)),
        ("2024-02-29", at(2024, 2, 29), at(2024, 2, 29, 23, 59, 59, ms=999)),
        ("2024-02-29T", at(2024, 2, 29), at(2024, 2, 29, 23, 59, 59, ms=999)),
        ("2024-02-29T10", at(2024, 2, 29, 10), at(2024, 2, 29, 10, 59, 59, ms=999)),
        ("2024-02-29T10:11", at(2024, 2, 29, 10, 11), at(2024, 2, 29, 10, 11, 59, ms=999)),
        ("2024-02-29T10:11:12", at(2024, 2, 29, 10, 11, 12), at(2024, 2, 29, 10, 11, 12, ms=999)),
        ("2024-02-29T10:11:12.5Z", at(2024, 2, 29, 10, 11, 12, ms=500), at(2024, 2, 29, 10, 11, 12, ms=500)),
        ("2024-02-29T10:11:12,123456789", at(2024, 2, 29, 10, 11, 12, ms=123), at(2024, 2, 29, 10, 11, 12, ms=123)),
        ("2024-02-29T10:11:12.000+05:30", at(2024, 2, 29, 4, 41, 12), at(2024, 2, 29, 4, 41, 12)),
        ("2024-02-29T10:11:12.000-0130", at(2024, 2, 29, 11, 41, 12), at(2024, 2, 29, 11, 41, 12)),
        ("2024-02-29T10+01", at(2024, 2, 29, 9), at(2024, 2, 29, 9, 59, 59, ms=999)),
        ("1709201472000", at(2024, 2, 29, 10, 11, 12), at(2024, 2, 29, 10, 11, 12)),
        ("-1000", at(1969, 12, 31, 23, 59, 59), at(1969, 12, 31, 23, 59, 59)),
        ("2024-01-31||+1M", at(2024, 2, 29), at(2024, 2, 29)),
        ("2024-02-29||+1y", at(2025, 2, 28), at(2025, 2, 28)),
        ("2024-12-31||+1M-1d", at(2025, 1, 30), at(2025, 1, 30)),
        ("2024-05-15T10:11:12||/M", at(2024, 5, 1), at(2024, 5, 31, 23, 59, 59, ms=999)),
        ("2024-05-15||/y", at(2024, 1, 1), at(2024, 12, 31, 23, 59, 59, ms=999)),
        ("2024-05-15||/w", at(2024, 5, 13), at(2024, 5, 19, 23, 59, 59, ms=999)),
        ("2024-05-15T10:11:12||+1d/d", at(2024, 5, 16), at(2024, 5, 16, 23, 59, 59, ms=999)),
        ("2024-05-15T10:11:12||/h", at(2024, 5, 15, 10), at(2024, 5, 15, 10, 59, 59, ms=999)),
    ],
)
def test_date(text: str, down: Instant, up: Instant) -> None:
    assert compared(GE, text) == (GE, down)
    assert compared(LT, text) == (LT, down)
    assert compared(GT, text) == (GT, up)
    assert compared(LE, text) == (LE, up)


@pytest.mark.parametrize(
    ("order", "text", "expected"),
    [
        (GE, "now", (GE, Now(0))),
        (GT, "now-1d", (GT, Now(-86_400_000))),
        (GE, "now-1d/d", (GE, Now(-86_400_000, "d"))),
        (LT, "now-1d/d", (LT, Now(-86_400_000, "d"))),
        (GT, "now-1d/d", (GE, Now(0, "d"))),
        (LE, "now-1d/d", (LT, Now(0, "d"))),
    ],
)
def test_now(order: Comparison, text: str, expected: tuple[Comparison, Now]) -> None:
    assert compared(order, text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "x", "2024-13", "2024-02-30", "2024-1-1", "24", "2024-01-01T25", "2024-01-01 10:00", "0000-01-01", "2024-01-01+01:00",
     "9999-12-31||+1d", "2024||+1q", "2024||x", "now-1M", "now/d-1h", "now/w", "nowhere", "999999999999999999"],
)  # fmt: skip
def test_error_no_date(text: str) -> None:
    if text == "24":  # two digits are milliseconds
        assert compared(GE, text) == (GE, Instant(24))
        return
    with pytest.raises(DateError):
        compared(GE, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1", ("10.0.0.1/32",)),
        ("10.1.2.3/8", ("10.0.0.0/8",)),
        ("::1", ("::1/128",)),
        ("2001:DB8::5/32", ("2001:db8::/32",)),
        ("::ffff:10.0.0.1", ("10.0.0.1/32",)),
        ("::ffff:10.0.0.0/104", ("10.0.0.0/8",)),
        ("::/0", ("::/0", "0.0.0.0/0")),
    ],
)
def test_within(text: str, expected: tuple[str, ...]) -> None:
    assert within(text) == expected


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.0/33", "host", "fe80::1%eth0", "10.0.0.256"])
def test_error_no_address(text: str) -> None:
    with pytest.raises(AddressError):
        within(text)


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


def number(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    return int(address) + (0xFFFF << 32 if address.version == 4 else 0)


def inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address, found: tuple[str, ...]) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in ipaddress.ip_network(n) for n in found)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(ADDRESSES, ADDRESSES)
def test_networks_hold_what_the_order_says(bound: ipaddress.IPv4Address, address: ipaddress.IPv4Address) -> None:
    low, high = number(address), number(bound)
    assert inside(address, networks(LT, str(bound))) is (low < high)
    assert inside(address, networks(LE, str(bound))) is (low <= high)
    assert inside(address, networks(GT, str(bound))) is (low > high)
    assert inside(address, networks(GE, str(bound))) is (low >= high)
    assert inside(address, networks(Comparison.EQ, str(bound))) is (low == high)


def test_between_is_empty_where_nothing_lies() -> None:
    assert between(((GE, "10.0.0.1"), (LT, "10.0.0.1"))) == ()
    assert between(((GT, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),)) == ()
    assert between(((LT, "::"),)) == ()
