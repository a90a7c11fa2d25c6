"""Codes of rule files and of the files beside them."""

from __future__ import annotations

from converter.diagnostics.code import Code

F001 = Code(
    "F001",
    "file cannot be read",
    "The path does not exist, is not a file, or its permissions forbid reading it.",
    "Check the path and its permissions.",
)
F002 = Code(
    "F002",
    "file too large",
    "A rule file may have 20 MB. Rules are a few kilobytes; a larger file is something else.",
    "Give the rule's own file.",
)
F003 = Code(
    "F003",
    "file is not text",
    "TOML is UTF-8 text, and the file holds bytes that are not.",
    "Save the file as UTF-8, or leave it out.",
)
F004 = Code(
    "F004",
    "not valid TOML",
    "The TOML parser cannot read the file. The place is where it gave up; the slip is there or just before.",
    "Check quotes, brackets and equals signs at the place. A query is best written between ''' and '''.",
)
F005 = Code(
    "F005",
    "TOML nested too deeply",
    "Arrays or inline tables are nested deeper than any rule needs.",
    "Give the rule's own file.",
)
F006 = Code(
    "F006",
    "no rule in the file",
    "An Elastic detection rule has a [rule] table, or the rule's keys at the top of the file.",
    "Put the rule's keys under [rule].",
)
F007 = Code("F007", "key missing", "The rule's type needs this key.", "Add the key; the message names it.")
F008 = Code(
    "F008",
    "wrong type",
    "The value of this key has another type than the schema of Elastic rules says.",
    "Write the value as the hint shows.",
)
F009 = Code(
    "F009",
    "value not allowed",
    "The value is of the right type, but outside what the schema of Elastic rules allows.",
    "Use one of the values that the message names.",
)
F010 = Code(
    "F010",
    "query empty",
    "A rule of this type without a query and without filters would match every event.",
    "Write the query. For every event of the index, write * in kuery or any where true in EQL.",
)
F011 = Code(
    "F011",
    "time not understood",
    "Schedules are durations (5m) or date math relative to now (now-9m), in units that have a fixed length.",
    "Use s, m, h, d or w. m is minutes; months and years have no fixed length.",
)
F012 = Code(
    "F012",
    "time rounded",
    "Rounding in date math (now-7d/d) depends on the moment of the run. The longest window it can mean is used, "
    "so that nothing is missed, but events up to one unit older are looked at.",
    "Write the time without rounding, such as now-7d.",
)
F013 = Code(
    "F013",
    "unknown key",
    "The schema of Elastic rules has no such key. It is kept and has no influence on the conversion.",
    "Check its spelling.",
)
F014 = Code(
    "F014",
    "taken otherwise",
    "A key that no detection depends on is written in another form than the schema has; what was meant is taken.",
    "Nothing has to be done. --strict-schema makes it an error, for rules meant for Elastic's own repository.",
)
F020 = Code(
    "F020",
    "no rule files",
    "The directory has no file with a rule in it, at any depth.",
    "Give a directory with rules, or a rule file.",
)
F021 = Code(
    "F021",
    "output path unusable",
    "Several artifacts need a directory to go to, and one artifact cannot take the place of a directory.",
    "Give -o a directory, or the name of a file that does not exist yet for a single artifact.",
)
F022 = Code(
    "F022",
    "cannot write",
    "The operating system refused to write the file.",
    "Check the path, its permissions and the space on the device.",
)
F023 = Code(
    "F023",
    "two rules, one file",
    "Two inputs would be written to the same output file.",
    "Convert them into different directories, or rename one.",
)
F024 = Code(
    "F024",
    "output differs",
    "With --check nothing is written; the file in the output directory is missing or not what conversion gives.",
    "Convert again without --check. --diff shows what would change.",
)
F030 = Code(
    "F030",
    "events not JSON",
    "Events are JSON objects, one a line, or a list of them.",
    "Mend the place; `jq -c . FILE` writes one object a line.",
)
F040 = Code(
    "F040",
    "summary disagrees",
    "The last line of an export counts other rules than the file has.",
    "Export the rules again; what is there is converted.",
)
F041 = Code(
    "F041",
    "unknown setting",
    "siemglot.toml has a key that is no setting.",
    "Check its spelling; the message names the settings there are.",
)
F042 = Code(
    "F042",
    "rule id twice",
    "Two rules of one run have the same id: one may be an older copy of the other.",
    "Remove one of them.",
)
F043 = Code(
    "F043",
    "hunting query left out",
    "A query of a hunting file is in a language that no detection rule has, such as osquery's SQL.",
    "Run it where it belongs.",
)
F044 = Code(
    "F044",
    "name of several rules",
    "Platforms tell rules apart by their name. Where rules of one run share one, the oldest that is not deprecated "
    "keeps it, and the titles of the others say in brackets which they are.",
    "Nothing; or give the rules names of their own.",
)
