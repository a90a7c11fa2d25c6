"""Codes of the Sentinel target; see `converter.codes`."""

from __future__ import annotations

from collections.abc import Mapping

from converter.codes import Code

CODES: Mapping[str, Code] = {
    "T301": Code(
        "Empty text counts as missing",
        "A Kusto string column has no null: a field that is missing and a field that holds the empty text are stored"
        " as the same value. A presence test is false for both; in Elasticsearch the empty text is present.",
        "Nothing to do, unless your data holds empty texts in this field and the rule rests on them.",
    ),
    "T302": Code(
        "Comparison with the empty text",
        "The rule compares a field with the empty text. In a Kusto string column a missing value is the empty text, so"
        " the query also takes events that lack the field.",
        "Check that events without the field are meant, or take the comparison out of the rule.",
    ),
    "T303": Code(
        "IPv4 spelled as IPv6",
        "Elasticsearch reads ::ffff:10.0.0.1 as the IPv4 address 10.0.0.1. Kusto's IPv4 functions do not read it.",
        "If your data spells addresses so, compute the IPv4 form in a function and use that column.",
    ),
    "T304": Code(
        "Text that looks like another type",
        "In a dynamic column Kusto may hold text that looks like a number, a date or a GUID as that type and print it"
        " in its own spelling, so that an exact comparison with the rule's spelling fails.",
        "Keep the field in a string column, or check with one event that the spelling survives.",
    ),
    "T310": Code(
        "Not written for Kusto yet",
        "The rule says something that this target does not emit.",
        "Convert it to another target, or port this part by hand.",
    ),
}
