"""A condition of every kind is read back from every target, or said to be none that is read; a slip in a module is seen."""

from __future__ import annotations

import pytest

import converter
from converter import api
from converter.model.rule import Rule
from converter.proof.readback import Outcome

NUMBER = "a computed number"
REFUSED = "refused"
VALUES = "a comparison of computed values"
MOMENT = "a moment that is computed"
GROUP, LETTERS = "a regular expression with a group of this kind", "a regular expression with \\p"
SCRIPT = {"splunk": VALUES, "sentinel": NUMBER, "sigma": REFUSED}
COMPUTED = {"splunk": "a script", "sentinel": "a part of a text", "sigma": REFUSED}
WORDS = {"splunk": GROUP, "sentinel": LETTERS, "sigma": "approximate (T105)"}

CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "letters, classes and loops": ("eql", 'process.name regex~ "a(b|cd)*[x-z]+.?[^0-9]"', {}),
    "alternatives and counts": ("eql", 'process.name regex ("(ab|c)x?y{2,3}", "[a-c]*")', {}),
    "three alternatives": ("eql", 'process.name regex "(ab|c|d.)z"', {}),
    "any text": ("eql", 'process.name regex~ ("ab.*", "x?y")', {}),
    "texts": ("eql", 'process.name in ("a", "B") or process.name : "C*d?e"', {"sentinel": "a part of a text"}),
    "numbers": ("eql", "process.pid > 5 and process.pid != 7 and process.parent.pid <= 3", {}),
    "an order of texts": (
        "eql",
        'process.name >= "m"',
        {"splunk": "an order of texts", "sentinel": NUMBER, "sigma": REFUSED},
    ),
    "truths": ("eql", "process.code_signature.exists == true and not process.code_signature.trusted", {}),
    "networks": ("eql", 'cidrmatch(source.ip, "10.0.0.0/8", "fe80::/10", "192.168.0.1/32")', {}),
    "a length": ("eql", "length(process.name) > 3", {"sigma": "approximate (T119)"}),
    "a text in a text": (
        "eql",
        "stringContains(process.command_line, process.name)",
        SCRIPT | {"sentinel": "the operator contains_cs"},
    ),
    "parts of texts": (
        "eql",
        'between(process.command_line, "a", "b", true) == "x" and indexOf(process.name, "y") == 2',
        SCRIPT,
    ),
    "patterns of a computed text": ("eql", 'substring(process.name, 1, 3) : ("ab*", "c?")', COMPUTED),
    "one pattern of a computed text": (
        "eql",
        'substring(process.name, 1) like "ab*"',
        COMPUTED | {"sentinel": "a script"},
    ),
    "sums": ("eql", 'process.pid % 2 == 0 and string(process.pid) != "4"', SCRIPT),
    "moments": ("eql", '@timestamp > "now-7d" and @timestamp < "2024-05-31T10:00:00Z"', {"sigma": REFUSED}),
    "values that are there": ("eql", "process.name != null and process.pid != null and source.ip != null", {}),
    "rounded moments": (
        "kuery",
        '@timestamp >= "now-7d/d" and event.created < "2024-05-31"',
        {"splunk": MOMENT, "sigma": REFUSED},
    ),
    "a phrase": ("kuery", 'message: "hello world"', WORDS),
    "the start of a word": ("kuery", "message: hel*", WORDS),
    "addresses": ("kuery", 'source.ip: "10.0.0.0/8" or source.ip: "::1" or source.ip >= "10.0.0.1"', {}),
    "wildcards": ("kuery", "process.name: a*b or process.name: *x", {}),
    "members of one object": ("kuery", 'file.elf.sections:{ name: "x" and entropy > 3 }', {"sigma": REFUSED}),
    "ends of one value": ("lucene", "process.pid:[5 TO 10}", {}),
    "ends of one moment": (
        "lucene",
        "event.created:[now-1d/d TO now}",
        {"splunk": MOMENT, "sentinel": "the operator <", "sigma": REFUSED},
    ),
    "an expression of Lucene": ("lucene", "process.name:/ab[c-d]+(x|y)?/", {}),
    "words of PowerShell": (
        "lucene",
        'powershell.file.script_block_text:"Get Item"',
        {"sentinel": "a part of joined values"},
    ),
    "addresses between": ("lucene", "source.ip:[10.0.0.1 TO 10.0.0.9]", {}),
}


def rule(name: str) -> Rule:
    language, query, _ = CASES[name]
    kind, text = ("eql", f"process where {query}") if language == "eql" else ("query", query)
    return converter.parse_rule(
        f"[rule]\nname = 'A rule'\ntype = '{kind}'\nlanguage = '{language}'\nquery = '''{text}'''\n"
    )


@pytest.mark.parametrize("target", ["python", "elastic", "splunk", "sentinel", "sigma"])
@pytest.mark.parametrize("name", list(CASES))
def test_conditions_are_read_back(name: str, target: str) -> None:
    """Python and Elastic have a tree for each; what the others have none for is named."""
    fields = None if target == "elastic" else "ecs"
    read = api.read_back(rule(name), target, fields, case="exact")
    why = CASES[name][2].get(target, "")
    if why:
        assert (read.outcome, read.why) == (Outcome.NOT_READ, why)
    else:
        assert read.outcome in (Outcome.EQUAL, Outcome.UNDECIDED), (read.why, read.wanted, read.found)
    if target in ("python", "elastic"):
        assert read.outcome is Outcome.EQUAL


DIFFERENT = "they differ on"
SLIPS = [
    # expressions
    ("letters, classes and loops", '("char", "a")', '("char", "b")', DIFFERENT),
    ("letters, classes and loops", '("char", "a")', '("char", "A")', "an upper-case letter where case is ignored"),
    ("letters, classes and loops", '("class", False', '("class", True', DIFFERENT),
    ("letters, classes and loops", '(("x", "z"),)', '(("x",),)', "a class that is none"),
    ("letters, classes and loops", '("split", (2, 9))', '("split", (9, 2))', "a split that goes elsewhere"),
    ("letters, classes and loops", '("split", (2, 9))', '("split", (2, 99))', "a split that goes elsewhere"),
    ("letters, classes and loops", '("split", (1,))', '("split", (2,))', ""),
    ("letters, classes and loops", '("any",)', '("some",)', "a step that is not known"),
    ("letters, classes and loops", ', ("done",))', ")", "a program that does not end"),
    ("three alternatives", '("split", (1, 4, 6))', '("split", (1, 4, 7))', ""),
    ("three alternatives", '("char", "b"), ("split", (9,))', '("char", "b"), ("any",)', "an alternative that does not end"),
    ("alternatives and counts", "REGULAR_1, REGULAR_2)", "REGULAR_1)", DIFFERENT),
    # texts and patterns
    ("texts", '("a", "B")', '("a", "b")', DIFFERENT),
    ("texts", '("a", "B")', '"a"', "a list of other than texts"),
    ("texts", 'is_one_of(event, "process.name"', 'is_one_of_any_case(event, "process.name"', "an upper-case letter where case is ignored"),
    ("texts", '("c", ANY_RUN', '("c", ANY_ONE', DIFFERENT),
    ("texts", '("c", ANY_RUN', '("c", as_text', "a pattern that is none"),
    ("texts", '("c", ANY_RUN, "d", ANY_ONE, "e")', '"c"', "a pattern that is none"),
    ("texts", "is_like_any_case(", "is_like(", DIFFERENT),
    ("texts", '"process.name", ("a"', 'ANY_ONE, ("a"', "a field without a name"),
    ("texts", 'is_one_of(event, "process.name"', 'read(event, "process.name"', "the function read"),
    ("texts", " or is_like", " or 5 or is_like", "a condition 5"),
    ("a phrase", "standard_words", "powershell_words", DIFFERENT),
    ("a phrase", "standard_words", "as_text", "the function has_phrase"),
    # numbers, moments and addresses
    ("numbers", '">", 5', '">=", 5', DIFFERENT),
    ("numbers", '">", 5', '"<>", 5', "an order that is none"),
    ("numbers", '">", 5', '">", None', "a comparison with null"),
    ("numbers", '">", 5', '">", (1, 2)', "a constant that is no plain value"),
    ("numbers", 'to_long, ">"', 'to_boolean, ">"', "a value that is read as another kind"),
    ("numbers", 'to_long, ">"', 'ANY_ONE, ">"', "a value that is read otherwise"),
    ("numbers", 'to_long, ">", 5', 'to_long, ">"', "the function compares"),
    ("an order of texts", '">=", "m"', '">=", 5', "a text compared with another value"),
    ("moments", "-604800000, 0", "-604800001, 0", DIFFERENT),
    ("moments", "-604800000, 0", "-604800000, 5", "a moment that is none"),
    ("moments", "1717149600000", "1717149600001", DIFFERENT),
    ("rounded moments", "-604800000, 86400000", "-604800000, 0", DIFFERENT),
    ("ends of one value", '">=", 5, "<", 10', '">=", 5, "<=", 10', DIFFERENT),
    ("ends of one value", '">=", 5, "<", 10', '">=", 5, ">", 10', "two ends on one side"),
    ("networks", "0xffff0affffff", "0xffff0afffffe", DIFFERENT),
    ("networks", "(0xffff0a000000, 0xffff0affffff)", "(0xffff0affffff, 0xffff0a000000)", "a range that is none"),
    ("values that are there", 'bool(read(event, "process.name"))', 'bool(objects(event, "process.name"))', "the function objects"),
    ("members of one object", "for event in objects", "for other in objects", "a loop of another kind"),
    # scripts
    ("sums", '("value", 2)', '("value", 3)', DIFFERENT),
    ("sums", '("value", 2)', '("value", (3,))', "a constant that is no plain value"),
    ("sums", '("modulo", False,', '("remainder", False,', "a script that is not known"),
    ("sums", "SCRIPT_1 = (", 'SCRIPT_1 = ("value", 3, ', "a script that is not known"),
    ("sums", "holds(event, SCRIPT_1)", 'holds(event, ("value", 3))', "a script that is no function"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "said"), SLIPS)
def test_a_slip_in_a_module_is_seen(name: str, old: str, new: str, said: str) -> None:
    text = converter.convert(rule(name), "python", "ecs", bare=True).text
    head, function, body = text.rpartition("\ndef matches(")
    place = text.rfind(old)
    assert place >= 0, head[-2000:] + function + body
    read = api.read_back(rule(name), "python", "ecs", text=text[:place] + new + text[place + len(old) :])
    assert read.outcome is (Outcome.DIFFERENT if said == DIFFERENT else Outcome.NOT_READ), read
    assert said in read.why
