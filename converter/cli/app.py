"""The commands and their options. Nothing else is imported until a command runs, so that help is quick."""

from __future__ import annotations

import gc
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from converter.cli import evaluating, options
from converter.cli.build import build as build_command
from converter.cli.diff import diff as diff_command
from converter.cli.exit import Exit
from converter.cli.status import status as status_command
from converter.cli.words import Command, as_given, narrowed

_EXIT_CODES = "Exit codes: 0 converted, 1 refused (or approximate with --strict), 2 usage, 3 internal."
_OTHERS = "`siemglot --help` lists the other commands."
_OWN = frozenset({"--help", "-h", "--version", "-V", "--install-completion", "--show-completion"})


class _Commands(TyperGroup):
    """`convert` is understood where no command is named: `siemglot rule.toml -t splunk`."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - as above
        return as_given(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's class, wherever typer keeps it
        if not args and not ctx.resilient_parsing:  # the shell asks with nothing for the commands themselves
            args = ["--help"]
        if args and args[0] not in self.commands and args[0] not in _OWN:
            args = ["convert", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Elastic detection rules to Sigma, Splunk, Sentinel and Python, exactly.",
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        from converter import __version__

        typer.echo(f"siemglot {__version__}")
        raise typer.Exit


@app.callback(epilog=f"`convert` may be left out: siemglot rule.toml --to splunk.\n\n{_EXIT_CODES}")
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Elastic detection rules to Sigma, Splunk, Sentinel and Python, exactly."""


def _complete_target(incomplete: str) -> list[str]:
    from converter.target import registry

    return [n for n in (*registry.names(), "all") if n.startswith(incomplete)]


def _complete_code(incomplete: str) -> list[str]:
    from converter.diagnostics.catalogue import all_codes
    from converter.model.fact import Fact

    return [c for c in (*all_codes(), *(fact.value for fact in Fact)) if c.startswith(incomplete.upper())]


def _verbosity(*, quiet: bool, verbose: bool) -> Any:  # noqa: ANN401 - imported late
    from converter.cli.console import Verbosity

    if quiet:
        return Verbosity.QUIET
    return Verbosity.VERBOSE if verbose else Verbosity.NORMAL


@app.command(cls=Command, epilog=f"{_EXIT_CODES}\n\n{_OTHERS}")
def convert(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATHS", help="Rule files, directories to walk, or - for standard input.")
    ],
    *,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "-t",
            "--to",
            metavar="TARGET",
            help="A target (`targets` lists them), all, or a Python file with one; may be given again.",
            autocompletion=_complete_target,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR|FILE|-",
            help="Where artifacts go: a directory that mirrors the input, a file for one artifact, - for stdout.",
        ),
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(
            metavar="native|ecs|cim|asim",
            help="Field names: the platform's own, Elastic's, or a data model's; default: native where a table serves.",
        ),
    ] = None,
    unmapped: Annotated[
        str | None, typer.Option(metavar="refuse|keep|drop", help="What to do with a field that has no counterpart.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="DATASET|PLACE", help="The data set or place to bind to.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Data set tables of your own, before the built-in ones; may be given again."),
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="[TARGET=]FORMAT",
            help="A format, for all targets or for one (sentinel=yaml); `targets` lists them; may be given again.",
        ),
    ] = None,
    new_terms: Annotated[
        str | None, typer.Option(metavar="search|lookup", help="How new_terms rules keep their history.")
    ] = None,
    facts: Annotated[
        str | None,
        typer.Option(metavar="declared|strict", help="What forms may assume of the data: what tables say, or nothing."),
    ] = None,
    args: Annotated[
        str | None,
        typer.Option(metavar="exact|words", help="Arguments of a command line: cut exactly, or looked for as words."),
    ] = None,
    sigma_case: Annotated[
        str | None,
        typer.Option(metavar="insensitive|exact", help="Sigma: without |cased, or with it where case decides."),
    ] = None,
    bare: Annotated[
        bool | None, typer.Option("--bare/--no-bare", help="Leave out the columns to look at.", show_default=False)
    ] = None,
    inline_macros: Annotated[
        bool | None,
        typer.Option("--inline-macros/--no-inline-macros", help="Write macros out in place.", show_default=False),
    ] = None,
    tstats: Annotated[
        bool | None, typer.Option("--tstats/--no-tstats", help="Splunk, cim: over data models.", show_default=False)
    ] = None,
    all_sources: Annotated[
        bool | None,
        typer.Option("--all-sources/--best-source", help="One artifact for each data set.", show_default=False),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Settings; default: siemglot.toml here or in a directory above."),
    ] = None,
    strict: Annotated[
        bool | None,
        typer.Option("--strict/--no-strict", help="An approximate artifact exits with 1 too.", show_default=False),
    ] = None,
    strict_schema: Annotated[
        bool | None,
        typer.Option(
            "--strict-schema/--no-strict-schema",
            help="Slips that no detection depends on are errors too.",
            show_default=False,
        ),
    ] = None,
    verify: Annotated[
        bool | None,
        typer.Option("--verify/--no-verify", help="Read each artifact back and compare.", show_default=False),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 if files in -o DIR are stale, and only then."),
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Like --check, and show what would change.")] = False,
    report: Annotated[
        str | None,
        typer.Option(metavar="json|html|sarif|junit|github|FILE", help="Write an account of the run."),
    ] = None,
    jobs: options.Jobs = 0,
    cache: options.Cache = True,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say errors only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say notes too.")] = False,
) -> None:
    """Convert Elastic detection rules; artifacts go to stdout or -o, messages to stderr."""
    from converter.cli.choices import Given
    from converter.cli.console import opened
    from converter.cli.convert import run, silence_stdout

    verbosity = _verbosity(quiet=quiet, verbose=verbose)
    words = {
        "fields": fields,
        "unmapped": unmapped,
        "source": source,
        "new-terms": new_terms,
        "facts": facts,
        "args": args,
        "sigma-case": sigma_case,
    }
    flags = {"bare": bare, "inline-macros": inline_macros, "all-sources": all_sources, "strict": strict}
    flags["strict-schema"] = strict_schema
    flags["tstats"] = tstats
    flags["verify"] = verify
    given = Given(
        to=tuple(to or ()),
        formats=tuple(format_ or ()),
        mapping=tuple(mapping or ()),
        words={name: word for name, word in words.items() if word is not None},
        flags={name: flag for name, flag in flags.items() if flag is not None},
        output=output,
        check=check,
        diff=diff,
        report=report,
        jobs=jobs,
        config=config,
        verbosity=verbosity,
        cache=cache,
    )
    with opened(verbosity) as console:
        try:
            code = run(paths, given, console)
        except BrokenPipeError:
            silence_stdout()
            code = Exit.REFUSED
    raise typer.Exit(int(code))


for _command in (build_command, status_command, diff_command):
    app.command(cls=Command)(_command)


@app.command(cls=Command)
def targets() -> None:
    """List the targets, their field bindings and formats."""
    from converter.cli import inspection

    raise typer.Exit(int(inspection.targets()))


@app.command(cls=Command)
def explain(
    subjects: Annotated[
        list[str] | None,
        typer.Argument(metavar="CODE|RULE", help="Codes such as K003, or a rule file.", autocompletion=_complete_code),
    ] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="List all codes, a line each.")] = False,
    to: Annotated[
        list[str] | None,
        typer.Option("-t", "--to", metavar="TARGET", help="For a rule: these targets only."),
    ] = None,
    fields: Annotated[str | None, typer.Option(metavar="native|ecs", help="For a rule: as in convert.")] = None,
    source: Annotated[str | None, typer.Option(metavar="DATASET|PLACE", help="For a rule: as in convert.")] = None,
    mapping: Annotated[list[str] | None, typer.Option(metavar="FILE", help="For a rule: as in convert.")] = None,
) -> None:
    """Say what a diagnostic code means, or where each condition of a rule went and what it rests on."""
    from converter.cli import inspection

    if not subjects and not all_:
        raise typer.BadParameter("name a code or a rule file, or ask for --all")
    code = inspection.list_codes() if all_ else Exit.CONVERTED
    for subject in subjects or ():
        if inspection.is_file(subject):
            from converter.cli.account import explain_rule

            code = max(code, explain_rule(subject, to or (), fields, source, mapping))
    named = [subject for subject in subjects or () if not inspection.is_file(subject)]
    raise typer.Exit(int(max(code, inspection.explain(named)) if named else code))


@app.command(cls=Command)
def fields(
    dataset: Annotated[
        str,
        typer.Argument(metavar="[DATASET|init]", help="A data set such as o365.audit; init: a starter for --mapping."),
    ] = "",
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="After init: the data set it is about.")] = "",
    *,
    target: Annotated[
        str | None, typer.Option("-t", "--target", metavar="TARGET", autocompletion=_complete_target)
    ] = None,
    unmapped: Annotated[bool, typer.Option("--unmapped", help="Only fields without counterpart.")] = False,
) -> None:
    """List the data sets, or the fields of one and their counterparts; `fields init` writes a mapping to start from."""
    from converter.cli import inspection

    if dataset == "init":
        raise typer.Exit(int(inspection.starter(name)))
    raise typer.Exit(int(inspection.fields(dataset, target, unmapped=unmapped)))


@app.command(cls=Command)
def export(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATHS", help="Rule files, exports, directories to walk, or - for stdin.")
    ],
    *,
    format_: Annotated[
        str, typer.Option("--format", metavar="toml|ndjson", help="Rule files, or one export for Kibana.")
    ] = "ndjson",
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="DIR|FILE|-", help="Where the rules go; default: stdout.")
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say errors only.")] = False,
) -> None:
    """Write rules of any form as an export for Kibana or as Elastic's rule files."""
    from converter.cli import exporting
    from converter.cli.console import opened

    with opened(_verbosity(quiet=quiet, verbose=False)) as console:
        code = exporting.export(paths, format_, output, console)
    raise typer.Exit(int(code))


@app.command(
    cls=Command,
    epilog="Exit codes: 0 all engines agree, 1 two differ or a rule cannot be judged, 2 usage, 3 internal.",
)
def verify(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATHS", help="Rule files, directories to walk, or - for standard input.")
    ],
    *,
    to: Annotated[
        list[str] | None,
        typer.Option("-t", "--to", metavar="TARGET", help="Judge what these targets write; default: every target."),
    ] = None,
    events: options.Events = None,
    artifact: options.Edited = None,
    native: options.Native = None,
    source: options.Whose = None,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="Write the tables as one page.")] = None,
    report: Annotated[
        str | None, typer.Option(metavar="junit|FILE.xml", help="JUnit's XML, on stdout or into a file.")
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say errors only.")] = False,
) -> None:
    """Run what targets write on events, show each engine's verdict, and the first event on which two disagree."""
    from converter.cli import verify as command
    from converter.cli.console import opened

    asked = command.Asked(paths, tuple(to or ()), events, tuple(artifact or ()), html, report, native, source)
    with opened(_verbosity(quiet=quiet, verbose=False)) as console:
        code = command.verify(asked, console)
    raise typer.Exit(int(code))


@app.command(cls=Command, epilog="Exit codes: 0 the same, 1 different, 2 usage, 3 internal, 4 not decided.")
def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="A rule file, or a query (.spl, .kusto).")],
    other: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    *,
    fields: Annotated[
        str | None, typer.Option(metavar="ecs|native", help="The field names of a query; default: Elastic's.")
    ] = None,
) -> None:
    """Say whether two rules, or a rule and a query written by hand, find the same events."""
    from converter.cli import compare as command
    from converter.cli.console import Verbosity, opened

    with opened(Verbosity.NORMAL) as console:
        code = command.compare(one, other, fields, console)
    raise typer.Exit(int(code))


evaluating.register(app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code; nothing gets out as a traceback."""
    from converter.cli.console import Console, debugging
    from converter.diagnostics.errors import ConverterError

    # Values are frozen trees without cycles: the collector finds nothing and takes a tenth of a long run.
    gc.set_threshold(200_000, 20, 20)
    try:
        words = sys.argv[1:] if arguments is None else arguments
        narrowed(app, words, _OWN)(args=arguments, prog_name=_name())
    except (KeyboardInterrupt, SystemExit):
        raise
    except ConverterError as error:  # a place that cannot be written, told where no rule is at fault
        Console().tell_all(error.diagnostics)
        sys.exit(int(Exit.USAGE))
    except Exception as error:
        if debugging():
            raise
        console = Console()
        console.tell(console.internal(error, "running the command"))
        sys.exit(int(Exit.INTERNAL))


def _name() -> str:
    """The command as it was called; `python -m converter` is called by neither of its names."""
    from pathlib import PurePath

    name = PurePath(sys.argv[0]).name
    return name if name in ("convert", "siemglot") else "siemglot"
