"""Tests of one address: in networks, by the functions of each family."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from backends.sentinel.condition import finding, tree
from backends.sentinel.condition.column import Operand
from backends.sentinel.condition.place import Place
from converter.languages.kusto.syntax import Binary, Expression, Text
from converter.model.predicate import InNetwork
from converter.model.value import Kind

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
# https://learn.microsoft.com/en-us/kusto/query/ipv4-is-private-function: the ranges of RFC 1918
_PRIVATE = {ipaddress.IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")}
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> _Network:
    """The network; one inside ::ffff:0:0/96 is the IPv4 network that it maps."""
    network = ipaddress.ip_network(text, strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        address = ipaddress.IPv4Address(int(network.network_address) & 0xFFFF_FFFF)
        return ipaddress.IPv4Network((address, network.prefixlen - 96))
    return network


def in_network(leaf: InNetwork, value: Operand, place: Place) -> Expression:
    """The address is in one of the networks. The functions are null on a text that they cannot read."""
    networks = [_network(n) for n in leaf.networks]
    four = [n for n in networks if isinstance(n, ipaddress.IPv4Network)]
    six = [n for n in networks if isinstance(n, ipaddress.IPv6Network)]
    text = value.as_text()
    parts: list[Expression] = []
    if four:
        place.notes.add(finding.ADDRESS_FAMILY)
        parts += _in_four(text, four, place, is_address=leaf.field.kind is Kind.IP)
    if six:
        parts.append(_in_six(text, six, place))
    if any(_MAPPED.subnet_of(n) for n in six):
        parts.append(tree.call("isnotnull", tree.call("parse_ipv4", text)))
    found = tree.any_of(parts)
    if leaf.field.kind is Kind.IP or not networks:
        return found
    # the functions take a text with a prefix of its own for an address
    return tree.all_of([Binary("!contains_cs", text, Text("/")), found])


def _written(network: _Network) -> Text:
    single = network.prefixlen == network.max_prefixlen
    return Text(str(network.network_address) if single else str(network))


def _in_four(
    text: Expression, networks: Sequence[ipaddress.IPv4Network], place: Place, *, is_address: bool
) -> list[Expression]:
    if is_address and all(n.prefixlen == n.max_prefixlen for n in networks):
        return [tree.one_of(text, [_written(n) for n in networks])]
    parts: list[Expression] = []
    if set(networks) >= _PRIVATE:
        parts.append(_known(tree.call("ipv4_is_private", text), place))
        networks = [n for n in networks if n not in _PRIVATE]
    if networks:
        function = "ipv4_is_in_range" if len(networks) == 1 else "ipv4_is_in_any_range"
        parts.append(_known(tree.call(function, text, *map(_written, networks)), place))
    return parts


def _in_six(text: Expression, networks: Sequence[ipaddress.IPv6Network], place: Place) -> Expression:
    if len(networks) > 1:
        function = "ipv6_is_in_any_range"
    else:
        single = networks[0].prefixlen == networks[0].max_prefixlen
        function = "ipv6_is_match" if single else "ipv6_is_in_range"
    return _known(tree.call(function, text, *map(_written, networks)), place)


def _known(test: Expression, place: Place) -> Expression:
    """The test, false where it is null; in a positive place `where` takes null for false."""
    return test if place.positive else tree.call("coalesce", test, tree.FALSE)
