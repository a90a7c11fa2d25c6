"""Addresses. Null where a text is no address; a text may carry its own /prefix and is masked by it.

ipv4-is-in-range, ipv4-is-match, ipv6-is-match, parse-ipv6 pages: the ipv6 functions read IPv4 text as ::ffff:a.b.c.d,
its prefix counted from bit 96.
"""

# ruff: noqa: ARG001 (functions have one shape, whatever they need of it)
from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from converter.proof.judges.kusto.functions.signature import (
    MANY,
    Signature,
    array_argument,
    text_argument,
    whole_argument,
)
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import UNKNOWN, Value, boolean, long, null, string


@dataclass(frozen=True, slots=True)
class _Address:
    number: int
    prefix: int
    bits: int

    def network(self, prefix: int) -> int:
        return self.number >> (self.bits - min(prefix, self.bits))


def _parse(text: str, *, bits: int, reads_ipv4: bool = True) -> _Address | None:
    address, slash, suffix = text.strip().partition("/")
    if "%" in address or (slash and not (suffix.isascii() and suffix.isdigit())):
        return None
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    own = 32 if parsed.version == 4 else 128
    prefix = int(suffix) if slash else own
    if prefix > own:
        return None
    number = int(parsed)
    if bits == 128 and own == 32:
        if not reads_ipv4:
            return None
        return _Address(number | 0xFFFF << 32, prefix + 96, 128)
    return _Address(number, prefix, bits) if own == bits else None


def _bits(name: str) -> int:
    return 32 if "ipv4" in name else 128


def _within(address: _Address, network: _Address) -> bool:
    prefix = min(address.prefix, network.prefix)
    return address.network(prefix) == network.network(prefix)


def _is_in_range(name: str, arguments: list[Value], scope: Scope) -> Value:
    """ipvN_is_in_range(address, range) and ipvN_is_in_any_range(address, range ... | array of ranges)."""
    bits = _bits(name)
    reads_ipv4 = scope.reading.ipv6_reads_ipv4
    address = _parse(text_argument(name, arguments[0]), bits=bits, reads_ipv4=reads_ipv4)
    ranges: list[str] = []
    for argument in arguments[1:]:
        if argument.kind == "dynamic":
            ranges += [str(one) for one in array_argument(name, argument) or []]
        else:
            ranges.append(text_argument(name, argument))
    networks = [_parse(one, bits=bits) for one in ranges]
    if address is None or any(one is None for one in networks):
        return UNKNOWN
    return boolean(any(_within(address, one) for one in networks if one is not None))


def _is_match(name: str, arguments: list[Value], scope: Scope) -> Value:
    """Equal under the shortest of both prefixes and the third argument."""
    bits = _bits(name)
    one, other = (_parse(text_argument(name, value), bits=bits) for value in arguments[:2])
    prefix = whole_argument(name, arguments[2]) if len(arguments) > 2 else bits
    if one is None or other is None or prefix is None or not 0 <= prefix <= bits:
        return UNKNOWN
    prefix = min(prefix, one.prefix, other.prefix)
    return boolean(one.network(prefix) == other.network(prefix))


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def _is_private(name: str, arguments: list[Value], scope: Scope) -> Value:
    address = _parse(text_argument(name, arguments[0]), bits=32)
    if address is None:
        return UNKNOWN
    networks = [_parse(one, bits=32) for one in _PRIVATE]
    return boolean(any(_within(address, one) for one in networks if one is not None))


def _compare(name: str, arguments: list[Value], scope: Scope) -> Value:
    """ipvN_compare: 0 equal, 1 or -1, under the shortest of both prefixes and the third argument."""
    bits = _bits(name)
    one, other = (_parse(text_argument(name, value), bits=bits) for value in arguments[:2])
    prefix = whole_argument(name, arguments[2]) if len(arguments) > 2 else bits
    if one is None or other is None or prefix is None or not 0 <= prefix <= bits:
        return null("long")
    prefix = min(prefix, one.prefix, other.prefix)
    low, high = one.network(prefix), other.network(prefix)
    return long((low > high) - (low < high))


def _parse_ipv6(name: str, arguments: list[Value], scope: Scope) -> Value:
    """The address written out in full, masked; "" of no address: parse-ipv6-function page."""
    address = _parse(text_argument(name, arguments[0]), bits=128)
    if address is None:
        return string("")
    host = 128 - address.prefix
    return string(ipaddress.IPv6Address(address.number >> host << host).exploded)


def _parse_ipv4(name: str, arguments: list[Value], scope: Scope) -> Value:
    address = _parse(text_argument(name, arguments[0]), bits=32)
    if address is None:
        return null("long")
    host = 32 - address.prefix
    return long(address.number >> host << host)


FUNCTIONS = {
    "ipv4_is_in_range": Signature(2, 2, _is_in_range),
    "ipv4_is_in_any_range": Signature(2, MANY, _is_in_range),
    "ipv4_is_match": Signature(2, 3, _is_match),
    "ipv4_is_private": Signature(1, 1, _is_private),
    "ipv4_compare": Signature(2, 3, _compare),
    "ipv6_compare": Signature(2, 3, _compare),
    "parse_ipv6": Signature(1, 1, _parse_ipv6),
    "parse_ipv4": Signature(1, 1, _parse_ipv4),
    "ipv6_is_in_range": Signature(2, 2, _is_in_range),
    "ipv6_is_in_any_range": Signature(2, MANY, _is_in_range),
    "ipv6_is_match": Signature(2, 3, _is_match),
}
