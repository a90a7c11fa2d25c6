"""Pipelines that are written are read back: the same steps and conditions; a slip in any of them is seen."""

from __future__ import annotations

import random
import sys
from collections import Counter

import pytest
from esql_queries import QUERIES, SENTINEL, SPLUNK, rule
from esql_random import Maker
from meaning.choice import rules
from shared import needs_shared

import converter
from converter import api
from converter.model.pipeline import Pipeline
from converter.proof.readback import Outcome

UNREAD = {("splunk", "several shared"): "a comparison of computed values"}


@pytest.mark.parametrize(
    ("target", "name"), [*(("splunk", name) for name in SPLUNK), *(("sentinel", name) for name in SENTINEL)]
)
def test_pipelines_are_read_back(target: str, name: str) -> None:
    read = api.read_back(rule(QUERIES[name]), target, "ecs")
    if (target, name) in UNREAD:
        assert (read.outcome, read.why) == (Outcome.NOT_READ, UNREAD[target, name])
    else:
        assert (read.outcome, read.why) == (Outcome.EQUAL, "")


EDITS = [
    ("guard", "splunk", "mvcount('process.args')==1", "mvcount('process.args')==2", "not so"),
    ("negation", "splunk", "v2>5", "v2>=5", "not so"),
    ("computed", "splunk", "l>=4", "l>=5", "not so"),
    ("computed", "splunk", "'user.name'.\"@\"", "'user.name'.\"#\"", "not so"),
    ("computed", "splunk", "isnotnull('user.name') AND ", "", "texts put together of which one may be missing"),
    ("case", "splunk", '"high"', '"mine"', "case(??"),
    ("null key", "splunk", "dc(user.id)", "dc(host.name)", "distinct("),
    ("null key", "splunk", "n>=2", "n>=3", "they differ on"),
    ("null key", "splunk", "coalesce('host.name', \"(null)\")", "'host.name'", "there(host.name)"),
    ("array key", "splunk", "dedup_splitvals=true ", "", "each(event.type)"),
    ("network", "splunk", "10.0.0.0/8", "10.0.0.0/9", "not so"),
    ("where in stats", "splunk", "'process.name'==\"alpha\"", "'process.name'==\"Alpha\"", "they differ on"),
    ("where in stats", "splunk", "max(v2)", "min(v2)", "min(?; process.pid)"),
    ("buckets", "splunk", "/30000)*30000", "/60000)*60000", "trunc(60000"),
    ("values", "splunk", "mvindex(mvsort(v), 0)", "mvindex(mvsort(v), -1)", "at(sorted(v@1), -1)"),
    ("beside", "splunk", "BY host.name", "", "beside by"),
    ("dissect", "splunk", "len(v2)+2", "len(v2)+1", "a part of a text"),
    ("grok", "splunk", "[a-z]+", "[a-z]*", "[61-7a]"),
    ("replaced", "splunk", "[a-m]", "[a-n]", "[61-6e]"),
    ("to_long", "splunk", "t>4", "t>3", "they differ on"),
    ("beside", "splunk", "eventstats", "stats dedup_splitvals=true", "group n@1"),
    ("guard", "sentinel", "== 1, ", "== 2, ", "the function array_length"),
    ("computed", "sentinel", "l >= 4", "l > 4", "not so"),
    ("computed", "sentinel", "isnotempty(['user.name']) and ", "", "texts put together of which one may be missing"),
    ("null key", "sentinel", "n >= 2", "n > 2", "they differ on"),
    ("null key", "sentinel", "count_distinctif(['user.id']", "count_distinctif(['user.name']", "not so"),
    ("where in stats", "sentinel", "max(", "min(", "min(?; ['process.pid'])"),
    (
        "average of none",
        "sentinel",
        "iff(countif(isnotnull(['process.pid'])) > 0, avg(['process.pid']), real(null))",
        "avg(['process.pid'])",
        "an aggregate that is not null of no values",
    ),
    ("average of none", "sentinel", "countif(isnotnull(['process.pid']))", "countif(n > 0)", "not so"),
    ("buckets", "sentinel", "30s", "1m", "trunc(60000"),
    ("array key", "sentinel", "set_union(Key, Key)", "Key", "not so"),
    ("values", "sentinel", "array_sort_asc(v)[0]", "array_sort_desc(v)[0]", "at(sorted(v@1), -1)"),
    ("dissect", "sentinel", "At + 1", "At + 2", "not so"),
    ("grok", "sentinel", "[a-z]+", "[a-z]*", "[61-7a]"),
    ("replaced", "sentinel", '"[a-m]"', '"[a-n]"', "[61-6e]"),
    ("empty case", "sentinel", "where Known", "where not(Known)", "not so"),
    ("beside", "sentinel", 'strcat("=",', 'strcat("",', "not so"),
]
"""A query, what is changed in what a target writes of it, and what is then said; "not so": anything but equal."""


@pytest.mark.parametrize(("name", "target", "old", "new", "said"), EDITS)
def test_slips_in_pipelines_are_seen(name: str, target: str, old: str, new: str, said: str) -> None:
    written = rule(QUERIES[name])
    text = converter.convert(written, target, fields="ecs", bare=True, inline_macros=True).text
    assert old in text, text
    read = api.read_back(written, target, "ecs", text=text.replace(old, new))
    assert read.outcome is not Outcome.EQUAL, read
    assert said == "not so" or said in read.why, read.why


@pytest.mark.parametrize("seed", range(40))
def test_no_pipeline_by_chance_reads_back_differently(seed: int) -> None:
    read = rule(Maker(random.Random(seed).choice).query())
    if isinstance(read.detection, Pipeline):
        for target in ("splunk", "sentinel"):
            found = api.read_back(read, target, "ecs")
            assert found.outcome is not Outcome.DIFFERENT, (read.meta.query, found.why)


@needs_shared
@pytest.mark.sweep
@pytest.mark.parametrize("target", ["splunk", "sentinel"])
@pytest.mark.parametrize("fields", ["ecs", None])
def test_every_pipeline_of_the_corpus_reads_back(target: str, fields: str | None) -> None:
    found: Counter[str] = Counter()
    for one in rules():
        if isinstance(one.detection, Pipeline):
            read = api.read_back(one, target, fields)
            assert read.outcome is not Outcome.DIFFERENT, (one.source.name, read.why, read.wanted, read.found)
            found[f"{read.outcome.value} ({read.why})" if read.outcome is Outcome.NOT_READ else read.outcome.value] += 1
    shown = "".join(f"\n  {count:5} {what}" for what, count in found.most_common())
    sys.stderr.write(f"\npipelines, {target} {fields or 'native'}:{shown}\n")
    assert found["equal"] >= (100 if fields else 60)


@needs_shared
@pytest.mark.parametrize("target", ["splunk", "sentinel"])
def test_some_pipelines_of_the_corpus_read_back(target: str) -> None:
    some = [one for one in rules() if isinstance(one.detection, Pipeline)][::16]
    outcomes = Counter(api.read_back(one, target, "ecs").outcome for one in some)
    assert outcomes[Outcome.DIFFERENT] == 0
    assert outcomes[Outcome.EQUAL] >= 5
