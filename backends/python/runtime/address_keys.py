"""Under which keys an address is looked up among indicators: every network that it lies in."""

from __future__ import annotations

from backends.python.runtime.address import address_range, to_address


def address_keys(raw):
    """The networks of a JSON value, as (leading bits, how many bits are free)."""
    bits = to_address(raw)
    return () if bits is None else tuple((bits >> free, free) for free in range(129))


def network_keys(raw):
    """The network that a JSON value names, or the one address."""
    if not isinstance(raw, str):
        return ()
    try:
        low, high = address_range(raw)
    except ValueError:
        return ()
    free = (high - low).bit_length()
    return ((low >> free, free),)
