"""Codes of kuery."""

from __future__ import annotations

from converter.diagnostics.code import Code

K001 = Code(
    "K001",
    "not a sentence of the language",
    "The query cannot be read: a sign or word stands where the grammar allows something else.",
    "Look at the caret; values with special signs go in quotes.",
)
K002 = Code(
    "K002",
    "nested too deep",
    "The query has more levels of parentheses or braces than any search would take.",
    "Remove the parentheses that do not group anything.",
)
K003 = Code(
    "K003",
    "query too long",
    "The query has more characters than any search would take.",
    "Split the rule, or move long value lists into a lookup.",
)
K010 = Code(
    "K010",
    "unknown field",
    "No data set table and not ECS declares the field: it is taken as a keyword that may hold several values.",
    "Declare the field in a data set table if its type differs.",
)
K011 = Code(
    "K011",
    "no field has such a name",
    "A wildcard in a field name stands for the fields that exist; no known one matches, so this part never holds.",
    "Name the fields, or declare them in a data set table.",
)
K012 = Code(
    "K012",
    "a field name with a wildcard",
    "The name stands for every known field that matches it; a field that your mappings add is not looked at.",
    "Name the fields if the list differs from your mappings.",
)
K013 = Code(
    "K013",
    "search over all fields",
    "A value without a field is searched in every field of an event, which no target can say.",
    "Write field: value.",
)
K014 = Code(
    "K014",
    "nested field outside its array",
    "Objects of a nested array are searched one by one, so the field must stand inside the array's braces.",
    "Write array: { field: value }.",
)
K015 = Code(
    "K015",
    "comparison with null",
    "Elasticsearch refuses to search for null.",
    "Write not field: * for a missing field.",
)
K016 = Code(
    "K016",
    "not a number",
    "The field holds numbers; Elasticsearch refuses a value that is none.",
    "Write a number, or correct the field's name.",
)
K017 = Code(
    "K017",
    "not an address",
    "The field holds IP addresses; Elasticsearch refuses a value that is neither an address nor a network.",
    "Write an address such as 10.0.0.1, or a network such as 10.0.0.0/8.",
)
K018 = Code(
    "K018",
    "not a date",
    "The field holds dates; the value is neither a date, nor milliseconds, nor date math of fixed length.",
    "Write 2024-05-31T10:00:00Z, now-7d or now-1d/d.",
)
K019 = Code(
    "K019",
    "not a boolean",
    "The field holds true or false; Elasticsearch refuses any other value.",
    "Write true or false.",
)
K020 = Code(
    "K020",
    "wildcard on a field that holds no text",
    "Elasticsearch matches wildcards and regular expressions against keyword and text fields only.",
    "Write the whole value, a range, or field: * for any value.",
)
K021 = Code(
    "K021",
    "range on a field without an order",
    "A range on analysed text, on a case-folded field or on a boolean has no counterpart.",
    "Compare the keyword field, or list the values.",
)
K023 = Code(
    "K023",
    "no word to search for",
    "The field is analysed text and the value holds no word, so this part never holds.",
    "Write a word, or field: * for any value.",
)
K025 = Code(
    "K025",
    "a sign that no word holds",
    "The field is analysed text, cut into words at this sign; a clause with a wildcard is not cut, so it never holds.",
    "Ask for the words instead, in quotes for words in a row.",
)
K026 = Code(
    "K026",
    "wildcard cut at blanks",
    "The field is of Elasticsearch's type wildcard. Kibana sends such a search as a query string, which takes the "
    "parts between blanks one by one: an event matches if its value matches any of them.",
    "If the blanks are meant, write the search in EQL, or on a keyword field.",
)
