"""What holds of the evaluator for every predicate and event."""

from __future__ import annotations

from typing import assert_never

import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import events, patterns, predicates, regexes

from converter.languages.regex.render import pattern_regex
from converter.model.normalise import normalise
from converter.model.pattern import Alternate, AnyChar, Case, Char, CharClass, Concat, Regex, Repeat, like
from converter.model.predicate import And, Not, Or
from converter.reference import matches
from converter.reference.text import regex_matches

FIXED = settings(derandomize=True, deadline=None, max_examples=400, database=None)


@FIXED
@given(predicates(), predicates(), events())
def test_de_morgan(left: object, right: object, event: dict[str, object]) -> None:
    both = matches(Not(And((left, right))), event)  # type: ignore[arg-type]
    assert both == matches(Or((Not(left), Not(right))), event)  # type: ignore[arg-type]


@FIXED
@given(predicates(), events())
def test_normal_form_keeps_verdicts(predicate: object, event: dict[str, object]) -> None:
    assert matches(normalise(predicate), event) == matches(predicate, event)  # type: ignore[arg-type]


@FIXED
@given(patterns, st.text("aAbB*?.\\\n", max_size=6), st.sampled_from(Case))
def test_wildcards_are_the_regular_expressions_they_stand_for(pattern: object, text: str, case: Case) -> None:
    assert like(text, pattern, case) == regex_matches(text, pattern_regex(pattern), case)  # type: ignore[arg-type]


@FIXED
@given(regexes, st.text("abA.\n0", max_size=5))
def test_regexes_match_as_re2_does(regex: Regex, text: str) -> None:
    assert regex_matches(text, regex, Case.SENSITIVE) == bool(re2.fullmatch(_re2(regex), text))


def _re2(regex: Regex) -> str:
    """A plain writer of its own, so that nothing but RE2 is trusted."""
    match regex:
        case Char(char=char):
            return f"\\x{{{ord(char):x}}}"
        case AnyChar():
            return "(?s:.)"
        case CharClass(ranges=ranges, negated=negated):
            inner = "".join(f"\\x{{{ord(a):x}}}-\\x{{{ord(b):x}}}" for a, b in ranges)
            return f"[{'^' if negated else ''}{inner}]"
        case Concat(parts=parts):
            return "(?:" + "".join(map(_re2, parts)) + ")"
        case Alternate(options=options):
            return "(?:" + "|".join(map(_re2, options)) + ")"
        case Repeat(item=item, least=least, most=most):
            return f"(?:{_re2(item)}){{{least},{'' if most is None else most}}}"
        case _:
            assert_never(regex)
