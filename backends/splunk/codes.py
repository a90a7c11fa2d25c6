"""Codes of the Splunk target."""

from __future__ import annotations

from converter.diagnostics.code import Code

T201 = Code(
    "T201",
    "field name cannot be quoted in SPL",
    "Splunk documents no escape inside a quoted field name, so that a name with quotes, backslashes or other signs "
    "of the search language cannot be written safely.",
    "Map the field to a name of letters, digits, dots and braces.",
)
T202 = Code(
    "T202",
    "no exact form in SPL",
    "The condition has no form in SPL that holds under every reading of Splunk's documents.",
    "Rewrite the condition in the rule, or use another target.",
)
T203 = Code(
    "T203",
    "folding beyond ASCII",
    "Elasticsearch folds A to Z only. Splunk may take the Kelvin sign for k and the long s for s.",
    "Nothing, unless your events hold these two characters in names.",
)
T204 = Code(
    "T204",
    "addresses as keys",
    "Splunk groups and joins addresses by their spelling; Elasticsearch by their value, in which the spellings of "
    "one IPv6 address are equal.",
    "Write addresses in one spelling when they are indexed.",
)
T205 = Code(
    "T205",
    "number beyond 2^53",
    "eval and search hold numbers as doubles, which are exact up to 2^53 only.",
    "Compare such a number as text.",
)
T206 = Code(
    "T206",
    "words of analysed text",
    "The words of an analysed field are found by a regular expression that knows UAX 29 for ASCII text only.",
    "Nothing, unless words stand directly beside letters beyond ASCII.",
)
T207 = Code(
    "T207",
    "lookup instead of a query",
    "A lookup compares whole values, and several fields of it as one row; Elastic matches words of analysed "
    "text and every value of an array.",
    "Expand the field, or match it in a search of its own.",
)
T208 = Code(
    "T208",
    "long streams",
    "Splunk's documents give streamstats without a window all earlier events in one place and the last 10,000 "
    "(max_stream_window in limits.conf) in another.",
    "Raise max_stream_window, or run the rule over a shorter window.",
)
T209 = Code(
    "T209",
    "baseline lookup",
    "With --new-terms lookup, what is new is told by a lookup that another search fills.",
    "Schedule that search just before the rule's.",
)
T210 = Code(
    "T210",
    "tiebreaker is not used",
    "The rule orders events of one moment by a tiebreaker field; the search takes none of them for later.",
    "Nothing, if the time stamps are precise enough.",
)
T211 = Code(
    "T211",
    "different numbers of join keys",
    "After binding, the steps of the sequence join on different numbers of fields.",
    "Use --fields ecs, or map the missing join field.",
)
T212 = Code(
    "T212",
    "sample without form",
    "A sample of more than five steps, or over several places, has no form in SPL.",
    "Use another target.",
)
T213 = Code(
    "T213",
    "places put together by append",
    "A place whose events are joined from records cannot stand in multisearch; append has limits.",
    "Narrow the search if a run sees more events than append takes.",
)
T214 = Code(
    "T214",
    "IPv4 address written as IPv6",
    "Elasticsearch takes ::ffff:10.0.0.1 for 10.0.0.1; Splunk's CIDR match does not.",
    "Write IPv4 addresses with dots when they are indexed.",
)
T220 = Code(
    "T220",
    "exceptions are not in the file",
    "The rule refers to exception lists that Kibana keeps; the file does not have their items.",
    "Add the exceptions to the search.",
)
T221 = Code("T221", "name cut", "Enterprise Security takes names of at most 99 characters.", "Nothing.")
T222 = Code(
    "T222",
    "uneven cron schedule",
    "Cron counts within the hour and the day: an interval that does not divide them leaves one shorter gap.",
    "Nothing: the time range of a run covers the longest gap.",
)
T223 = Code(
    "T223",
    "overlapping runs",
    "A run looks further back than the interval. Elastic drops the alert of an event that already has one.",
    "Throttle the saved search by a field that identifies the event.",
)
T224 = Code(
    "T224",
    "alert suppression",
    "Suppression becomes throttling, which differs where the message says so.",
    "Set the throttling of the saved search by hand.",
)
T225 = Code(
    "T225",
    "alert mappings",
    "Mappings change an alert's severity, risk or name, not whether there is one.",
    "Check the eval at the end of the saved search.",
)
T226 = Code(
    "T226",
    "no limit of alerts",
    "Elastic cuts the alerts of one run at max_signals; a limit in SPL would change what is found.",
    "Nothing.",
)
T227 = Code(
    "T227",
    "time stamp override",
    "The rule's window is about a field that Splunk keeps no index of.",
    "Extract _time from that field, or filter by it.",
)
T229 = Code(
    "T229",
    "search too long",
    "The search is longer than what browsers, proxies and saved searches carry for certain; Splunk documents no "
    "limit of its own, so that nothing promises that it runs.",
    "Move the longest lists into lookups, or split the rule.",
)
T230 = Code(
    "T230",
    "arguments as words",
    "With --args words a condition on one argument asks whether the command line holds its text: it also holds "
    "where the text is a part of another argument, and not where quotes stand inside it.",
    "Leave out --args words for the exact form.",
)
T231 = Code(
    "T231",
    "name of several searches",
    "Two searches of one app or content pack came to one name, and a digest tells this one apart.",
    "Nothing; or give the rules names that differ in more than signs.",
)
T232 = Code(
    "T232",
    "late events",
    "Splunk bounds the time of events besides the time of their arrival: an event that arrives later than the bound "
    "is in no run. Elastic's rule, which asks for the time of arrival alone, finds it.",
    "Set dispatch.earliest_time of the saved search further back if your events arrive later.",
)
T233 = Code(
    "T233",
    "every index is searched",
    "Nothing says in which index the events are, so that the search asks all that the user may see.",
    'Name it in siemglot.toml ([index], ecs = "..." or a data set\'s name), or use --format app, whose macros say it.',
)
T234 = Code(
    "T234",
    "no risk",
    "The risk framework scores users and systems; no column of the results is known to name one.",
    "Add a column that names one, and the risk action, to the saved search.",
)
T235 = Code(
    "T235",
    "macro of two meanings",
    "Two rules of one app need a macro or a lookup of one name for different things; the first one's stands.",
    "Give the macro another name in your table, or convert the rules into two apps.",
)
T236 = Code(
    "T236",
    "name adapted to contentctl",
    "contentctl takes names of at most 67 letters, digits, blanks and dashes, as it names files and macros after them.",
    "Nothing.",
)
T237 = Code(
    "T237",
    "macro of another app",
    "The search finds its events by a macro that Splunk's security content (ESCU) or an add-on defines; where it is "
    "not installed, the search fails.",
    "Define the macro, name your own ([macros] in siemglot.toml) or your index ([index]), or use --format app, which "
    "brings the definition.",
)
T238 = Code(
    "T238",
    "summary of a data model",
    "tstats reads what an accelerated data model has summed up, and searches what is not summed up yet. What the model "
    "takes for its events and writes where a field is missing is the installation's definition of it; letters' case "
    "is ignored; events that are alike in all columns shown are one result. Whether a range of arrival "
    "(_index_earliest) bounds a summary is not documented.",
    "Compare the model's constraints and calculated fields with the CIM manual; leave --tstats out to search events.",
)
T239 = Code(
    "T239",
    "events instead of the summary",
    "--tstats asks data models where they hold all that a rule asks for: single events and thresholds, by terms of "
    "search on fields of the model.",
    "Nothing: the search finds the same events, more slowly.",
)
