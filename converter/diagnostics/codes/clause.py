"""What kuery, Lucene query strings and filters can all say wrong about a field and a value.

The number is the same in each language: K016 and L016 mean the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code

_ENTRIES: Mapping[str, Code] = {
    "001": Code(
        "not a sentence of the language",
        "The query cannot be read: a sign or word stands where the grammar allows something else.",
        "Look at the caret; values with special signs go in quotes.",
    ),
    "002": Code(
        "nested too deep",
        "The query has more levels of parentheses or braces than any search would take.",
        "Remove the parentheses that do not group anything.",
    ),
    "003": Code(
        "query too long",
        "The query has more characters than any search would take.",
        "Split the rule, or move long value lists into a lookup.",
    ),
    "010": Code(
        "unknown field",
        "No data set table and not ECS declares the field: it is taken as a keyword that may hold several values.",
        "Declare the field in a data set table if its type differs.",
    ),
    "011": Code(
        "no field has such a name",
        "A wildcard in a field name stands for the fields that exist; no known one matches, so this part never holds.",
        "Name the fields, or declare them in a data set table.",
    ),
    "012": Code(
        "a field name with a wildcard",
        "The name stands for every known field that matches it; a field that your mappings add is not looked at.",
        "Name the fields if the list differs from your mappings.",
    ),
    "013": Code(
        "search over all fields",
        "A value without a field is searched in every field of an event, which no target can say.",
        "Write field: value.",
    ),
    "014": Code(
        "nested field outside its array",
        "Objects of a nested array are searched one by one, so the field must stand inside the array's braces.",
        "Write array: { field: value }.",
    ),
    "015": Code(
        "comparison with null",
        "Elasticsearch refuses to search for null.",
        "Write not field: * for a missing field.",
    ),
    "016": Code(
        "not a number",
        "The field holds numbers; Elasticsearch refuses a value that is none.",
        "Write a number, or correct the field's name.",
    ),
    "017": Code(
        "not an address",
        "The field holds IP addresses; Elasticsearch refuses a value that is neither an address nor a network.",
        "Write an address such as 10.0.0.1, or a network such as 10.0.0.0/8.",
    ),
    "018": Code(
        "not a date",
        "The field holds dates; the value is neither a date, nor milliseconds, nor date math of fixed length.",
        "Write 2024-05-31T10:00:00Z, now-7d or now-1d/d.",
    ),
    "019": Code(
        "not a boolean",
        "The field holds true or false; Elasticsearch refuses any other value.",
        "Write true or false.",
    ),
    "020": Code(
        "wildcard on a field that holds no text",
        "Elasticsearch matches wildcards and regular expressions against keyword and text fields only.",
        "Write the whole value, a range, or field: * for any value.",
    ),
    "021": Code(
        "range on a field without an order",
        "A range on analysed text, on a case-folded field or on a boolean has no counterpart.",
        "Compare the keyword field, or list the values.",
    ),
    "023": Code(
        "no word to search for",
        "The field is analysed text and the value holds no word, so this part never holds.",
        "Write a word, or field: * for any value.",
    ),
    "024": Code(
        "regular expression that cannot be carried",
        "The expression is not one of Lucene's, or has a sign without counterpart, or stands on analysed text.",
        "Write it with characters, classes, groups, | and repetition.",
    ),
    "026": Code(
        "wildcard cut at blanks",
        "The field is of Elasticsearch's type wildcard. Kibana sends such a search as a query string, which takes the "
        "parts between blanks one by one: an event matches if its value matches any of them.",
        "If the blanks are meant, write the search in EQL, or on a keyword field.",
    ),
    "025": Code(
        "upper case on analysed text",
        "The words of the field are indexed in lower case and this clause is not analysed, so it never holds.",
        "Write the word in lower case.",
    ),
}


def clause_codes(stage: str, *without: str) -> dict[str, Code]:
    """The entries under a stage's letter, but for those numbers that it never says."""
    return {stage + number: entry for number, entry in _ENTRIES.items() if number not in without}
