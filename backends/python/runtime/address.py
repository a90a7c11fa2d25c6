"""IP addresses, IPv4 and IPv6; an IPv4 address and its mapped IPv6 form are the same."""

from __future__ import annotations

import ipaddress

from backends.python.runtime.reading import read


def to_address(value):
    """A text as an address in 128 bits, or None."""
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        return None
    return int(found) | (0xFFFF << 32) if found.version == 4 else int(found)


def address_range(network):
    """The first and last address of a network."""
    found = ipaddress.ip_network(network, strict=False)
    mapped = 0xFFFF << 32 if found.version == 4 else 0
    return int(found.network_address) | mapped, int(found.broadcast_address) | mapped


def address_name(bits):
    """An address as text, IPv4 where it is one."""
    found = ipaddress.IPv6Address(bits)
    return str(found.ipv4_mapped or found)


def to_address_name(value):
    """A JSON value as the text of an address, None if it is none."""
    bits = to_address(value)
    return None if bits is None else address_name(bits)


def in_network(event, path, ranges):
    """Some address lies in one of the ranges."""
    found = [bits for value in read(event, path) if (bits := to_address(value)) is not None]
    return any(low <= bits <= high for bits in found for low, high in ranges)
