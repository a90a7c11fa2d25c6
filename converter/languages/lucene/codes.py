"""Codes of Lucene query strings, Query DSL filters and the parts of a rule beside its query."""

from __future__ import annotations

from converter.diagnostics.code import Code

L001 = Code(
    "L001",
    "not a sentence of the language",
    "The query cannot be read: a sign or word stands where the grammar allows something else.",
    "Look at the caret; values with special signs go in quotes.",
)
L002 = Code(
    "L002",
    "nested too deep",
    "The query has more levels of parentheses or braces than any search would take.",
    "Remove the parentheses that do not group anything.",
)
L003 = Code(
    "L003",
    "query too long",
    "The query has more characters than any search would take.",
    "Split the rule, or move long value lists into a lookup.",
)
L010 = Code(
    "L010",
    "unknown field",
    "No data set table and not ECS declares the field: it is taken as a keyword that may hold several values.",
    "Declare the field in a data set table if its type differs.",
)
L011 = Code(
    "L011",
    "no field has such a name",
    "A wildcard in a field name stands for the fields that exist; no known one matches, so this part never holds.",
    "Name the fields, or declare them in a data set table.",
)
L012 = Code(
    "L012",
    "a field name with a wildcard",
    "The name stands for every known field that matches it; a field that your mappings add is not looked at.",
    "Name the fields if the list differs from your mappings.",
)
L013 = Code(
    "L013",
    "search over all fields",
    "A value without a field is searched in every field of an event, which no target can say.",
    "Write field: value.",
)
L014 = Code(
    "L014",
    "nested field outside its array",
    "Objects of a nested array are searched one by one, so the field must stand inside the array's braces.",
    "Write array: { field: value }.",
)
L015 = Code(
    "L015",
    "comparison with null",
    "Elasticsearch refuses to search for null.",
    "Write not field: * for a missing field.",
)
L016 = Code(
    "L016",
    "not a number",
    "The field holds numbers; Elasticsearch refuses a value that is none.",
    "Write a number, or correct the field's name.",
)
L017 = Code(
    "L017",
    "not an address",
    "The field holds IP addresses; Elasticsearch refuses a value that is neither an address nor a network.",
    "Write an address such as 10.0.0.1, or a network such as 10.0.0.0/8.",
)
L018 = Code(
    "L018",
    "not a date",
    "The field holds dates; the value is neither a date, nor milliseconds, nor date math of fixed length.",
    "Write 2024-05-31T10:00:00Z, now-7d or now-1d/d.",
)
L019 = Code(
    "L019",
    "not a boolean",
    "The field holds true or false; Elasticsearch refuses any other value.",
    "Write true or false.",
)
L020 = Code(
    "L020",
    "wildcard on a field that holds no text",
    "Elasticsearch matches wildcards and regular expressions against keyword and text fields only.",
    "Write the whole value, a range, or field: * for any value.",
)
L021 = Code(
    "L021",
    "range on a field without an order",
    "A range on analysed text, on a case-folded field or on a boolean has no counterpart.",
    "Compare the keyword field, or list the values.",
)
L023 = Code(
    "L023",
    "no word to search for",
    "The field is analysed text and the value holds no word, so this part never holds.",
    "Write a word, or field: * for any value.",
)
L024 = Code(
    "L024",
    "regular expression that cannot be carried",
    "The expression is not one of Lucene's, or has a sign without counterpart, or stands on analysed text.",
    "Write it with characters, classes, groups, | and repetition.",
)
L025 = Code(
    "L025",
    "letters or signs that analysed text lacks",
    "The field is indexed as words in lower case, cut at signs; this clause is not analysed, so it never holds.",
    "Write the word in lower case, and without the signs between words.",
)
L030 = Code(
    "L030",
    "unknown filter clause",
    "The Query DSL clause has no place in the model.",
    "Say it with wildcard, term, terms, match_phrase, range, exists, prefix, regexp, nested or bool.",
)
L031 = Code(
    "L031",
    "malformed filter",
    "The filter is not what Elasticsearch's Query DSL asks for.",
    "Compare it with the Query DSL reference.",
)
L032 = Code(
    "L032",
    "search that depends on scores or likeness",
    "Fuzzy words, words near each other and the like depend on how Lucene ranks; no target has that.",
    "Write a phrase, a wildcard or a regular expression.",
)
L033 = Code(
    "L033",
    "option of a filter that changes its meaning",
    "The option is not one that is understood, so the clause could mean something else than it seems to.",
    "Remove the option, or say the same with a bool clause.",
)
L040 = Code(
    "L040",
    "saved query",
    "The query is kept in Kibana under an id. Where the file has a copy, that is converted; it may be older.",
    "Export the query into the rule.",
)
L041 = Code(
    "L041",
    "data view",
    "The rule names its data by a data view that is kept in Kibana; the fields it adds are not known.",
    "Nothing to do if the data view only names indices.",
)
L042 = Code(
    "L042",
    "machine learning job",
    "The rule alerts on the anomalies of a machine learning job that runs in Elasticsearch.",
    "Re-create the job's detection on the platform by hand.",
)
L043 = Code(
    "L043",
    "rule type or language that is not read",
    "The detection has no place in the model yet.",
    "Convert the rule by hand.",
)
L044 = Code(
    "L044",
    "part of the rule is missing",
    "The rule's type asks for a table or key that the file does not have.",
    "Add the part that the message names.",
)
L045 = Code(
    "L045",
    "history window without a length",
    "The start of the history is no date math with a length in milliseconds.",
    "Write now-14d or the like.",
)
L046 = Code(
    "L046",
    "negated indicator entry",
    "An entry that must not match has no counterpart in a lookup: beside others it is left out, so that more "
    "events match; alone it would make the rule alert on the absence of an indicator, and is refused.",
    "Exclude such events in the artifact by hand.",
)
L047 = Code(
    "L047",
    "exceptions not in hand",
    "The rule names exception lists whose items are not among the files of the run. Elastic makes no alert of an "
    "event that an exception matches; the artifact does.",
    "Convert the export that holds the exceptions, or the folder with exceptions/*.toml, in one run with the rule.",
)
L048 = Code(
    "L048",
    "value list",
    "An exception compares with a value list, whose values no export holds. It is not applied.",
    "Fill a lookup (Splunk) or watchlist (Sentinel) with the values and exclude them in the artifact.",
)
L049 = Code(
    "L049",
    "exception with an end",
    "An exception counts until some day only; an artifact has no such day.",
    "Convert again after it, without the exception.",
)
