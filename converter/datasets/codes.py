"""Codes of data set tables and of binding to them."""

from __future__ import annotations

from converter.diagnostics.code import Code

M001 = Code("M001", "not YAML", "The table or mapping file is no YAML document.", "Mend the place the caret shows.")
M002 = Code(
    "M002", "key twice", "A key stands twice in one mapping; YAML readers keep the last in silence.", "Remove one."
)
M003 = Code(
    "M003", "wrong type", "A value of the table has another type than the format asks for.", "See docs/tables.md."
)
M004 = Code(
    "M004", "unknown word", "A key, status or choice that the format does not have.", "Use one that the hint lists."
)
M005 = Code("M005", "key missing", "The format needs a key that is not there.", "Add it; see docs/tables.md.")
M006 = Code("M006", "unknown reference", "An evidence code or included table that does not exist.", "Declare it first.")
M007 = Code("M007", "counterpart incomplete", "Status, column and values do not fit together.", "See docs/tables.md.")
M008 = Code("M008", "condition not EQL", "A condition of the table cannot be read as EQL.", "Mend the condition.")
M010 = Code(
    "M010",
    "no data set",
    "No table says where the rule's events are on this platform. Without --fields, the artifact is then written in "
    "Elastic's own names: it is right where events are stored under those.",
    "Use --fields ecs if your events keep Elastic's names, or give a table with --mapping.",
)
M011 = Code(
    "M011",
    "field unmapped",
    "A field or value of the rule has no counterpart in the place the rule is bound to.",
    "Choose another --source, name your own field with --mapping, or leave it out with --unmapped drop where "
    "the message says that it only excludes or is one alternative.",
)
M012 = Code(
    "M012",
    "never matches",
    "After binding, the conditions contradict the place: no event could match.",
    "Bind the rule to another data set with --source.",
)
M013 = Code(
    "M013",
    "key unmapped",
    "A field that groups or joins events has no counterpart, and without it the rule would mean another thing.",
    "Name your own field with --mapping, or use --fields ecs.",
)
M016 = Code(
    "M016",
    "approximate counterpart",
    "The platform's field differs from Elastic's in the cases that the message states.",
    "Read the message; name a better field with --mapping if you have one.",
)
M017 = Code(
    "M017",
    "counterpart not verified",
    "No document or event shows this counterpart; it is the table's best knowledge.",
    "Check it on one of your events.",
)
M018 = Code("M018", "condition dropped", "A condition was left out, as asked; the message says which way.", "Review.")
M019 = Code(
    "M019", "field never set", "The data set never carries the field, so the condition is false.", "Nothing to do."
)
M020 = Code(
    "M020", "name kept", "An unmapped field was kept under its Elastic name, as asked.", "Make sure that it exists."
)
M021 = Code("M021", "about the place", "What the table says of the place the rule is bound to.", "Read it.")
M022 = Code(
    "M022",
    "events not recorded",
    "The platform does not record some of the events that the rule asks for.",
    "Choose another --source that records them.",
)
M023 = Code("M023", "place not verified", "No document or event shows that the data set is kept there.", "Check it.")
M024 = Code(
    "M024",
    "one of several data sets",
    "The rule reads several data sets; the artifact is for the one that serves it best.",
    "Bind it to another with --source, or write an artifact for each with --all-sources.",
)
M025 = Code(
    "M025",
    "case not kept",
    "The platform writes the values in lower case.",
    "Two values that differ by case are one there.",
)
M026 = Code(
    "M026",
    "data set lacking",
    "The rule names several kinds of events by value; the artifact does not search one of them.",
    "Name a table of your own, or your own field, with --mapping.",
)
M027 = Code(
    "M027",
    "arm never matches",
    "The rule names several kinds of events by value; no event of this kind could match on the platform.",
    "Nothing to do.",
)
M028 = Code(
    "M028",
    "impossible condition left out",
    "The table declares that no event of the place has what a part of the rule, or of a counterpart, asks for.",
    "Nothing to do; the message names the declaration.",
)
M030 = Code(
    "M030", "unknown source", "--source names no data set or place that can serve the rule.", "See `siemglot fields`."
)
M031 = Code(
    "M031",
    "several log sources",
    "A correlation counts the events of rules of different log sources as one; a rule of Sigma's has one log source.",
    "Write one correlation for each log source, or use another target.",
)
M032 = Code(
    "M032",
    "not Elastic's fields",
    "A rule of Sigma's asks for values that Elastic's documents do not hold so: Elastic has no field for "
    "them, or keeps the words of a text only.",
    "See that your events carry them; an ingest pipeline can copy a value to such a field.",
)
M033 = Code(
    "M033",
    "two mapping files disagree",
    "Two mapping files say different things of one field, place or table; the later one counts.",
    "Change their order, or say it in one of them only.",
)
M034 = Code(
    "M034",
    "other events",
    "The place holds other events in the stead of those that the rule reads, which the platform does not have: the "
    "artifact says of them what the rule says of Elastic's. It is written only where --source names the place.",
    "Read the message; check on your own events that the alerts are worth having.",
)
M035 = Code(
    "M035",
    "too many conditions",
    "Each condition of a rule is held against each table that could serve it; a rule of so many is not bound.",
    "Write values of one field as a list, split the rule, or use --fields ecs.",
)
