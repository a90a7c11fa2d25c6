"""Addresses and subnets, as cidrmatch(), search and lookups compare them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """The subnet `text` writes in CIDR notation."""
    if "/" not in text:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def inside(subnet: IPv4Network | IPv6Network, text: str) -> bool | None:
    """Whether the address is in the subnet; None for another family or no address at all."""
    found = address(text)
    if found is None or found.version != subnet.version:
        return None
    return found in subnet
