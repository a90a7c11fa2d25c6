"""The library as a stranger uses it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shared import ROOT

import converter
from converter import api
from converter.diagnostics import Severity, render
from converter.model.rule import Match, Opaque
from converter.target import Bound, Emission, Gap, Options, Refusal, Target, registry
from converter.target.codes import T006

SEED = ROOT / "rules" / "elastic" / "collection_exchange_excessive_mail_items_accessed.toml"
TOY = ROOT / "examples" / "toy_target.py"


def rule(query: str = "process.name: cmd.exe", more: str = "") -> converter.Rule:
    return converter.parse_rule(f"[rule]\nname = 'A rule'\ntype = 'query'\n{more}\nquery = '''{query}'''\n")


def test_read_and_convert() -> None:
    seed = converter.read_rule(SEED)
    assert seed.meta.severity == "medium"
    assert isinstance(seed.detection, Match)
    for target in converter.list_targets():
        artifact = converter.convert(seed, to=target.name)
        assert artifact.target == target.name
        if not target.judges:  # nothing that it writes is called exact
            assert artifact.status != "exact"
            continue
        assert artifact.status == "exact"
        assert artifact.filename == SEED.stem + target.suffix
        assert str(artifact) == artifact.text
        assert artifact.text.endswith("\n")


def test_default_is_splunk() -> None:
    assert converter.convert(rule(), fields="ecs") == converter.convert(rule(), "splunk", "ecs")


def test_default_fields_are_native_where_a_table_serves_the_rule() -> None:
    native = converter.convert(converter.read_rule(SEED), "splunk")
    assert (native.fields, native.dataset) == ("native", "o365.audit")
    assert native == converter.convert(converter.read_rule(SEED), "splunk", fields="native")
    plain = converter.convert(rule("sensu.custom: x"), "splunk")
    assert (plain.fields, plain.dataset, plain.status) == ("ecs", "", "approximate")
    (said,) = [d for d in plain.diagnostics if d.code == "M010"]
    assert said.severity is Severity.WARNING
    assert converter.convert(rule("sensu.custom: x"), "splunk", fields="ecs").status == "exact"
    refused = converter.convert(rule("sensu.custom: x"), "splunk", fields="native")
    assert refused.status == "refused"
    assert [d.code for d in refused.diagnostics if d.severity is Severity.ERROR] == ["M010"]


def test_native_of_a_target_without_names_of_its_own() -> None:
    assert converter.convert(rule(), TOY, "native") == converter.convert(rule(), TOY, "ecs")


def test_source_is_a_choice_too() -> None:
    seed = converter.read_rule(SEED)
    assert converter.convert(seed, "sentinel").place == "CloudAppEvents"
    office = converter.convert(seed, "sentinel", source="OfficeActivity")
    assert (office.place, office.status) == ("OfficeActivity", "approximate")
    nowhere = converter.convert(seed, "sentinel", source="nowhere")
    assert (nowhere.status, nowhere.text) == ("refused", "")


def test_converting_twice_gives_the_same_and_leaves_the_rule_alone() -> None:
    seed, again = converter.read_rule(SEED), converter.read_rule(SEED)
    first = [converter.convert(seed, t) for t in converter.list_targets()]
    assert first == [converter.convert(seed, t) for t in converter.list_targets()]
    assert seed == again


def test_target_may_be_a_file_or_a_value() -> None:
    by_path = converter.convert(rule(), TOY)
    assert (by_path.status, [d.code for d in by_path.diagnostics if d.severity is Severity.WARNING]) == (
        "approximate",
        ["T011"],
    )
    assert by_path.text == "Alert when process.name is one of “cmd.exe”.\n"
    assert by_path.filename == "a_rule.txt"
    assert by_path == converter.convert(rule(), str(TOY))

    def emit(bound: Bound, options: Options) -> Emission:
        return Emission(f"{bound.rule.meta.name} {options.format}\n")

    target = Target("mine", "Mine", ".mine", emit, formats={"long": "more"}, suffixes={"long": ".long"})
    artifact = converter.convert(rule(), target, format="long")
    assert (artifact.text, artifact.filename) == ("A rule long\n", "a_rule.long")
    assert converter.convert(rule(), target).filename == "a_rule.mine"


def test_toy_target_says_what_it_can_and_refuses_the_rest() -> None:
    query = "(a: x or b >= 5) and not (c: y and d: *) and event.kind: alert"
    text = converter.convert(rule(query), TOY).text
    assert text.startswith("Alert when (a is one of “x” or b ")
    assert " and not (c is one of “y” and d has a value) and " in text
    tricky = converter.convert(rule('a: "“ ” \\" and"'), TOY).text
    assert tricky.count("“") == tricky.count("”") == 1
    refused = converter.convert(rule("process.name: a*b"), TOY)
    assert (refused.status, refused.text) == ("refused", "")
    (error,) = [d for d in refused.diagnostics if d.severity is Severity.ERROR]
    assert error.code == "T006"
    assert error.message == "this toy has no words for it (we have not written it yet)"
    assert error.place == "<rule>:5:12"


def test_declared_refusal_of_a_detection() -> None:
    target = Target(
        "mine",
        "Mine",
        ".x",
        lambda _bound, _options: Emission("never"),
        support={Match: Refusal(T006, Gap.NEVER, "no single events")},
    )
    artifact = converter.convert(rule(), target)
    assert artifact.status == "refused"
    assert [d.message for d in artifact.diagnostics if d.code == "T006"] == ["no single events (it would mislead)"]


def test_error_in_the_query_is_located_in_the_file() -> None:
    with pytest.raises(converter.QuerySyntaxError, match=r"^<rule>:5:16: error\[K001\]"):
        rule("a: (")
    with pytest.raises(converter.RuleFileError, match=r"^x:1:1: error\[F006\]"):
        converter.parse_rule("a = 1", name="x")


def test_unsupported_rule_is_a_rule_that_no_target_converts() -> None:
    read = converter.parse_rule("[rule]\nname = 'A rule'\ntype = 'machine_learning'\nmachine_learning_job_id = 'j'\n")
    assert isinstance(read.detection, Opaque)
    for target in converter.list_targets():
        artifact = converter.convert(read, target.name)
        assert (artifact.status, artifact.text) == ("refused", "")
        assert artifact.diagnostics[0].place == "<rule>:3:1"
    with pytest.raises(converter.UnsupportedQueryError, match="L042"):
        converter.evaluate(read, [])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"to": "spunk"}, "T001"),
        ({"to": "nowhere.py"}, "T001"),
        ({"fields": "cmi"}, "T002"),
        ({"format": "xml"}, "T003"),
        ({"unmapped": "guess"}, "T005"),
        ({"new_terms": "guess"}, "T005"),
    ],
)
def test_error_in_what_is_asked(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(converter.EmitError, match=code):
        converter.convert(rule(), **arguments)


def test_one_root_of_all_errors() -> None:
    for name in ("RuleFileError", "QuerySyntaxError", "UnsupportedQueryError", "MappingError", "EmitError"):
        assert issubclass(getattr(converter, name), converter.ConverterError)


MAPPING = """
dataset: mine
title: My own
match: {{index: ["mine-*"]}}
platforms:
  splunk:
    mine: {{header: {{index: {index}}}}}
fields:
  process.name: {{splunk: exact image}}
"""


def test_mapping_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MAPPING.format(index="one"))
    mine = rule(more='index = ["mine-*"]')
    artifact = converter.convert(mine, "splunk", mapping=path)
    assert (artifact.fields, artifact.dataset, artifact.status) == ("native", "mine", "exact")
    assert "index=one" in artifact.text
    assert "image" in artifact.text
    path.write_text(MAPPING.format(index="other"))
    assert "index=other" in converter.convert(mine, "splunk", mapping=path).text
    path.write_text("dataset: [")
    with pytest.raises(converter.MappingError):
        converter.convert(mine, "splunk", mapping=path)
    with pytest.raises(converter.ConverterError, match="F001"):
        converter.convert(mine, "splunk", mapping=tmp_path / "none.yaml")


@pytest.mark.parametrize("condition", ["process.name ==", "sequence", "length(a, b, c, d) > 1"])
def test_error_condition_in_a_mapping(condition: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = MAPPING.format(index="one").replace("mine: {header", f"mine: {{base: '{condition}', header")
    path.write_text(text)
    with pytest.raises(converter.MappingError, match=r"mine\.yaml:7:\d+: error\[M008\]"):
        converter.convert(rule(more='index = ["mine-*"]'), "splunk", mapping=path)


def test_evaluate() -> None:
    events: list[dict[str, object]] = [
        {"process": {"name": "cmd.exe"}},
        {"process.name": "CMD.EXE"},
        {"process": {"name": ["x", "cmd.exe"]}},
        {},
    ]
    assert converter.evaluate(rule(), events) == [True, False, True, False]


def test_python_artifact_agrees_with_evaluate() -> None:
    namespace: dict[str, object] = {"__name__": "artifact"}
    exec(converter.convert(rule(), "python", "ecs").text, namespace)  # noqa: S102 - our own artifact
    matches = namespace["matches"]
    assert callable(matches)
    assert (matches({"process": {"name": "cmd.exe"}}), matches({})) == (True, False)


def test_notebooks_get_html() -> None:
    seed = converter.read_rule(SEED)
    page = seed._repr_html_()
    assert "M365 Exchange" in page
    hostile = converter.parse_rule("[rule]\nname = '<script>'\ntype = 'query'\nquery = 'a: \"<b>\"'\nnmae = 1\n")
    for html in (hostile._repr_html_(), converter.convert(hostile, "python", "ecs")._repr_html_()):
        assert "<script>" not in html
        assert "<b>&lt;script&gt;</b>" in html
        assert "F013" in html
    assert "refused" in converter.convert(rule("a: b*c"), TOY)._repr_html_()


def test_public_names() -> None:
    for name in converter.__all__:
        assert getattr(converter, name) is not None
        assert name in dir(converter)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = converter.nothing


def test_functions_stay_functions_when_their_packages_are_imported() -> None:
    importlib.import_module("converter.proof")
    importlib.import_module("converter.reference")
    assert converter.evaluate(rule(), [{}]) == [False]
    from converter.reference import matches

    assert callable(matches)
    script = 'import converter; r = converter.parse_rule(\'[rule]\\nname="a"\\ntype="query"\\nquery="a: b"\');'
    script += "print(converter.evaluate(r, [{'a': 'b'}]), converter.evaluate(r, [{}]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[True] [False]\n"


def test_every_engine_gives_the_verdicts_of_the_rule() -> None:
    """On events of one's own, and on witnesses that are made of the rule."""
    found = converter.verify(rule(), [{"process": {"name": "cmd.exe"}}, {"process": {"name": "x"}}])
    assert found.agree
    made = converter.verify(rule())
    assert made.agree
    with pytest.raises(converter.UnsupportedQueryError):
        converter.verify(converter.parse_rule(MACHINE_LEARNING))


MACHINE_LEARNING = """[rule]
name = 'x'
type = 'machine_learning'
anomaly_threshold = 5
machine_learning_job_id = 'j'
"""


def test_what_no_reader_reads_back_says_why() -> None:
    assert api.read_back(rule(), TOY).why == "toy has no reader"
    assert api.read_back(converter.parse_rule(MACHINE_LEARNING), "splunk").why == "refused"


def test_a_condition_that_a_target_does_not_write_is_never_exact() -> None:
    """Law 1: the account of the artifact is held against the rule, leaf by leaf."""
    target = registry.load("python")
    query = 'process.name: cmd.exe and not user.name: "root"'

    def forgets(bound: Bound, options: Options) -> Emission:
        emission = target.emit(bound, options)
        assert emission.written is not None
        kept = frozenset(leaf for leaf in emission.written if "user.name" not in str(leaf))
        assert len(kept) < len(emission.written)
        return replace(emission, written=kept, tree=None)

    whole = converter.convert(rule(query), target)
    assert whole.status == "exact"
    artifact = converter.convert(rule(query), replace(target, emit=forgets, raised=None))
    assert artifact.status == "approximate"
    assert [render(d).splitlines()[0] for d in artifact.diagnostics if d.code == "T012"] == [
        "<rule>:5:42: warning[T012]: a condition on user.name is not accounted for in the artifact"
    ]
