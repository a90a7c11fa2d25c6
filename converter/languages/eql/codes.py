"""Codes of EQL."""

from __future__ import annotations

from converter.diagnostics.code import Code

E001 = Code(
    "E001",
    "not a sentence of EQL",
    "The query cannot be read: a sign or word stands where EQL's grammar allows something else.",
    "Look at the caret; text goes in double quotes, unusual field names in backquotes, keywords are lower case.",
)
E002 = Code(
    "E002",
    "nested too deep",
    "The query has more levels of parentheses, functions, negations or arithmetic than any search would take.",
    "Remove the parentheses that do not group anything.",
)
E003 = Code(
    "E003",
    "query too long",
    "The query has more characters, or joins more events, than any search would take.",
    "Split the rule, or move long value lists into a lookup.",
)
E004 = Code(
    "E004",
    "quotes of another EQL",
    "Elasticsearch's EQL has neither strings in single quotes nor raw strings that begin with ?.",
    'Write "text", or """raw text""".',
)
E005 = Code(
    "E005",
    "one equals sign",
    "Elasticsearch's EQL does not compare with =.",
    "Write == (case-sensitive) or : (ignores case, takes * and ?).",
)
E006 = Code(
    "E006",
    "text without an end",
    "A string, a name in backquotes or a comment is not closed. Strings, raw ones too, end on their line.",
    'Close it; in a string write \\" for a quote and \\n for a line break.',
)
E007 = Code(
    "E007",
    "unknown escape",
    "A backslash in a string stands before a character that it does not escape.",
    'Write \\\\ for a backslash, or a raw string: """C:\\path""". Known are \\b \\t \\n \\f \\r \\" \\\\ \\u{...}.',
)
E008 = Code(
    "E008",
    "keyword as a field",
    "A word that EQL reserves stands where a field is needed.",
    "Put the name in backquotes.",
)
E009 = Code("E009", "chained comparison", "EQL compares two sides at a time.", "Write a < b and b < c.")
E010 = Code(
    "E010",
    "join",
    "Elasticsearch's EQL has no join.",
    "Write sample by key for any order, or sequence by key for a fixed one.",
)
E011 = Code(
    "E011",
    "lineage",
    "Elasticsearch's EQL has no child of, descendant of or event of.",
    "Describe the parent by its fields, or by a sequence.",
)
E012 = Code(
    "E012",
    "element of an array",
    "Elasticsearch's EQL cannot pick one element of an array by its number.",
    "Compare the field: a comparison holds if any element satisfies it.",
)
E013 = Code(
    "E013",
    "maxspan",
    "maxspan is a positive whole number with one of the units ms, s, m, h and d.",
    "Write with maxspan=5m.",
)
E014 = Code(
    "E014",
    "missing event without maxspan",
    "An event can only be missing within a time.",
    "Write sequence ... with maxspan=5m.",
)
E015 = Code(
    "E015",
    "runs",
    "with runs repeats an event 1 to 100 times.",
    "Write a whole number from 1 to 100, or split a longer run into steps.",
)
E016 = Code(
    "E016",
    "join keys",
    "Keys are fields that are compared by position, so every event, until included, has as many as the first.",
    "Give each event the same number of keys.",
)
E017 = Code(
    "E017",
    "too few events",
    "A sequence or sample joins two events at least, one of them not missing.",
    "Write a plain event query, or add an event.",
)
E018 = Code(
    "E018",
    "misplaced clause",
    "A clause of sequences stands where EQL does not take it: by after with, maxspan or until in a sample, runs "
    "on a missing event, fork.",
    "Write: sequence by key with maxspan=time [event] by key with runs=n ... until [event].",
)
E019 = Code("E019", "empty query", "The query has no text.", "Write, for example: process where true.")
E020 = Code(
    "E020",
    "pipe",
    "head, tail and the other pipes cut or reshape a result, which a rule over a stream of events cannot say.",
    "Remove the pipe.",
)
E021 = Code(
    "E021",
    "unknown function",
    "Elasticsearch's EQL has no function of this name.",
    "See the hint; functions of Endgame's EQL such as match and arrayContains are not in it.",
)
E022 = Code("E022", "number of arguments", "The function takes another number of arguments.", "See the message.")
E023 = Code(
    "E023",
    "type of an argument",
    "The argument is not of the type that the function or the arithmetic operator takes.",
    "Convert it with string() or number(), or use another field.",
)
E024 = Code(
    "E024",
    "field compared with a field",
    "Elasticsearch's operators compare with constant values only, also through functions.",
    "Functions may take two fields: startsWith(a, b), endsWith(a, b), stringContains(a, b).",
)
E025 = Code(
    "E025",
    "analysed text",
    "EQL cannot search text fields that have no keyword field beside them.",
    "Use a keyword field, or write the rule in kuery.",
)
E026 = Code(
    "E026",
    "nested field",
    "EQL cannot search nested arrays of objects.",
    "Write the rule in kuery: array: { field: value }.",
)
E027 = Code(
    "E027",
    "value instead of a condition",
    "The expression is a value, where something true or false is needed; only a boolean field stands alone.",
    "Compare it: ... == value, or ... != null.",
)
E028 = Code(
    "E028",
    "regular expression that cannot be carried",
    "The expression is not one of Lucene's, or uses & or ~ in a way that is too large to say without them.",
    "Write it with characters, classes, groups, | and repetition; escape signs that are meant literally.",
)
E029 = Code(
    "E029",
    "value of another type",
    "The value cannot be read as what the field holds: a number, an address, a date, true or false.",
    "Correct the value or the field's name.",
)
E030 = Code(
    "E030",
    "text operator on something else",
    ":, like, regex and in~ compare text only, and wildcards match keyword fields only.",
    "Write == or in; for addresses cidrMatch(field, network).",
)
E031 = Code(
    "E031",
    "constant needed",
    "Lists and networks hold constant values, and a pattern is matched against a field.",
    "Compare with each value by itself, joined by or.",
)
E032 = Code("E032", "no ~ form", "Case cannot be ignored in this function.", "Write the function without ~.")
E033 = Code(
    "E033",
    "regular expression on a computed value",
    "Elasticsearch runs it in Java's dialect there, not in Lucene's, so its meaning differs from regex on a field.",
    "Compare the field itself, or use like.",
)
E034 = Code(
    "E034",
    "script that cannot be carried",
    "A computed value divides by zero, or reads a field that is indexed in lower case.",
    "See the message.",
)
E040 = Code(
    "E040",
    "optional field that is not known",
    "The field is marked ? and no table declares it. It is taken as mapped: a missing value is null, and not and "
    "!= hold of it. Where no index maps the field, Elasticsearch makes the comparison null, which never holds.",
    "Declare the field in a data set table; nothing to do if your data has it.",
)
E041 = Code(
    "E041",
    "field that is not known",
    "Neither the data set tables nor ECS declare the field. Its type is taken from what it is compared with, else "
    "it is a keyword; it may hold several values. Elasticsearch refuses the query where no index maps the field.",
    "Declare the field in a data set table if its type differs.",
)
E042 = Code(
    "E042",
    "missing event at the end",
    "Elasticsearch's engine does not wait until maxspan is over before it says that the event at the end is "
    "missing; neither does the artifact.",
    "Give the rule a window that ends before now by maxspan, if early alerts disturb.",
)
