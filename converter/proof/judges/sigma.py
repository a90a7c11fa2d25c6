"""A judge of Sigma: pySigma parses the rule and its condition, this evaluates the parsed tree on an event.

Meaning by the Sigma specification 2.1: texts ignore case unless `cased`, `*` and `?` are wildcards over a whole value,
a regular expression is searched for, `exists` asks for the field. A field with several values satisfies an item if
one of them does (the specification is silent; this is how the events' owner means it).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
)
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

Event = Mapping[str, object]


def sigma_matches(rule: SigmaRule, event: Event) -> bool:
    """Whether a rule with one condition matches an event (nested or dotted)."""
    (condition,) = rule.detection.parsed_condition
    return _holds(condition.parsed, event)


def field_values(event: object, path: str) -> list[object]:
    """The scalars at a path, arrays flattened, null left out; `{}` signs of the path mean nothing."""
    found: list[object] = []

    def go(value: object, parts: Sequence[str]) -> None:
        if isinstance(value, list | tuple):
            for one in value:
                go(one, parts)
        elif not parts:
            if value is not None and not isinstance(value, Mapping):
                found.append(value)
        elif isinstance(value, Mapping):
            for size in range(1, len(parts) + 1):
                name = ".".join(parts[:size])
                if name in value:
                    go(value[name], parts[size:])

    go(event, path.replace("{}", "").split("."))
    return found


def _holds(node: object, event: Event) -> bool:
    match node:
        case ConditionAND():
            return all(_holds(arg, event) for arg in node.args)
        case ConditionOR():
            return any(_holds(arg, event) for arg in node.args)
        case ConditionNOT():
            return not _holds(node.args[0], event)
        case ConditionFieldEqualsValueExpression():
            return _item(node, event)
        case _:
            raise NotImplementedError(type(node).__name__)


def _item(node: ConditionFieldEqualsValueExpression, event: Event) -> bool:
    values = field_values(event, node.field)
    wanted = node.value
    match wanted:
        case SigmaExpansion():
            return any(_equals(one, value) for one in wanted.values for value in values)
        case SigmaExists():
            return bool(values) is wanted.exists
        case SigmaNull():
            return not values
        case SigmaFieldReference():
            others = field_values(event, wanted.field)
            return any(str(a).lower() == str(b).lower() for a in values for b in others)
        case _:
            return any(_equals(wanted, value) for value in values)


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _equals(wanted: object, value: object) -> bool:
    match wanted:
        case SigmaString():
            flags = re.DOTALL if isinstance(wanted, SigmaCasedString) else re.DOTALL | re.IGNORECASE | re.ASCII
            return re.fullmatch(_regex(wanted), _text(value), flags) is not None
        case SigmaRegularExpression():
            flags = re.NOFLAG
            for flag, sign in (
                (SigmaRegularExpressionFlag.IGNORECASE, re.IGNORECASE),
                (SigmaRegularExpressionFlag.DOTALL, re.DOTALL),
                (SigmaRegularExpressionFlag.MULTILINE, re.MULTILINE),
            ):
                flags |= sign if flag in wanted.flags else 0
            return re.search(str(wanted.regexp), _text(value), flags) is not None
        case SigmaCIDRExpression():
            try:
                address = ipaddress.ip_address(str(value))
            except ValueError:
                return False
            return _bits(wanted.network.network_address) <= _bits(address) <= _bits(wanted.network.broadcast_address)
        case SigmaBool():
            return value is wanted.boolean or _text(value) == str(wanted.boolean).lower()
        case SigmaTimestampPart():  # a number of a time, which needs the time's zone
            raise NotImplementedError(type(wanted).__name__)
        case SigmaNumber():
            return _number(value) == float(wanted.number)
        case SigmaCompareExpression():
            number = _number(value)
            other = float(wanted.number.number)
            if number is None:
                return False
            return {"lt": number < other, "lte": number <= other, "gt": number > other, "gte": number >= other}[
                wanted.op.name.lower()
            ]
        case _:
            raise NotImplementedError(type(wanted).__name__)


def _bits(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    """128 bits; an IPv4 address is its mapped form (the specification does not say, Elasticsearch does so)."""
    return int(address) | (0xFFFF << 32) if address.version == 4 else int(address)


def _number(value: object) -> float | None:
    """The number that a value is or spells; blanks around it are no part of a number."""
    text = str(value)
    try:
        return None if isinstance(value, bool) or text != text.strip() else float(text)
    except ValueError:
        return None


def _regex(text: SigmaString) -> str:
    parts = []
    for part in text.s:
        if part is SpecialChars.WILDCARD_MULTI:
            parts.append(".*")
        elif part is SpecialChars.WILDCARD_SINGLE:
            parts.append(".")
        else:
            parts.append(re.escape(str(part)))
    return "".join(parts)
