"""Codes of the Sigma target."""

from __future__ import annotations

from converter.diagnostics.code import Code

_OTHER = "Use another target for this rule."
T101 = Code("T101", "no nested elements", "Sigma has no condition over one element of an array of objects.", _OTHER)
T102 = Code("T102", "no functions", "Sigma compares fields with values; it computes nothing but field = field.", _OTHER)
T103 = Code("T103", "no order of texts or times", "Sigma's lt, lte, gt and gte compare numbers only.", _OTHER)
T104 = Code("T104", "field name", "The field cannot be the key of a Sigma item.", "Rename the field.")
T105 = Code(
    "T105",
    "words approximated",
    "Sigma has no analysed text. A regular expression cuts words at every sign but letters, digits and _, while "
    "Elasticsearch's standard analyzer keeps a dot or an apostrophe inside a word.",
    "Read the expression; for most texts both are the same.",
)
T106 = Code("T106", "constant condition", "Sigma has no condition that always or never holds.", "Review.")
T107 = Code(
    "T107",
    "no history",
    "Sigma has no history of values: the artifact finds every matching event, the rule only those that bring a "
    "value not seen before. It finds more, never less.",
    "Let your platform suppress what it has seen, or use the Splunk, Sentinel or Python target.",
)
T108 = Code("T108", "no indicators", "Sigma has no list of indicators.", _OTHER)
T110 = Code(
    "T110", "no absence in time", "Sigma's temporal correlations have neither until nor missing events.", _OTHER
)
T111 = Code(
    "T111",
    "sequence approximated",
    "temporal_ordered has no consumed events and no newest pending one: streams with repeated steps differ.",
    "Use the Splunk, Sentinel or Python target where the exact alerts matter.",
)
T112 = Code("T112", "window left to the backend", "Sigma names a length of time; each backend places it.", "Review.")
T113 = Code("T113", "runs approximated", "A step that must come n times is counted; not in succession.", _OTHER)
T114 = Code("T114", "two counts", "A count and a distinct count are two correlations in Sigma.", "Review.")
T115 = Code("T115", "not carried", "Something beside the query has no Sigma key.", "Set it up in your own platform.")
T116 = Code("T116", "not taken by pySigma", "The rule cannot be a Sigma rule: pySigma says why.", "See the message.")
T117 = Code(
    "T117",
    "end before a line break",
    "Sigma's regular expressions have no sign for the very end of a value; many engines let $ stand before a final "
    "line break too.",
    "Nothing to do, unless values of this field end in line breaks.",
)
T118 = Code(
    "T118",
    "case given up",
    "Sigma compares texts without regard to case; where the rule tells letters apart, and values of the column may "
    "differ in case only, the artifact finds other spellings too, and excludes them too.",
    "--sigma-case exact writes |cased, which few backends convert; a table given with --mapping may declare the "
    "column's fact `one_spelling`.",
)
T119 = Code(
    "T119",
    "length in characters",
    "Elasticsearch counts the units of UTF-16, of which a sign beyond the first 65,536 has two; an expression "
    "counts characters.",
    "Nothing to do unless values hold such signs and are about as long as the rule asks.",
)
T121 = Code(
    "T121",
    "no such backend",
    "`sigma:BACKEND` hands Sigma rules on to a backend of pySigma that is installed beside siemglot, and "
    "`sigma:BACKEND+PIPELINE` through its processing pipelines.",
    "Install the backend into the same environment (pip install pysigma-backend-NAME), or name one that is there.",
)
T122 = Code(
    "T122",
    "backend refuses",
    "The rule is a Sigma rule, and the backend cannot convert it: often correlations, |exists or |cased.",
    "Use another backend, or siemglot's own target for the platform.",
)
T123 = Code(
    "T123",
    "lost by the backend",
    "The rule has this value or field, and the backend's query has it nowhere: a condition was dropped or changed.",
    "Read the query before it is deployed; report it to the backend's authors.",
)
T124 = Code(
    "T124",
    "query alone",
    "What a backend makes is a query: the rule's title, id, level, tags and references are in the Sigma rule only.",
    "Keep the Sigma rule beside it: --to sigma writes it.",
)
T125 = Code(
    "T125",
    "one event for two steps",
    "A sample takes a different event for each step. Sigma's temporal correlations ask that each rule finds one: the "
    "same event may be found by two of them.",
    _OTHER,
)
T120 = Code(
    "T120",
    "two ends",
    "Elastic asks that one value lies between two ends. Sigma asks for each end by itself, so that an event with "
    "several values may meet them with different ones.",
    "Review.",
)
