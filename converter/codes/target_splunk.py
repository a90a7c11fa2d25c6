"""Codes of the Splunk target; see `converter.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.codes import Code

CODES: Mapping[str, Code] = {
    "T201": Code(
        "field name cannot be quoted in SPL",
        "Splunk documents no escape inside a quoted field name, so that a name with quotes, backslashes or other signs "
        "of the search language cannot be written safely.",
        "Map the field to a name of letters, digits, dots and braces.",
    ),
    "T202": Code(
        "no exact form in SPL",
        "The condition has no form in SPL that holds under every reading of Splunk's documents.",
        "Rewrite the condition in the rule, or use another target.",
    ),
    "T203": Code(
        "rule type not converted to SPL",
        "The rule's kind of detection is not converted to SPL.",
        "Use another target.",
    ),
}
