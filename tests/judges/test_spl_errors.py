"""What the judge of SPL says of a search that it does not read or execute, command by command.

The syntax is that of the search reference: help.splunk.com, spl-search-reference/10.0/search-commands.
"""

from __future__ import annotations

from typing import Any

import pytest

from converter.proof.judges.spl.run import SplError, run

EVENTS: list[dict[str, Any]] = [{"id": 1, "a": "x", "_time": 1}, {"id": 2, "a": "y", "_time": 2}]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        # pipelines
        ("", "an empty search"),
        ("a=1 ]", "this bracket was never opened"),
        ("a=1 | | head", "expected a command after |"),
        ("a=1 |", "expected a command after |"),
        ("a=1 | 5", "expected the name of a command"),
        ("a=1 [ ]", "an empty search"),
        ("a=1 [ search b=1", "expected ]"),
        # search
        ("a=", "expected a value to compare with"),
        ("a=1 (b=2", "expected )"),
        ("a IN (1, 2", "expected a value to compare with"),
        ("a=CASE()", "CASE needs a term"),
        ("TERM(", "TERM needs a term"),
        ('a="x', "this quotation mark is never closed"),
        ("a=1 OR", "expected a search term"),
        # where and eval
        ("* | where a==", "expected a value, a field or a function"),
        ("* | where (a==1", "expected ) after the expression in parentheses"),
        ("* | where 'a", "this single quotation mark is never closed"),
        ("* | where len(a", "expected ) after the arguments"),
        ("* | eval =1", "expected a field to assign to"),
        ("* | eval b 1", "expected = after b"),
        ("* | eval b=mvfilter(id)", "mvfilter() needs a condition that is true or false"),
        # sort, rename, head, dedup, bin
        ("* | sort", "sort needs a field"),
        ("* | sort num(id", "expected ) after the field to sort by"),
        ("* | sort - ,", "expected a field to sort by"),
        ("* | sort limit=few id", "few is not a whole number"),
        ("* | rename", "rename needs a field"),
        ("* | rename = AS b", "expected a field to rename"),
        ("* | rename a b", "expected AS after a"),
        ("* | rename a AS", "expected a name after AS"),
        ("* | head limit=few", "few is not a whole number"),
        ("* | head keeplast=maybe", "maybe is neither true nor false"),
        ("* | head null=", "null= needs a value"),
        ("* | dedup", "dedup needs a field"),
        ("* | dedup =", "expected a field"),
        ("* | bin", "bin needs a field"),
        ("* | bin _time over", "nothing else may follow in bin"),
        # rex, regex
        ("* | rex a", "rex takes options and one quoted regular expression"),
        ("* | rex field=a", "rex needs a quoted regular expression"),
        ('* | rex "a" "b"', "rex takes options and one quoted regular expression"),
        ("* | regex", "regex needs a field"),
        ('* | regex a "x"', "expected = after a"),
        ("* | regex a=x", "quotation marks are required around the regular expression"),
        # lookup, inputlookup
        ("* | lookup", "lookup needs a table"),
        ("* | lookup T", "lookup needs a field to match"),
        ("* | lookup T =", "expected a field of the lookup"),
        ("| inputlookup", "inputlookup needs a table"),
        # stats
        ("* | stats", "stats needs a function"),
        ("* | stats =", "expected a statistical function"),
        ("* | stats sum(", "expected a field"),
        ("* | stats sum(a", "expected ) after the argument of sum"),
        ("* | stats sum(eval(id", "expected ) after eval("),
        ("* | stats sum(()", "expected a field"),
        ("* | stats count by", "expected a field after BY"),
        ("* | stats count by a sum(id)", "nothing but options may follow the by-fields"),
        ("* | stats count by a (", "nothing but options may follow the by-fields"),
        # append, multisearch, join, foreach
        ("| multisearch [search a=1]", "multisearch needs two searches"),
        ("* | append [search a=1] [search a=2]", "append takes one subsearch"),
        ("* | append [search a=1] x", "expected [ in append"),
        ("* | join a x", "expected [ after the fields of join"),
        ("* | join a [search a=1", "expected ] after the subsearch"),
        ("* | foreach a", "foreach needs a subsearch in brackets"),
        ("* | foreach = [eval x=1]", "expected a field or a bracket in foreach"),
        ("* | foreach a [eval x=1", "this bracket is never closed"),
        # makeresults, spath
        ("| makeresults annotate=true", "makeresults is supported with count= only"),
        ("* | tail x", "x is not a whole number"),
        ("| makeresults count=x", "x is not a whole number"),
        ("* | mvexpand a limit=x", "x is not a whole number"),
        ('* | rex field=a "(?<b>x)" max_match=x', "x is not a whole number"),
        ("* | join max=x a [search b=1]", "x is not a whole number"),
        ("| inputlookup T max=x", "T"),
        ("* | streamstats window=x count", "window=x is not a number of events"),
        ('* | streamstats reset_before="(" count', "expected a value"),
        ('* | streamstats reset_before="(a==1 b)" count', "expected ) after the expression in parentheses"),
    ],
)  # fmt: skip
def test_error(query: str, message: str) -> None:
    with pytest.raises(SplError) as caught:
        run(query, EVENTS)
    assert message in caught.value.message
