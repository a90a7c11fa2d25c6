"""Codes of Sigma rules as input: their conditions, searches and correlations."""

from __future__ import annotations

from converter.diagnostics.code import Code

S001 = Code(
    "S001",
    "syntax",
    "The condition of a Sigma rule breaks off or has something in a wrong place.",
    "A condition joins names of searches by and, or, not, ( ) and 1 of, all of; the caret marks the place.",
)
S002 = Code("S002", "too deep", "The condition nests too deeply.", "Remove parentheses that group nothing.")
S003 = Code("S003", "too long", "The condition is too long.", "Split the rule.")
S004 = Code(
    "S004",
    "unknown search",
    "The condition names a search, or a pattern of names, that the detection does not have.",
    "Check the spelling; names are compared with regard to case.",
)
S005 = Code(
    "S005",
    "aggregation",
    "The condition counts after a pipe. Sigma's specification has no such expression since version 2.",
    "Write a correlation of type event_count or value_count that refers to the rule.",
)
S006 = Code(
    "S006",
    "key missing",
    "A Sigma rule lacks a key that it needs.",
    "A rule has title, logsource and detection with a condition; a correlation type, rules, and what its type needs.",
)
S007 = Code(
    "S007",
    "wrong type",
    "A key of a Sigma rule has a value of another type than it takes.",
    "Write it as the hint shows.",
)
S008 = Code(
    "S008",
    "unknown modifier",
    "A key has a modifier that Sigma's specification does not name.",
    "Check the spelling; the specification's appendix of modifiers lists them.",
)
S009 = Code(
    "S009",
    "modifier does not fit",
    "A modifier cannot be applied to the value, or not after the modifiers before it.",
    "Check the value; the specification's appendix of modifiers says what each takes.",
)
S010 = Code(
    "S010",
    "placeholder without value",
    "The rule compares with a placeholder such as %Servers%, which stands for values of your own.",
    "Name them in the file for --mapping: `placeholders: {Servers: [srv*]}`; docs/sigma.md shows it.",
)
S011 = Code(
    "S011",
    "regular expression",
    "The regular expression is none, or uses a sign that cannot be carried (look-around, back references, word "
    "boundaries, anchors inside).",
    "Sigma's specification names . ^ $ * + ? {n,m} [ ] ( ) and |; keep to those.",
)
S012 = Code(
    "S012",
    "value does not fit",
    "The field does not hold values of that kind.",
    "Write a value that the field can hold.",
)
S013 = Code(
    "S013",
    "time of day or year",
    "The modifiers minute, hour, day, week, month and year take a part of a time, which has no place in the model.",
    "Filter by time where the rule is run.",
)
S014 = Code(
    "S014",
    "unknown log source",
    "No table of taxonomy says what Elastic or the platforms call the rule's log source and its fields.",
    "The names of fields stay as they are: see that your platform has them.",
)
S015 = Code(
    "S015",
    "keywords",
    "The rule searches the whole event for words. What an event's text is depends on the platform.",
    "Nothing to do where the platform keeps the event as it came.",
)
S020 = Code(
    "S020",
    "unknown rule",
    "A correlation or filter refers to a rule that is not among what was read.",
    "Give the file of that rule too; rules are referred to by id or name.",
)
S021 = Code(
    "S021",
    "circular correlation",
    "A correlation refers to itself, perhaps by way of others.",
    "Refer to rules of single events.",
)
S022 = Code(
    "S022",
    "correlation not carried",
    "The correlation has a type, a condition or a reference that has no place in the model.",
    "Use at least (gt, gte) of events or values, and rules of single events.",
)
S023 = Code(
    "S023",
    "how often a correlation alerts",
    "Sigma says when events correlate, not how its time span moves, nor how many alerts they make.",
    "Nothing to do: an artifact of the same events may give one alert or several.",
)
S024 = Code(
    "S024",
    "timespan",
    "A correlation's timespan is a whole number and one of s, m, h, d.",
    "Write 90s, 10m, 1h or 7d.",
)
S025 = Code(
    "S025",
    "collection actions",
    "The keys of Sigma 1 that repeat one document in others (action: global, repeat, reset) are not read.",
    "Write each rule out in a document of its own.",
)
