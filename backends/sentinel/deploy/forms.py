"""The forms of a rule that people deploy, each with the files that go beside its text."""

from __future__ import annotations

from backends.sentinel.codes import T371, T385, T386, T388
from backends.sentinel.condition.finding import error, note, warning
from backends.sentinel.deploy import analytics
from backends.sentinel.deploy.analytics import Queried
from backends.sentinel.deploy.arm import deployment, resources
from backends.sentinel.deploy.bicep import bicep_text
from backends.sentinel.deploy.connectors import tables
from backends.sentinel.deploy.describe import Described, described
from backends.sentinel.deploy.entity import shown
from backends.sentinel.deploy.rule import AnalyticsRule, Function, Json, identity
from backends.sentinel.deploy.schedule import Schedule
from backends.sentinel.deploy.solution import Part
from backends.sentinel.deploy.template import parser_text, template_text
from backends.sentinel.deploy.watchlist import Watchlist, identifiers, resource, with_watchlists
from backends.sentinel.deploy.written import LONGEST_QUERY, Written
from backends.sentinel.deploy.xdr import hunting, xdr_text
from backends.sentinel.detection.detected import Detected
from converter.deferred import replace
from converter.languages.kusto import write
from converter.languages.kusto.syntax import Extend, Item, Program
from converter.target.contract import Bound, File, Notebook
from converter.target.naming import file_stem


def written(form: str, bound: Bound, found: Detected, times: Schedule, notes: Notebook) -> Written:
    """The rule in a form; the notes say what it adapts, or why it cannot be."""
    if form == "xdr":
        return _xdr(bound, found, notes)
    program, lists = with_watchlists(found.program) if form == "watchlists" else (found.program, ())
    if lists:
        names = ", ".join(one.alias for one in lists)
        notes.add(note(T385, f"the query reads {names}: a list that is not there finds nothing"))
    about = described(bound.rule.meta, notes)
    rule = _rule(bound, replace(found, program=program), times, about, notes)
    stem = file_stem(bound.rule)
    guide = (File(f"{stem}.md", about.guide.encode()),) if about.guide else ()
    match form:
        case "arm":
            return Written(deployment(resources(rule), rule.notice), guide)
        case "bicep":
            return Written(bicep_text(rule), guide)
        case "watchlists":
            return Written(_with_lists(rule, lists), (*_csv(lists), *guide))
        case "solution":
            _say_added(rule, notes)
            parser = parser_text(rule, rule.function) if rule.function else ""
            text = template_text(rule)
            part = Part(stem, rule, text, parser, about.guide, bound.rule.meta.updated_date)
            return Written(text, (), part)
        case _:
            _say_added(rule, notes)
            return Written(template_text(rule), (*_parser(rule, stem, notes), *guide))


def _say_added(rule: AnalyticsRule, notes: Notebook) -> None:
    added = [t for t in rule.attack.all_tactics if t not in rule.attack.tactics]
    if added:
        notes.add(note(T386, f"{', '.join(added)} added for {', '.join(rule.attack.techniques)}"))


def _parser(rule: AnalyticsRule, stem: str, notes: Notebook) -> tuple[File, ...]:
    """The function that a rule of YAML calls, as a file of its own: the text alone does not find anything."""
    if rule.function is None:
        return ()
    file = f"{stem}.function.yaml"
    notes.add(warning(T388, f"the rule calls {rule.function.alias}, which stands in {file}: save it first"))
    return (File(file, parser_text(rule, rule.function).encode()),)


def _rule(bound: Bound, found: Detected, times: Schedule, about: Described, notes: Notebook) -> AnalyticsRule:
    """The rule as a value: with columns that entities need, unless the query would be too long for them."""
    meta = bound.rule.meta
    shows = shown(meta, tables(found.program), found.columns, notes)
    extra = analytics.made(meta, shows, notes)
    program = _with(found.program, extra.items)
    text = _text(program)
    if len(text) > LONGEST_QUERY and len(_text(found.program)) <= LONGEST_QUERY:
        shows = shown(meta, tables(found.program), found.columns, Notebook(), computed=False)
        extra = analytics.made(meta, replace(shows, values={}), Notebook())
        program = _with(found.program, extra.items)
        text = _text(program)
    queried = Queried(text, program)
    if len(text) > LONGEST_QUERY:
        function = Function(f"siemglot_{identity(meta).replace('-', '')}", text)
        queried = Queried(f"{function.alias}\n", program, function)
        message = f"the query has {len(text)} characters, a rule takes {LONGEST_QUERY}: the function {function.alias}"
        notes.add(note(T388, f"{message} holds it"))
    stated = analytics.stated_connectors(bound.bindings)
    return analytics.analytics_rule(meta, queried, times, shows, extra.override, about, stated, notes)


def _text(program: Program) -> str:
    """The text as people read it, or, where that is too long for a rule, on as few lines as it has statements."""
    text = write.program(program)
    return text if len(text) <= LONGEST_QUERY else write.compact(program)


def _with(program: Program, made: tuple[Item, ...]) -> Program:
    """The program with more columns."""
    query = program.query
    return replace(program, query=replace(query, operators=(*query.operators, Extend(made)))) if made else program


def _with_lists(rule: AnalyticsRule, lists: tuple[Watchlist, ...]) -> str:
    made: list[Json] = [resource(one, rule.notice) for one in lists]
    for one in resources(rule):
        if isinstance(one, dict) and lists:
            depends = one.get("dependsOn")
            one["dependsOn"] = [*(depends if isinstance(depends, list) else []), *identifiers(lists)]
        made.append(one)
    return deployment(made, rule.notice)


def _csv(lists: tuple[Watchlist, ...]) -> tuple[File, ...]:
    return tuple(File(f"{one.alias}.csv", one.csv.encode()) for one in lists)


def _xdr(bound: Bound, found: Detected, notes: Notebook) -> Written:
    program = hunting(bound.rule.detection, found.program, notes)
    if program is None:
        return Written("")
    text = _text(program)
    if len(text) > LONGEST_QUERY:
        notes.add(error(T371, f"the query has {len(text)} characters, a custom detection takes {LONGEST_QUERY}"))
        return Written("")
    meta = bound.rule.meta
    return Written(xdr_text(meta, program, text, analytics.severity(meta, notes), notes))
