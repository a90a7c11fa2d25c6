"""Each of SigmaHQ's rules means to us what pySigma's SQLite backend makes of it, on witness events."""

from __future__ import annotations

import sys

import pytest
from shared import some_or_all
from sigma_sqlite import CannotSayError, in_sigmas_words, query_of, rows_of, verdicts
from sigmahq import needs_sigmahq, sigmahq_rules

from converter import api
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Match
from converter.proof.example import NOW
from converter.reference import matches


@needs_sigmahq
@some_or_all
def test_witnesses_have_the_verdict_of_sqlite(everything: bool) -> None:
    pytest.importorskip("sigma.backends.sqlite")
    rules = events = 0
    silent: list[str] = []
    different: list[str] = []
    for path in sigmahq_rules(1 if everything else 60):
        try:
            rule = api.read_rule(path)
            if not isinstance(rule.detection, Match):
                continue
            query = query_of(path)
        except ConverterError:
            continue
        except CannotSayError as error:
            silent.append(f"{path.name}: {error}")
            continue
        where, names = in_sigmas_words(rule)
        rows = rows_of(where, names, 200 if everything else 60)
        try:
            found = verdicts(query, sorted(set(names.values())), [row for _, row in rows])
        except CannotSayError as error:
            silent.append(f"{path.name}: {error}")
            continue
        rules += 1
        events += len(rows)
        for (event, row), verdict in zip(rows, found, strict=True):
            if matches(where, event, NOW) is not verdict:
                different.append(f"{path.name}: sqlite {verdict} on {row}")
                break
    line = f"{rules} rules, {events} events, {len(silent)} that it cannot say, {len(different)} different"
    sys.stdout.write(f"\nsqlite: {line}\n")
    assert rules
    assert not different, "\n".join(different)
