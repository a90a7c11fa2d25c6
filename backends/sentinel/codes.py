"""Codes of the Sentinel target."""

from __future__ import annotations

from converter.diagnostics.code import Code

T301 = Code(
    "T301",
    "Empty text counts as missing",
    "A Kusto string column has no null: a field that is missing and a field that holds the empty text are stored"
    " as the same value. A presence test is false for both; in Elasticsearch the empty text is present.",
    "Nothing to do, unless your data holds empty texts in this field and the rule rests on them.",
)
T302 = Code(
    "T302",
    "Comparison with the empty text",
    "The rule compares a field with the empty text. In a Kusto string column a missing value is the empty text, so"
    " the query also takes events that lack the field.",
    "Check that events without the field are meant, or take the comparison out of the rule.",
)
T303 = Code(
    "T303",
    "IPv4 spelled as IPv6",
    "Elasticsearch reads ::ffff:10.0.0.1 as the IPv4 address 10.0.0.1. Kusto's IPv4 functions do not read it.",
    "If your data spells addresses so, compute the IPv4 form in a function and use that column.",
)
T304 = Code(
    "T304",
    "Text that looks like another type",
    "In a dynamic column Kusto may hold text that looks like a number, a date or a GUID as that type and print it"
    " in its own spelling, so that an exact comparison with the rule's spelling fails.",
    "Keep the field in a string column, or check with one event that the spelling survives.",
)
T305 = Code(
    "T305",
    "Addresses as keys",
    "Groups, joins and new values compare addresses by their spelling. Two spellings of one IPv6 "
    "address are one value in Elasticsearch and two here.",
    "Nothing to do for IPv4, or where the data spells IPv6 addresses in one way.",
)
T311 = Code(
    "T311",
    "A script without counterpart",
    "A function of the rule's script takes an argument for which Kusto has no exact form.",
    "Convert the rule to another target, or port this part by hand.",
)
T312 = Code(
    "T312",
    "A phrase without counterpart",
    "A wildcard inside a phrase of analysed text matches within one token; which characters a token may hold cannot"
    " be said by a regular expression of Kusto.",
    "Write the tokens without the wildcard, or convert the rule to another target.",
)
T321 = Code(
    "T321",
    "Exact distinct count",
    "count_distinctif counts exactly and is documented as a preview; it takes at most 100 million values.",
    "If your workspace refuses it, count rows after `summarize by` the group and the field.",
)
T331 = Code(
    "T331",
    "History longer than an analytics rule sees",
    "An analytics rule sees at most 14 days. The rule asks for a longer history; inside an analytics "
    "rule, values last seen before the 14 days would be taken for new.",
    "Run the query outside an analytics rule, or keep the values seen in a summary table or watchlist.",
)
T332 = Code(
    "T332",
    "Look back over the whole history",
    "The query compares the rule's window with its history, so the analytics rule that runs it must "
    "look back over the whole history.",
    "Set queryPeriod to the history, or take --format yaml, which does.",
)
T334 = Code(
    "T334",
    "New values of another window",
    "An analytics rule that looks back two days or more runs once an hour at most. The window of new "
    "values is widened accordingly, so that no run misses any.",
    "Nothing to do, unless an alert within minutes is needed.",
)
T335 = Code(
    "T335",
    "Look-back beyond 14 days",
    "An analytics rule cannot look back more than 14 days; in one, this rule would mean something else.",
    "Take the query alone, or keep what was seen in a summary table or watchlist.",
)
T336 = Code(
    "T336",
    "Window by time of arrival",
    "The rule's window is about when events arrived. The query says so by ingestion_time(), with the "
    "frequency as the window: every event is taken once.",
    "Nothing to do.",
)
T337 = Code(
    "T337",
    "Window by another time",
    "The rule's window is about a field of its own; the query's is about the event's time.",
    "Widen the rule's queryPeriod by the difference of the two times.",
)
T341 = Code(
    "T341",
    "Tiebreaker not used",
    "Elasticsearch puts events of equal time in order by the rule's tiebreaker field. The query counts "
    "them as simultaneous.",
    "Nothing to do, unless the steps of a sequence share a time stamp.",
)
T351 = Code(
    "T351",
    "A sample without an exact form",
    "The steps of the sample join by different fields or stand in different tables, so that Kusto "
    "cannot tell whether one event serves two steps.",
    "Convert the rule to another target.",
)
T352 = Code(
    "T352",
    "Steps with different numbers of keys",
    "A join key of one step has no counterpart in its table, so that the steps would join by different fields.",
    "Map the field in a table of your own, or leave the key out of the rule.",
)
T361 = Code(
    "T361",
    "Indicators under Elastic's names",
    "The rule looks up indicators by Elastic's field names. Sentinel keeps its own indicators in "
    "ThreatIntelIndicators, with other columns.",
    "Save a function named Indicators that projects your indicators under these names.",
)
T362 = Code(
    "T362",
    "Where the indicators are",
    "The query looks indicators up in a table or function that you provide. A rule sees only its rows "
    "inside the queryPeriod, but for watchlists.",
    "Provide the table, a function or a watchlist of that name.",
)
T363 = Code(
    "T363",
    "An indicator match without an exact form",
    "The mapping compares analysed text, or several values of one event together.",
    "Convert the rule to another target.",
)
T364 = Code(
    "T364",
    "Indicators with one value",
    "As in Elastic, an indicator that has several values in the mapped field takes no part.",
    "Nothing to do.",
)
T371 = Code(
    "T371",
    "Longer than an analytics rule takes",
    "A query in an analytics rule has at most 10,000 characters.",
    "Take --format arm or bicep, which save the query as a function of the workspace and let the rule call that.",
)
T372 = Code(
    "T372",
    "End of the window",
    "Elastic's window ends before the run, an analytics rule's ends with it.",
    "Nothing to do, unless late events matter.",
)
T373 = Code(
    "T373",
    "Another interval",
    "The service runs rules every 5 minutes at most, and every hour at most if they look back two days or more.",
    "Nothing to do, unless an alert within minutes is needed.",
)
T374 = Code(
    "T374",
    "Investigation fields left out",
    "An analytics rule shows at most ten entities and twenty details, and only columns that the table has.",
    "Open the event for the other fields.",
)
T375 = Code("T375", "Another severity", "Sentinel knows Informational, Low, Medium and High.", "Nothing to do.")
T376 = Code(
    "T376",
    "Texts left out",
    "A description has at most 5,000 characters; what it has no room for of the guide stands in a file beside it.",
    "Read the guide in that file, or in the original rule.",
)
T377 = Code(
    "T377",
    "A tactic that Sentinel does not know",
    "Sentinel lists the tactics of MITRE ATT&CK that its interface knew; others cannot be named.",
    "Nothing to do.",
)
T378 = Code(
    "T378",
    "Overlapping runs",
    "Consecutive runs look at the same events again. Elastic keeps one alert, Sentinel makes one a run.",
    "Group alerts into incidents, or suppress the rule for the length of the overlap.",
)
T379 = Code(
    "T379",
    "Alert suppression",
    "Elastic makes one alert of those with equal fields for some time. An analytics rule makes every alert; an incident"
    " holds those with equal entities or details, where the alerts show the fields.",
    "Let incidents group alerts by the corresponding entities or details where the rule does not.",
)
T380 = Code(
    "T380",
    "Overrides not carried",
    "The rule takes the name, severity or risk score of an alert from fields of Elastic's documents. Names and"
    " severities are carried (alertDetailsOverride) where the rows have the field; Sentinel has no risk score.",
    "Set alertDetailsOverride by hand where a field is missing.",
)
T381 = Code(
    "T381",
    "Number of alerts",
    "The two services cut the number of alerts of one run differently.",
    "Nothing to do, unless a run finds more.",
)
T382 = Code(
    "T382",
    "Exceptions not in the file",
    "The rule names exception lists that are kept in Kibana.",
    "Add the exceptions to the query, or to an automation rule.",
)
T383 = Code(
    "T383",
    "No custom detection",
    "A custom detection of Defender XDR reads the tables of advanced hunting, and each of its rows is an event with"
    " its device or account.",
    "Take --format yaml or arm, an analytics rule.",
)
T384 = Code(
    "T384",
    "A table without a connector",
    "A rule names the data connectors that it needs. None that could be named fills this table: Sysmon's events, for"
    " example, come by a data collection rule.",
    "Check that the table has the events. In a table of your own, `connector` in the header names one.",
)
T385 = Code(
    "T385",
    "Lists kept in watchlists",
    "The query reads its long lists from watchlists that are deployed with the rule. What is in them is what the rule"
    " looks for.",
    "Deploy the template, which holds them, and change a list in the workspace.",
)
T386 = Code(
    "T386",
    "Tactics added",
    "Azure-Sentinel takes no technique without every tactic that MITRE ATT&CK has it under, so that the rule lists more"
    " tactics than its authors did. The other formats have the authors' own.",
    "Nothing to do, unless you count tactics.",
)
T387 = Code(
    "T387",
    "Another schedule in Defender XDR",
    "Custom detections run every hour, three hours, twelve hours or day, and look back over at least four times that.",
    "Take an analytics rule where an alert within minutes is needed.",
)
T388 = Code(
    "T388",
    "A query saved as a function",
    "The query is longer than a rule takes, so that a function of the workspace holds it and the rule calls that.",
    "Deploy the function with the rule: the templates hold both, a YAML rule has it in the file beside it.",
)
T389 = Code(
    "T389",
    "A name cut off",
    "A rule's name has at most 256 characters.",
    "Nothing to do.",
)
