"""A rule as Bicep that creates it in a workspace: the same properties as in the template of Azure Resource Manager.

https://learn.microsoft.com/en-us/azure/azure-resource-manager/bicep/data-types#strings
"""

from __future__ import annotations

from backends.sentinel.deploy.arm import RULES_API, SAVED_API, properties, saved
from backends.sentinel.deploy.rule import AnalyticsRule, Json
from converter.deferred import compiled
from converter.languages.kusto.literal import hidden

_STEP = "  "
_PLAIN = compiled(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {"\\": r"\\", "'": r"\'", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def bicep_text(rule: AnalyticsRule) -> str:
    """The file. The workspace is a parameter."""
    parts = [
        f"// {rule.notice}\n",
        "@description('The name of the Log Analytics workspace.')\nparam workspace string\n",
        "resource logs 'Microsoft.OperationalInsights/workspaces@2022-10-01' existing = {\n  name: workspace\n}\n",
    ]
    depends = ""
    if rule.function is not None:
        parts.append(
            f"resource saved 'Microsoft.OperationalInsights/workspaces/savedSearches@{SAVED_API}' = {{\n"
            f"  parent: logs\n  name: {_text(rule.function.alias)}\n"
            f"  properties: {value(saved(rule.function), 1)}\n}}\n"
        )
        depends = "  dependsOn: [\n    saved\n  ]\n"
    parts.append(
        f"resource rule 'Microsoft.SecurityInsights/alertRules@{RULES_API}' = {{\n"
        f"  scope: logs\n{depends}  name: {_text(rule.identity)}\n  kind: 'Scheduled'\n"
        f"  properties: {value(properties(rule), 1)}\n}}\n"
    )
    return "\n".join(parts)


def value(node: Json, depth: int = 0) -> str:
    """A value as Bicep, its lines below the first so deep."""
    inner, outer = _STEP * (depth + 1), _STEP * depth
    match node:
        case bool():
            return "true" if node else "false"
        case int():
            return str(node)
        case str():
            return _block(node) if "\n" in node and _blocked(node) else _text(node)
        case list():
            rows = "".join(f"{inner}{value(one, depth + 1)}\n" for one in node)
            return f"[\n{rows}{outer}]" if node else "[]"
        case dict():
            rows = "".join(f"{inner}{_key(key)}: {value(one, depth + 1)}\n" for key, one in node.items())
            return f"{{\n{rows}{outer}}}" if node else "{}"


def _key(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else _text(text)


def _blocked(text: str) -> bool:
    """Whether a text of several lines can stand as it is: nothing is escaped there."""
    return "'''" not in text and not text.endswith("'") and not any(hidden(c) for c in text if c != "\n")


def _block(text: str) -> str:
    return f"'''\n{text}'''"


def _text(text: str) -> str:
    """A text on one line: `${` begins an expression, unless it is escaped."""
    return "'" + "".join(_char(c, after) for c, after in zip(text, (*text[1:], ""), strict=False)) + "'"


def _char(char: str, after: str) -> str:
    if char == "$" and after == "{":
        return r"\$"
    return _ESCAPES.get(char) or (f"\\u{{{ord(char):x}}}" if hidden(char) else char)
