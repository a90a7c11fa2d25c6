"""Codes of ES|QL."""

from __future__ import annotations

from converter.diagnostics.code import Code

Q001 = Code(
    "Q001",
    "not a sentence of ES|QL",
    "The query cannot be read: a sign or word stands where ES|QL's grammar allows something else.",
    "Look at the caret; text goes in double quotes, unusual names in backquotes.",
)
Q002 = Code(
    "Q002",
    "nested too deep",
    "The query has more levels of parentheses, functions, negations or arithmetic than any search would take.",
    "Remove the parentheses that do not group anything.",
)
Q003 = Code(
    "Q003",
    "query too long",
    "The query has more characters than any search would take.",
    "Split the rule, or move long value lists into a lookup.",
)
Q004 = Code("Q004", "single quotes", "ES|QL has no strings in single quotes.", 'Write "text", or """raw text""".')
Q005 = Code(
    "Q005",
    "one equals sign",
    "ES|QL compares with ==; = names a column, and there is no =~.",
    "Write ==, or compare to_lower(column).",
)
Q006 = Code(
    "Q006",
    "text without an end",
    "A string, a name in backquotes or a comment is not closed. Strings, raw ones too, end on their line.",
    'Close it; in a string write \\" for a quote and \\n for a line break.',
)
Q007 = Code(
    "Q007",
    "unknown escape",
    "A backslash in a string stands before a character that it does not escape.",
    'Write \\\\ for a backslash, or a raw string: """C:\\path""". Known are \\t \\n \\r \\" \\\\.',
)
Q008 = Code(
    "Q008",
    "keyword as a column",
    "A word that ES|QL reserves stands where a column is needed.",
    "Put the name in backquotes.",
)
Q009 = Code("Q009", "chained comparison", "ES|QL compares two sides at a time.", "Write a < b and b < c.")
Q010 = Code(
    "Q010",
    "subquery",
    "A query stands inside another one, which is not read.",
    "Write one rule for each, or list the values.",
)
Q011 = Code("Q011", "parameter", "The query has a place for a parameter, which a rule cannot fill.", "Write the value.")
Q012 = Code(
    "Q012",
    "unknown command",
    "ES|QL has no command of this name.",
    "Look for a misspelling; a command stands at the start of the query or after |.",
)
Q020 = Code(
    "Q020",
    "unknown column",
    "A command names a column that no command before it made, or that one of them dropped.",
    "Look for a misspelling; after stats only its own columns are left, after keep only those it names.",
)
Q021 = Code(
    "Q021",
    "wrong type",
    "An operator or function stands beside a value of a type that it does not take. Elasticsearch refuses it too.",
    "Convert the value: to_string, to_long, to_ip and others.",
)
Q022 = Code("Q022", "unknown function", "ES|QL has no function of this name.", "Look for a misspelling.")
Q023 = Code(
    "Q023",
    "wrong number of arguments",
    "The function takes more or fewer arguments.",
    "See the function's page in Elastic's reference.",
)
Q024 = Code(
    "Q024",
    "function not carried",
    "ES|QL has this function, but its meaning is not carried to any target yet.",
    "Say the same with other functions.",
)
Q025 = Code(
    "Q025",
    "aggregate",
    "An aggregate stands outside stats, or a column of stats has none.",
    "Aggregates belong into stats; every other column there must be a key.",
)
Q026 = Code("Q026", "constant needed", "This argument must be the same for every row.", "Write the value itself.")
Q027 = Code(
    "Q027",
    "no such value",
    "A text stands where a date, an address or a duration is needed, and is none.",
    "Dates are written 2024-01-31T00:00:00Z, durations 5 minutes.",
)
Q028 = Code(
    "Q028",
    "search in the wrong place",
    "KQL(), MATCH, QSTR and the operator : search the events; they cannot be asked of computed columns or groups.",
    "Put the search into the first where.",
)
Q029 = Code(
    "Q029",
    "language model",
    "COMPLETION asks a language model. Its answer cannot be reproduced on another platform.",
    "Convert the rule without it, and triage its alerts elsewhere.",
)
Q030 = Code(
    "Q030",
    "other data",
    "ENRICH and LOOKUP JOIN read data that is kept in Elasticsearch.",
    "Use a lookup or watchlist of the target.",
)
Q031 = Code(
    "Q031",
    "pattern",
    "A pattern of LIKE, RLIKE, GROK or DISSECT cannot be read, or has no equal elsewhere.",
    "Look at the caret; RLIKE is Lucene's, GROK Oniguruma's language.",
)
Q032 = Code(
    "Q032",
    "command not carried",
    "ES|QL has this command, but its meaning is not carried to any target yet.",
    "Say the same with other commands.",
)
Q033 = Code(
    "Q033",
    "no such table",
    "FROM names a table that was not given.",
    "Give the table under this name; * in a name stands for any run.",
)
Q034 = Code(
    "Q034",
    "options of a search",
    "Options of MATCH and KQL(), such as fuzziness, change which events match in ways that cannot be carried.",
    "Leave them out, or compare the text itself.",
)
Q040 = Code(
    "Q040",
    "fields that are not known",
    "Neither ECS nor a data set table declares these fields. Their type is taken from how the query uses them.",
    "Check the names; where no index maps a column, Elasticsearch refuses the query.",
)
Q042 = Code(
    "Q042",
    "columns of the alert",
    "Columns that no condition reads fill the alert in Elastic. Artifacts show the target's own columns instead.",
    "Nothing to do; add columns to the artifact's end if you want them.",
)
Q043 = Code(
    "Q043",
    "several values",
    "ES|QL's comparisons are null on a field that holds several values, the artifact's hold if one value does.",
    "Nothing to do where the fields hold one value each.",
)
Q044 = Code(
    "Q044",
    "alerts of Elastic",
    "The rule reads the alerts of other rules, which Elastic keeps under names of its own.",
    "Use --source elastic.alerts for an approximate form over the platform's own alerts, or send those into a store "
    "with Elastic's names and use --fields ecs.",
)
Q045 = Code(
    "Q045",
    "letters beyond ASCII",
    "A class of an expression (\\w, \\s) takes other letters or blanks on the target than in Elasticsearch.",
    "Nothing to do where the texts are ASCII.",
)
Q046 = Code(
    "Q046",
    "function of another kind",
    "The target's function differs from ES|QL's where the message says so.",
    "Nothing to do where such values do not occur.",
)
