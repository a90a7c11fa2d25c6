"""tstats over a data model, as its page describes it."""

from __future__ import annotations

import pytest

from converter.proof.judges.spl.errors import SplError
from converter.proof.judges.spl.run import DataModel, run

MODELS = {"Web.Web": DataModel("`cim_Web_indexes` tag=web", ("src", "url", "status", "bytes"), {"src": "unknown"})}
EVENTS = [
    {"_time": 1, "tag": ["web", "x"], "src": "a", "url": "/One", "status": 200, "secret": "s"},
    {"_time": 2, "tag": "web", "src": "b", "url": "/two", "status": 404},
    {"_time": 3, "tag": "web", "url": "/two", "status": 404},
    {"_time": 4, "tag": "mail", "src": "a", "url": "/one"},
    {"_time": 5, "tag": "web", "src": "a", "status": 200},
]


def found(query: str) -> list[dict[str, object]]:
    return run(query, EVENTS, models=MODELS)


def test_events_of_the_dataset_are_counted() -> None:
    assert found("| tstats count FROM datamodel=Web.Web") == [{"count": 4}]
    assert found("| tstats count AS n FROM datamodel=Web.Web WHERE Web.status>=400") == [{"n": 2}]
    assert found("| tstats count FROM datamodel=Web.Web WHERE Web.secret=s") == [{"count": 0}]
    assert found("| tstats count FROM datamodel=Web.Web WHERE secret=s") == [{"count": 0}]


def test_terms_are_those_of_search() -> None:
    assert found('| tstats count FROM datamodel=Web.Web WHERE Web.url="/o*"') == [{"count": 1}]  # any case
    assert found("| tstats count FROM datamodel=Web.Web WHERE NOT Web.url=/two") == [{"count": 2}]  # missing too
    assert found("| tstats count FROM datamodel=Web.Web WHERE (Web.src IN (a, b) OR Web.status=404)") == [{"count": 4}]
    assert found('| tstats count FROM datamodel=Web.Web WHERE Web.url="a BY b"') == [{"count": 0}]


def test_what_the_model_fills_in_is_there() -> None:
    assert found("| tstats count FROM datamodel=Web.Web WHERE Web.src=unknown") == [{"count": 1}]


def test_an_event_without_a_field_of_by_is_left_out_or_filled() -> None:
    assert found("| tstats count, max(_time) AS last FROM datamodel=Web.Web BY Web.url | sort 0 Web.url") == [
        {"Web.url": "/One", "count": 1, "last": 1},
        {"Web.url": "/two", "count": 2, "last": 3},
    ]
    whole = found("| tstats fillnull_value=none count FROM datamodel=Web.Web WHERE Web.status=200 BY Web.url")
    assert whole == [{"Web.url": "/One", "count": 1}, {"Web.url": "none", "count": 1}]


def test_names_behind_it() -> None:
    query = "| tstats dc(Web.url) AS urls FROM datamodel=Web.Web BY Web.src | rename Web.src AS src | where urls>=1"
    assert found(query) == [{"src": "a", "urls": 1}, {"src": "b", "urls": 1}, {"src": "unknown", "urls": 1}]


@pytest.mark.parametrize(
    "query",
    [
        "| tstats count FROM datamodel=No.No",
        "| tstats count WHERE index=a",
        "| tstats FROM datamodel=Web.Web",
        "| tstats count FROM datamodel=Web.Web WHERE",
        "| tstats count FROM datamodel=Web.Web WHERE a=1 ) BY x",
        "| tstats nothing(a) FROM datamodel=Web.Web",
        "* | tstats count FROM datamodel=Web.Web",
    ],
)
def test_error_tstats(query: str) -> None:
    with pytest.raises(SplError):
        found(query)
