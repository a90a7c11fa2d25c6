"""`siemglot evaluate`: its options. What it does is in `converter.cli.evaluation`, imported when it runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from converter.cli.words import Command

_EXIT_CODES = "Exit codes: 0 everything evaluated, 1 a rule or event was left out, 2 usage, 3 internal."
_TEST_CODES = "Exit codes: 0 all tests pass, 1 a test fails or there is none, 2 usage, 3 internal."


def evaluate(
    rules: Annotated[list[str], typer.Argument(metavar="RULES", help="Rule files, exports, or directories to walk.")],
    *,
    events: Annotated[
        list[str],
        typer.Option(
            "-e",
            "--events",
            metavar="FILE|-",
            help="JSON lines (plain, gzip, zstd), a JSON array, CSV, Parquet, Arrow, EVTX; may be given again.",
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE|-", help="Where alerts go; default: stdout.")
    ] = "",
    format_: Annotated[
        str, typer.Option("--format", metavar="ndjson|table|html", help="Alerts as JSON lines, counts, or a page.")
    ] = "ndjson",
    explain: Annotated[
        bool, typer.Option("--explain", help="With each alert, which condition held over which values.")
    ] = False,
    source: Annotated[
        str,
        typer.Option(metavar="DATASET", help="Events are the vendor's own, of this data set (`fields` lists them)."),
    ] = "",
    time: Annotated[
        str, typer.Option(metavar="FIELD", help="With --source: the vendor's field that holds an event's time.")
    ] = "",
    indicators: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Indicator documents for rules of threat intelligence.")
    ] = None,
    history: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Events of the past: they make no alerts, but what they hold is not new."),
    ] = None,
    as_scheduled: Annotated[
        bool, typer.Option("--as-scheduled", help="The alerts that Elastic's schedule gives, run by run.")
    ] = False,
    lateness: Annotated[
        str, typer.Option(metavar="TIME", help="How far out of order events may be, as 30s, 5m or 2h.")
    ] = "10s",
    now: Annotated[
        str, typer.Option(metavar="TIME", help="The moment that date math counts from; default: the clock.")
    ] = "",
    state: Annotated[
        str, typer.Option(metavar="FILE", help="Save the run here and go on from it; needs -o FILE.")
    ] = "",
    save_every: Annotated[str, typer.Option(metavar="TIME", help="How often the state is saved.")] = "2s",
    end: Annotated[bool, typer.Option("--end", help="With --state: no more events will come.")] = False,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Processes.")] = 1,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first line that is no event.")] = False,
    dump: Annotated[bool, typer.Option("--dump", help="Print the plan instead, after a look at the events.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say errors only.")] = False,
) -> None:
    """Hold rules against events: alerts go to stdout or -o, a summary to stderr."""
    from converter.cli.console import Verbosity, opened
    from converter.cli.evaluation.command import Given, run

    given = Given(
        rules=tuple(rules),
        events=tuple(events),
        output=output,
        form=format_,
        explain=explain,
        source=source,
        time=time,
        indicators=tuple(indicators or ()),
        history=tuple(history or ()),
        as_scheduled=as_scheduled,
        lateness=lateness,
        now=now,
        state=state,
        save_every=save_every,
        end=end,
        jobs=jobs,
        strict=strict,
        dump=dump,
    )
    with opened(Verbosity.QUIET if quiet else Verbosity.NORMAL) as console:
        code = run(given, console)
    raise typer.Exit(int(code))


def run_tests(
    rules: Annotated[list[str], typer.Argument(metavar="RULES", help="Rule files, or directories to walk.")],
    *,
    junit: Annotated[str, typer.Option(metavar="FILE", help="Write a report as CI servers read it.")] = "",
) -> None:
    """Run the tests that stand beside rules: tests/NAME.yml beside NAME.toml."""
    from converter.cli.console import Verbosity, opened
    from converter.cli.evaluation.tests import test_rules

    with opened(Verbosity.NORMAL) as console:
        code = test_rules(rules, junit, console)
    raise typer.Exit(int(code))


def witness(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule file.")],
    *,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE|-", help="Where the tests go; default: stdout.")
    ] = "",
) -> None:
    """Write tests of a rule to start from: events just on either side of what it asks."""
    from converter.cli.console import Verbosity, opened
    from converter.cli.evaluation.tests import witness as write

    with opened(Verbosity.NORMAL) as console:
        code = write(rule, output, console)
    raise typer.Exit(int(code))


def register(app: Any) -> None:  # noqa: ANN401 - typer's, whatever its class
    """Add the commands."""
    app.command(cls=Command, epilog=_EXIT_CODES)(evaluate)
    app.command("test", cls=Command, epilog=_TEST_CODES)(run_tests)
    app.command(cls=Command)(witness)
