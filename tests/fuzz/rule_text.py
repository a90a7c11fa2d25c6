"""Rule files around a query, and what may come of reading one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TypeVar

import converter
from converter.diagnostics.catalogue import all_codes
from converter.diagnostics.errors import ConverterError
from converter.model.rule import Rule

_RULE = """[metadata]
creation_date = "2024/01/01"
maturity = "production"
updated_date = "2024/01/01"

[rule]
author = ["t"]
description = "d"
index = ["logs-endpoint.events.*"]
language = {language}
license = "Apache-2.0"
name = {name}
risk_score = 21
rule_id = "11111111-1111-4111-8111-111111111111"
severity = "low"
type = {type}
query = {query}
{extra}
"""


def quoted(text: str) -> str:
    """A TOML string; TOML's escapes for control characters are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def rule_text(query: str, language: str = "kuery", *, kind: str = "", name: str = "R", extra: str = "") -> str:
    """A rule file of a query."""
    kind = kind or ("eql" if language == "eql" else "query")
    return _RULE.format(
        language=quoted(language), type=quoted(kind), name=quoted(name), query=quoted(query), extra=extra
    )


def read(text: str) -> Rule | ConverterError:
    """The rule, or the error that says where and what; any other exception is one of the test."""
    try:
        return converter.parse_rule(text, "r.toml")
    except ConverterError as error:
        assert error.diagnostics
        for diagnostic in error.diagnostics:
            assert diagnostic.code in all_codes()
            assert diagnostic.message
            assert diagnostic.source is not None
            assert diagnostic.span is not None, diagnostic
            assert 0 <= diagnostic.span.start <= len(diagnostic.source.text)
        drawn = str(error)
        assert "r.toml" in drawn
        assert "^" in drawn
        return error


Found = TypeVar("Found")


def timed(seconds: float, act: Callable[[], Found]) -> Found:
    """What `act` gives, within a number of CPU seconds."""
    start = time.process_time()
    found = act()
    assert time.process_time() - start < seconds
    return found
