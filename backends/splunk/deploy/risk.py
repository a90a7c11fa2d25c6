"""Risk: which columns of an alert name the users and systems it is about, and what else it points at.

Types of risk objects and threat objects are those of the risk framework of Splunk Enterprise Security, as contentctl
lists them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from backends.splunk.deploy.conf import compact
from converter.deferred import dataclass
from converter.languages.spl.flow import returned
from converter.languages.spl.quoting import is_field
from converter.languages.spl.syntax import Every, Pipeline, Quoting, Relation, Search, Stage, Test, Word
from converter.languages.spl.write import pipeline
from converter.model.metadata import Metadata
from converter.target.lines import one_line

_RISKY = ("user", "system", "other")
_ADDRESS = "ip_address"
_MOST_THREATS = 3
_LEAST, _MOST = 1, 100


@dataclass(frozen=True, slots=True)
class Objects:
    """Columns by what they name, (column, type) each: a user and a system, else one of the rest; and threat objects."""

    risk: tuple[tuple[str, str], ...] = ()
    threat: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of risk objects."""
        return tuple(column for column, _ in self.risk)


@functools.cache
def _kinds() -> Mapping[str, str]:
    text = (Path(__file__).parent / "objects.tsv").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {line[0]: line[1] for line in pairs}


def objects_of(stages: Sequence[Stage]) -> Objects:
    """The objects among the columns that a search gives; none where it gives whole events."""
    known = [(column, _kinds()[column]) for column in returned(stages) or () if column in _kinds() and is_field(column)]
    people = [next((pair for pair in known if pair[1] == kind), None) for kind in _RISKY]
    user, system, other = people
    found = [pair for pair in (user, system) if pair is not None]
    threats = [pair for pair in known if pair[1] not in _RISKY]
    if not found and other is None:  # what has an address is a system, and network events know it by nothing else
        found = [(column, "system") for column, kind in threats if kind == _ADDRESS][:1]
        threats = [pair for pair in threats if pair[0] not in dict(found)]
    return Objects(tuple(found or ([other] if other else [])), tuple(threats[:_MOST_THREATS]))


def score(meta: Metadata) -> int:
    """The risk score as the framework takes it, 1 to 100."""
    return min(max(meta.risk_score, _LEAST), _MOST)


def token(column: str) -> str:
    """A column of the result inside a text of an alert."""
    return f"${column}$"


def plain(text: str) -> str:
    """Text of a rule inside a text of an alert, where dollar signs stand around columns."""
    return one_line(text).replace("$", "$$")


def message(meta: Metadata, objects: Objects) -> str:
    """What a risk event says."""
    return f"{plain(meta.title)}: {', '.join(f'{column} {token(column)}' for column in objects.columns)}"


def risk_settings(meta: Metadata, objects: Objects) -> dict[str, str]:
    """The settings of the risk action; none where no column names who or what is at risk."""
    if not objects.risk:
        return {}
    at_risk: list[dict[str, object]] = [
        {"risk_object_field": column, "risk_object_type": kind, "risk_score": score(meta)}
        for column, kind in objects.risk
    ]
    threats = [{"threat_object_field": column, "threat_object_type": kind} for column, kind in objects.threat]
    return {
        "action.risk": "1",
        "action.risk.param._risk": compact([*at_risk, *threats]),
        "action.risk.param._risk_message": message(meta, objects),
        "action.risk.param._risk_score": "0",
        "action.risk.param.verbose": "0",
    }


def _only(columns: Iterable[str]) -> str:
    """Terms that keep the results of one alert's objects; the tokens stand for their values."""
    tests = tuple(Test(column, Relation.EQUAL, Word(token(column), Quoting.QUOTED)) for column in columns)
    return pipeline(Pipeline((Search(Every(tests)),)))


def drilldowns(stages: Sequence[Stage], objects: Objects) -> str:
    """The searches that an analyst opens from an alert, as JSON: its results again, and the risk of its objects."""
    if not objects.risk:
        return ""
    named = " and ".join(map(token, objects.columns))
    again = pipeline(Pipeline(tuple(stages))).replace("$", "$$")
    either = " OR ".join(f'risk_object="{token(column)}"' for column in objects.columns)
    searches: list[dict[str, str]] = [
        {
            "name": f"Results of the search for {named}",
            "search": f"{again} | search {_only(objects.columns)}",
            "earliest_offset": "$info_min_time$",
            "latest_offset": "$info_max_time$",
        },
        {
            "name": f"Risk of {named} in the last 7 days",
            "search": f"index=risk ({either}) | table _time, source, risk_object, risk_score, risk_message",
            "earliest_offset": "-7d",
            "latest_offset": "now",
        },
    ]
    return compact(searches)
