"""The library: read a rule, convert it, evaluate it, verify it. Composes the stages; prints nothing.

Everything raised for what a user gave is a `converter.diagnostics.errors.ConverterError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypedDict, Unpack

from converter import rulefile
from converter.datasets.codes import M010
from converter.datasets.rewriting.missing import Unmapped
from converter.deferred import replace
from converter.diagnostics import Diagnostic, Severity
from converter.diagnostics.errors import EmitError, QuerySyntaxError, UnsupportedQueryError
from converter.model.pipeline import Pipeline
from converter.model.predicate import Leaf
from converter.model.rule import Opaque, Rule
from converter.model.walk import placed
from converter.readers.detection import read_detection, searched
from converter.rulefile import RuleText
from converter.target import registry
from converter.target.account import fields_of, uncovered, unwritten
from converter.target.artifact import Artifact
from converter.target.codes import T002, T003, T005, T012
from converter.target.contract import Bound, Emission, Target
from converter.target.emitting import emitted, supported, unjudged
from converter.target.naming import Naming, file_stem
from converter.target.options import Options, Wishes

if TYPE_CHECKING:
    from converter.datasets.reading.catalogue import Catalogue
    from converter.proof import Verdicts
    from converter.proof.readback import Checked

Event = Mapping[str, object]
Mappings: TypeAlias = Path | str | Sequence[Path | str] | None
"""A mapping file, or several."""


class Chosen(TypedDict, total=False):
    """The choices of `convert_all`, as `convert` has them."""

    unmapped: str
    mapping: Mappings
    format: str
    new_terms: str
    known: Catalogue | None
    facts: str
    bare: bool
    args: str
    case: str
    inline_macros: bool
    tstats: bool
    naming: Naming | None


ECS = "ecs"
NATIVE = "native"
UNMAPPED = ("refuse", "keep", "drop")


def catalogue(mapping: Mappings = None) -> Catalogue:
    """What is known of fields and platforms: the package's tables, and with `mapping` files with tables of your own.

    A table of a file replaces one of the same name; of several files the later counts, and `messages` say where they
    disagree. Raises MappingError with the place of a slip.
    """
    paths = [mapping] if isinstance(mapping, (str, Path)) else mapping
    if not paths:
        from converter.datasets.reading.catalogue import builtin  # the tables come with it

        return builtin()
    from converter.datasets.reading.overlays import with_mappings  # only runs with a mapping need it

    files = map(Path, paths)
    return with_mappings(tuple((path, path.stat().st_mtime_ns if path.exists() else 0) for path in files))


def read_rule(path: Path | str, known: Catalogue | None = None) -> Rule:
    """The rule in a TOML file. `known` says which fields there are (see `catalogue`); None: the package's.

    Raises RuleFileError for the file and QuerySyntaxError for the query. A query that is well formed but says
    something that cannot be carried gives a rule all the same, with errors in `notes`: no target converts it.
    """
    return understand(rulefile.read_path(path), known)


def parse_rule(text: str, name: str = "<rule>", known: Catalogue | None = None) -> Rule:
    """The rule in a TOML text; `name` stands for the file in messages."""
    return understand(rulefile.read_text(text, name), known)


def understand(text: RuleText, known: Catalogue | None = None) -> Rule:
    """The meaning of a rule file that has been read, its fields by what is known of them."""
    try:
        tables = known or catalogue()
        detection, found = read_detection(text.meta, tables.schema, tables.vocabulary, tables.placeholders)
    except QuerySyntaxError as error:
        located = [d.located(text.query_source, text.query_offset) for d in error.diagnostics]
        raise QuerySyntaxError(located) from None
    if isinstance(detection, Opaque) and detection.diagnostic.source is None:
        place = text.key("type")
        detection = replace(detection, diagnostic=replace(detection.diagnostic, span=place, source=text.source))
    meta = searched(text.meta, tables.vocabulary)
    rule = Rule(meta, detection, text.source, text.query_source, text.query_offset, stem=text.stem)
    return replace(rule, notes=(*text.notes, *(rule.locate(d) for d in _bounded(found))))


_MOST_ERRORS = 100


def _bounded(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings without the errors after the first hundred: those refuse the rule already, and each has a place."""
    errors, kept = 0, []
    for diagnostic in found:
        errors += diagnostic.severity is Severity.ERROR
        if errors <= _MOST_ERRORS or diagnostic.severity is not Severity.ERROR:
            kept.append(diagnostic)
    return kept


def errors_of(rule: Rule) -> tuple[Diagnostic, ...]:
    """Why no target can convert the rule; nothing for most rules."""
    found = [d for d in rule.notes if d.severity is Severity.ERROR]
    if isinstance(rule.detection, Opaque):
        found.append(rule.locate(rule.detection.diagnostic))
    return tuple(dict.fromkeys(found))


def convert(
    rule: Rule,
    to: str | Path | Target = "splunk",
    fields: str | None = None,
    *,
    unmapped: str = "refuse",
    source: str | None = None,
    mapping: Mappings = None,
    format: str = "",  # noqa: A002 - the name of the option everywhere
    new_terms: str = "search",
    known: Catalogue | None = None,
    facts: str = "declared",
    bare: bool = False,
    args: str = "exact",
    case: str = "insensitive",
    inline_macros: bool = False,
    tstats: bool = False,
    naming: Naming | None = None,
) -> Artifact:
    """The rule in a target's language.

    `to`: a target's name, the path of a Python file with a TARGET, or a Target. `fields`: native (the platform's own
    names), ecs (events keep Elastic's names) or another binding of the target; None means native where a data set
    table serves the rule, else ecs. `unmapped`: what happens to a field without counterpart. `source` names the
    data set or place to bind to. `known` is what the rule was read with (see `catalogue`); `mapping` names files
    with tables of your own instead, for a rule whose fields need no declaration. `facts`: declared, or strict to
    assume nothing of the data; `bare`: without closing columns; `args`: exact or words; `case`: insensitive or exact,
    where the target's usual comparison ignores case; `inline_macros`: nothing to be defined beside the text;
    `tstats`: Splunk's data models instead of events where they are enough (`fields` cim); `naming`: your own names of
    indexes and macros.
    Raises EmitError and MappingError for what was asked; what a rule says is never raised but in the artifact.
    Raises ReadBackError for a fault of siemglot: an artifact that asks for something else than the rule.
    """
    target = to if isinstance(to, Target) else registry.load(str(to))
    wishes = Wishes(new_terms, facts, bare, args, case, inline_macros, tstats)
    options = check_choices(target, fields, unmapped, format, wishes)
    refused = errors_of(rule)
    if refused:
        rest = [d for d in rule.notes if d not in refused]
        return _artifact(rule, target, Bound(rule, ()), (*refused, *rest))
    if format in target.suffixes:
        target = replace(target, suffix=target.suffixes[format])
    tables = known or catalogue(mapping)
    bound = _bind(rule, target, fields, Unmapped(unmapped), source, tables)
    if naming is not None:
        bound = naming.applied(bound)
    bound_notes = [rule.locate(d) for d in bound.notes]
    found = [*rule.notes, *bound_notes]
    if any(d.severity is Severity.ERROR for d in bound_notes):
        return _artifact(rule, target, bound, found)
    emission = supported(bound, target) or emitted(bound, target, options)
    if target.checks:
        _look_at(target, bound, emission)
    said = [*found, *(rule.locate(d) for d in (*emission.diagnostics, *unjudged(target)))]
    if not any(d.severity is Severity.ERROR for d in said):  # a refusal accounts for everything
        said += _unaccounted(rule, bound, emission)
    return _artifact(rule, target, bound, said, emission)


def read_back(
    rule: Rule,
    to: str | Path | Target,
    fields: str | None = None,
    source: str | None = None,
    *,
    text: str = "",
    **choices: Unpack[Chosen],
) -> Checked:
    """What the target writes of the rule, read back and compared with the bound rule; `choices` as for `convert`.

    It is written without closing columns and with macros in place, in the target's own format. `text`, which you wrote,
    is read in place of it.
    """
    from converter.proof.readback import Checked, Outcome, checked  # only those who ask for it need it
    from converter.target.readback import NotRaised

    target = to if isinstance(to, Target) else registry.load(str(to))
    if target.raised is None:
        return Checked(Outcome.NOT_READ, f"{target.name} has no reader")
    if errors_of(rule):
        return Checked(Outcome.NOT_READ, "refused")
    tables = choices.get("known") or catalogue(choices.get("mapping"))
    bound = _bind(rule, target, fields, Unmapped(choices.get("unmapped", "refuse")), source, tables)
    if any(d.severity is Severity.ERROR for d in bound.notes) or supported(bound, target) is not None:
        return Checked(Outcome.NOT_READ, "refused")
    wishes = Wishes(
        choices.get("new_terms", "search"),
        choices.get("facts", "declared"),
        bare=True,
        args=choices.get("args", "exact"),
        case=choices.get("case", "insensitive"),
        inline_macros=True,
        tstats=choices.get("tstats", False),
    )
    emission = emitted(bound, target, wishes.options())
    if not emission.text or any(d.severity is Severity.ERROR for d in emission.diagnostics):
        return Checked(Outcome.NOT_READ, "refused")
    if any(d.severity is Severity.WARNING for d in emission.diagnostics):
        codes = sorted({str(d.code) for d in emission.diagnostics if d.severity is Severity.WARNING})
        return checked(NotRaised(f"approximate ({', '.join(codes)})"))
    return checked(target.raised(bound, replace(emission, text=text or emission.text, tree=None)))  # the text itself


def convert_all(
    rule: Rule, to: str | Path | Target = "splunk", fields: str | None = None, **choices: Unpack[Chosen]
) -> tuple[Artifact, ...]:
    """One artifact for each data set that the rule reads and that can serve it, file names told apart by its name.

    `choices` are those of `convert` but for `source`. A rule that one data set serves, or none, has one artifact.
    """
    from converter.datasets.choice.bind import sources  # reads the tables

    target = to if isinstance(to, Target) else registry.load(str(to))
    tables = choices.get("known") or catalogue(choices.get("mapping"))
    mode = NATIVE if fields is None else fields
    names = sources(rule, target.platform, mode, tables=tables) if mode in field_bindings(target, tables) else ()
    found = [(name, convert(_of_source(rule, name), target, fields, source=name, **choices)) for name in names]
    served = [(name, artifact) for name, artifact in found if artifact.text]
    if len(served) <= 1:
        return (convert(rule, target, fields, **choices),)
    return tuple(replace(artifact, filename=_told_apart(artifact.filename, name)) for name, artifact in served)


def chosen(wishes: Wishes, naming: Naming, known: Catalogue, *, unmapped: str, form: str) -> Chosen:
    """The choices of a command line or a plan as `convert` takes them."""
    return {
        "unmapped": unmapped,
        "known": known,
        "format": form,
        "new_terms": wishes.new_terms,
        "facts": wishes.facts,
        "bare": wishes.bare,
        "args": wishes.args,
        "case": wishes.case,
        "inline_macros": wishes.inline_macros,
        "tstats": wishes.tstats,
        "naming": naming,
    }


def convert_some(
    rule: Rule,
    to: Target,
    fields: str | None,
    *,
    source: str | None,
    all_sources: bool,
    **choices: Unpack[Chosen],
) -> tuple[Artifact, ...]:
    """The rule's artifact for a target, or those of all its data sets; a named source is one."""
    if all_sources and source is None:
        return convert_all(rule, to, fields, **choices)
    return (convert(rule, to, fields, source=source, **choices),)


def _of_source(rule: Rule, name: str) -> Rule:
    """The rule under a title and an id of its own for a data set."""
    meta = rule.meta
    name_tag, id_tag = (", ".join(filter(None, (tag, name))) for tag in (meta.name_tag, meta.id_tag))
    return replace(rule, meta=replace(meta, name_tag=name_tag, id_tag=id_tag))


def _told_apart(filename: str, part: str) -> str:
    stem, dot, suffix = filename.rpartition(".")
    return f"{stem}.{part}{dot}{suffix}"


def _look_at(target: Target, bound: Bound, emission: Emission) -> None:
    """Read an exact artifact back where that is cheap. Raises ReadBackError if an event tells it from its rule."""
    from converter.target.checking import LONGEST, looks_right  # what refuses everything needs no reader
    from converter.target.readback import ReadBackError

    plain = all(d.severity is Severity.NOTE for d in emission.diagnostics)
    if target.raised is None or emission.tree is None or not plain or not 0 < len(emission.text) <= LONGEST:
        return
    if isinstance(bound.rule.detection, Pipeline):
        return  # which takes several times as long as writing it
    reading = target.raised(bound, emission)
    if looks_right(reading) is False:
        from converter.proof.readback import Outcome, checked  # only a doubt needs a proof

        found = checked(reading)
        if found.outcome is Outcome.DIFFERENT:
            raise ReadBackError(target.name, found.why, found.wanted, found.found)


def _unaccounted(rule: Rule, bound: Bound, emission: Emission) -> Iterable[Diagnostic]:
    """A warning for every leaf of the rule that neither binding nor the target accounts for."""
    wheres = placed(rule.detection)
    lacking: list[Leaf] = []
    for number, account in enumerate(bound.accounts):
        lacking += uncovered(wheres[number] if len(wheres) > 1 else wheres[0], account)
        if emission.written is not None:
            lacking += (line.leaf for line in unwritten(account, emission.written))
    for leaf in dict.fromkeys(lacking):
        names = ", ".join(f.path for f in fields_of(leaf))
        message = f"a condition on {names} is not accounted for in the artifact"
        yield rule.locate(Diagnostic(T012, message, Severity.WARNING, leaf.span))


def _artifact(
    rule: Rule, target: Target, bound: Bound, found: Iterable[Diagnostic], emission: Emission | None = None
) -> Artifact:
    unique = tuple(dict.fromkeys(found))
    text = emission.text if emission else ""
    refused = any(d.severity is Severity.ERROR for d in unique)
    binding = bound.bindings[0] if bound.bindings else None
    return Artifact(
        target=target.name,
        rule_name=rule.meta.name,
        filename=file_stem(rule) + target.suffix,
        text="" if refused else text,
        diagnostics=unique,
        fields=binding.mode if binding else "",
        dataset=", ".join(dict.fromkeys(b.dataset for b in bound.bindings if b.dataset)),
        place=(binding.header.get("table") or binding.header.get("sourcetype") or "") if binding else "",
        account=tuple(line for account in bound.accounts for line in account),
        assumed=emission.assumed if emission else (),
        files=emission.files if emission and not refused else (),
        part=emission.part if emission and not refused else None,
        left_out=emission.left_out if emission else (),
    )


def field_bindings(target: Target, tables: Catalogue | None = None) -> tuple[str, ...]:
    """The ways to name fields on a target: its own, and those that tables have places for (cim, asim)."""
    if NATIVE not in target.modes:
        return target.modes
    return tuple(dict.fromkeys((*target.modes, *(tables or catalogue(None)).modes(target.platform))))


def check_choices(target: Target, fields: str | None, unmapped: str, format_: str, wishes: Wishes) -> Options:
    """The options that the choices mean. Raises EmitError if one does not exist for the target, whatever the rule."""
    known = field_bindings(target)
    if fields not in (None, NATIVE, *known):
        message = f"{target.name} has no field binding {fields!r}"
        raise EmitError(Diagnostic(T002, message, hint=f"use one of {', '.join(known)}"))
    if unmapped not in UNMAPPED:
        hint = f"use one of {', '.join(UNMAPPED)}"
        raise EmitError(Diagnostic(T005, f"unmapped cannot be {unmapped!r}", hint=hint))
    if format_ and format_ not in target.formats:
        formats = ", ".join(target.formats) or "none but its own"
        raise EmitError(Diagnostic(T003, f"{target.name} has no format {format_!r}", hint=f"its formats: {formats}"))
    return wishes.options(format_)


def _bind(
    rule: Rule, target: Target, fields: str | None, unmapped: Unmapped, source: str | None, tables: Catalogue
) -> Bound:
    from converter.datasets.choice.bind import bind  # reads the tables

    # Native names of a target without names of its own (python) are those it has.
    known = field_bindings(target, tables)
    mode = fields if fields in known else NATIVE if NATIVE in known else known[0]
    bound = bind(rule, target.platform, mode, unmapped, source, tables=tables)
    chosen = fields is not None or source is not None or ECS not in target.modes
    if chosen or not bound.unserved:
        return bound
    offers = tuple(note for note in bound.notes if note.severity is Severity.NOTE)
    bound = bind(rule, target.platform, ECS, unmapped, None, tables=tables)
    message = f"no data set table of {target.name} serves this rule: its fields keep Elastic's names"
    hint = "--fields ecs says that your events are stored so; --mapping FILE names your own table"
    return replace(bound, notes=(*bound.notes, Diagnostic(M010, message, Severity.WARNING, hint=hint), *offers))


def evaluate(rule: Rule, events: Iterable[Event]) -> list[bool]:
    """For each event, whether it belongs to an alert: the reference meaning. Events are nested or dotted dicts."""
    from converter.reference import evaluate as reference

    _refuse(rule)
    return reference(rule, list(events))


def verify(rule: Rule, events: Iterable[Event] | None = None) -> Verdicts:
    """The verdict of every engine on each event; without `events`, on witnesses made from the rule."""
    from converter.proof import verify as judge

    _refuse(rule)
    return judge(rule, None if events is None else list(events))


def _refuse(rule: Rule) -> None:
    if errors := errors_of(rule):
        raise UnsupportedQueryError(errors)


def list_targets() -> tuple[Target, ...]:
    """Every target, the built-in ones first."""
    return tuple(registry.load(name) for name in registry.names())
