"""Codes of events and of what evaluating them needs."""

from __future__ import annotations

from converter.diagnostics.code import Code

V001 = Code(
    "V001",
    "event is no JSON object",
    "A line or element of the input is not JSON as events are: broken syntax, NaN, nested too deeply, a key twice in "
    "one object, or a value that is no object. It is counted and left out; the other events are evaluated.",
    "Look at the line. With --strict the run stops at the first one.",
)
V002 = Code(
    "V002",
    "events cannot be read",
    "The file of events is not there, is no file, or ends in the middle of compressed data. What came before is "
    "evaluated.",
    "Check the path; copy or download the file again if it is cut off.",
)
V003 = Code(
    "V003",
    "event is too long",
    "A line is longer than 32 MB. No event of a log is; the file is likely no JSON lines.",
    "Give one JSON object a line, or a JSON array with [ as its first character.",
)
V004 = Code(
    "V004",
    "reading this format needs a package",
    "The format of the events is read with a package that is not installed. The base install reads JSON, gzip and CSV.",
    "Install what the message names, for example: pip install 'siemglot[parquet]'.",
)
V005 = Code(
    "V005",
    "rule is not evaluated",
    "No meaning was read of the rule (a machine learning job, a query with an error), so no event can be held against "
    "it. The other rules are evaluated.",
    "`siemglot explain CODE` tells more of the reason that the message gives.",
)
V006 = Code(
    "V006",
    "saved state does not fit",
    "The state file is of other rules, other options or another version, or it is no state at all. Going on from it "
    "would give alerts that nobody can explain.",
    "Use the rules and options that it was made with, or begin anew with another file.",
)
V007 = Code(
    "V007",
    "state or output cannot be written",
    "Writing failed, as a full disk makes it fail. The state on disk is that of the last save, and nothing after it "
    "counts: going on from there loses no alert and gives none twice.",
    "Make room and run the same command again.",
)
V008 = Code(
    "V008",
    "options of evaluate do not go together",
    "What was asked for cannot be done as asked.",
    "Follow the hint of the message; `siemglot evaluate --help` lists the options.",
)
V009 = Code(
    "V009",
    "tests of a rule cannot be read",
    "A file of tests beside a rule is no YAML, has keys that nobody knows, or lacks events.",
    "`siemglot witness RULE` writes a file to start from.",
)
