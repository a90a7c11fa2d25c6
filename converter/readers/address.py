"""IP addresses and networks as Elasticsearch's ip field compares them: as 128-bit numbers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from converter.model.predicate import Comparison

_MAPPED = int(IPv6Address("::ffff:0:0"))
_MAPPED_END = int(IPv6Address("::ffff:ffff:ffff"))
_MAPPED_BITS = 96
_LAST = int(IPv6Address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))


class AddressError(ValueError):
    """The text is no address, or no network where one may stand."""


def within(text: str) -> tuple[str, ...]:
    """`text`, an address or a network, as networks with the host bits cleared; AddressError if it is neither.

    Indexed addresses of IPv4 are those of ::ffff:0:0/96 (elastic: ip field type), which a network of IPv6 may
    be, lie in or cover.
    """
    try:
        found = ipaddress.ip_network(_plain(text), strict=False)
    except ValueError as error:
        raise AddressError(text) from error
    if isinstance(found, IPv6Network):
        mapped = IPv6Network((_MAPPED, _MAPPED_BITS))
        if found.subnet_of(mapped):
            address = IPv4Address(int(found.network_address) - _MAPPED)
            return (str(IPv4Network((address, found.prefixlen - _MAPPED_BITS))),)
        if mapped.subnet_of(found):
            return (str(found), "0.0.0.0/0")
    return (str(found),)


def networks(order: Comparison, text: str) -> tuple[str, ...]:
    """The networks that together hold the addresses in that relation to the address `text`."""
    return between(((order, text),))


def between(bounds: tuple[tuple[Comparison, str], ...]) -> tuple[str, ...]:
    """The networks that together hold the addresses within all bounds; none if nothing lies there."""
    first, last = 0, _LAST
    for order, text in bounds:
        at = _number(text)
        if order in (Comparison.GT, Comparison.GE, Comparison.EQ):
            first = max(first, at + (order is Comparison.GT))
        if order in (Comparison.LT, Comparison.LE, Comparison.EQ):
            last = min(last, at - (order is Comparison.LT))
    return tuple(_cover(first, last))


def _plain(text: str) -> str:
    """The text, if it names no zone, which Elasticsearch does not index."""
    if "%" in text:
        raise AddressError(text)
    return text


def _number(text: str) -> int:
    try:
        address = ipaddress.ip_address(_plain(text))
    except ValueError as error:
        raise AddressError(text) from error
    return int(address) + (_MAPPED if isinstance(address, IPv4Address) else 0)


def _cover(first: int, last: int) -> Iterator[str]:
    """The fewest networks from `first` to `last`; the block of IPv4 is written as IPv4."""
    for start, end in ((first, min(last, _MAPPED - 1)), (max(first, _MAPPED_END + 1), last)):
        if start <= end:
            yield from map(str, ipaddress.summarize_address_range(IPv6Address(start), IPv6Address(end)))
    start, end = max(first, _MAPPED), min(last, _MAPPED_END)
    if start <= end:
        low, high = IPv4Address(start - _MAPPED), IPv4Address(end - _MAPPED)
        yield from map(str, ipaddress.summarize_address_range(low, high))
