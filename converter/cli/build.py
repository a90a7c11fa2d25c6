"""`build`: a whole repository of rules for every target, with a lock and reports."""

from __future__ import annotations

from typing import Annotated

import typer

from converter.cli import options as o

_EXIT = (
    "Exit codes: 0 built (with --check: and up to date), 1 what --fail-on names (with --check: something is stale), "
    "2 usage, 3 internal."
)


def build(
    paths: o.Paths = None,
    *,
    to: o.To = None,
    output: o.Out = None,
    format_: o.Format = None,
    fields: o.Fields = None,
    unmapped: o.Unmapped = None,
    source: o.Source = None,
    mapping: o.Mapping = None,
    facts: o.FactsWord = None,
    all_sources: o.AllSources = None,
    tag: o.Tag = None,
    severity: o.Severity = None,
    dataset: o.Dataset = None,
    type_: o.Type = None,
    maturity: o.Maturity = None,
    config: o.Config = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="LOCK", help="The build to compare with; default: the last one in the output folder."),
    ] = None,
    check: o.Check = False,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="never|broken|worse|refused|approximate",
            help="What exits with 1; each word has those before it. Default: broken; with --check: never.",
        ),
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[=FILE]",
            help="json, html, navigator (the default; none with --check), sarif, junit, github, markdown, none; again.",
        ),
    ] = None,
    jobs: o.Jobs = 0,
    cache: o.Cache = True,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Build all rules for all targets, with reports and a lock."""
    from converter.cli import building  # imports the stages

    asked = building.asked(
        paths,
        to,
        output,
        format_,
        config,
        mapping,
        quiet=quiet,
        verbose=verbose,
        check=check,
        jobs=jobs,
        cache=cache,
        words={"fields": fields, "unmapped": unmapped, "source": source, "facts": facts},
        flags={"all-sources": all_sources},
        filters={"tag": tag, "severity": severity, "dataset": dataset, "type": type_, "maturity": maturity},
    )
    raise typer.Exit(int(building.run(asked, tuple(report or ()), fail_on, against)))


build.__doc__ = f"{build.__doc__}\n\n{_EXIT}"
