"""Codes of Lucene query strings, Query DSL filters and the parts of a rule beside its query."""

from __future__ import annotations

from collections.abc import Mapping

from converter.diagnostics.codes import Code
from converter.diagnostics.codes.clause import clause_codes

CODES: Mapping[str, Code] = {
    **clause_codes("L", "026"),
    "L030": Code(
        "unknown filter clause",
        "The Query DSL clause has no place in the model.",
        "Say it with wildcard, term, terms, match_phrase, range, exists, prefix, regexp, nested or bool.",
    ),
    "L031": Code(
        "malformed filter",
        "The filter is not what Elasticsearch's Query DSL asks for.",
        "Compare it with the Query DSL reference.",
    ),
    "L032": Code(
        "search that depends on scores or likeness",
        "Fuzzy words, words near each other and the like depend on how Lucene ranks; no target has that.",
        "Write a phrase, a wildcard or a regular expression.",
    ),
    "L033": Code(
        "option of a filter that changes its meaning",
        "The option is not one that is understood, so the clause could mean something else than it seems to.",
        "Remove the option, or say the same with a bool clause.",
    ),
    "L040": Code(
        "saved query",
        "The query is kept in Kibana under an id. Where the file has a copy, that is converted; it may be older.",
        "Export the query into the rule.",
    ),
    "L041": Code(
        "data view",
        "The rule names its data by a data view that is kept in Kibana; the fields it adds are not known.",
        "Nothing to do if the data view only names indices.",
    ),
    "L042": Code(
        "machine learning job",
        "The rule alerts on the anomalies of a machine learning job that runs in Elasticsearch.",
        "Re-create the job's detection on the platform by hand.",
    ),
    "L043": Code(
        "rule type or language that is not read",
        "The detection has no place in the model yet.",
        "Convert the rule by hand.",
    ),
    "L047": Code(
        "exceptions not in hand",
        "The rule names exception lists whose items are not among the files of the run. Elastic makes no alert of an "
        "event that an exception matches; the artifact does.",
        "Convert the export that holds the exceptions, or the folder with exceptions/*.toml, in one run with the rule.",
    ),
    "L048": Code(
        "value list",
        "An exception compares with a value list, whose values no export holds. It is not applied.",
        "Fill a lookup (Splunk) or watchlist (Sentinel) with the values and exclude them in the artifact.",
    ),
    "L049": Code(
        "exception with an end",
        "An exception counts until some day only; an artifact has no such day.",
        "Convert again after it, without the exception.",
    ),
    "L044": Code(
        "part of the rule is missing",
        "The rule's type asks for a table or key that the file does not have.",
        "Add the part that the message names.",
    ),
    "L045": Code(
        "history window without a length",
        "The start of the history is no date math with a length in milliseconds.",
        "Write now-14d or the like.",
    ),
    "L046": Code(
        "negated indicator entry",
        "An entry that must not match has no counterpart in a lookup: beside others it is left out, so that more "
        "events match; alone it would make the rule alert on the absence of an indicator, and is refused.",
        "Exclude such events in the artifact by hand.",
    ),
}
