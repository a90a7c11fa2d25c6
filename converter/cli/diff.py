"""`diff`: how rules differ from those of the last build, or from an older clone."""

from __future__ import annotations

from typing import Annotated

import typer

from converter.cli import options as o


def diff(
    paths: o.Paths = None,
    *,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="LOCK|DIR",
            help="A siemglot.lock, a folder with one, or a folder with older rules; default: the last build's lock.",
        ),
    ] = None,
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
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if a rule differs.")] = False,
    report: Annotated[
        str, typer.Option(metavar="text|markdown|json", help="How it is written; markdown: for a pull request.")
    ] = "text",
    jobs: o.Jobs = 0,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Show how rules differ from the last build or an older clone."""
    from converter.cli import comparing  # imports the stages

    asked = comparing.asked(
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
        words={"fields": fields, "unmapped": unmapped, "source": source, "facts": facts},
        flags={"all-sources": all_sources},
        filters={"tag": tag, "severity": severity, "dataset": dataset, "type": type_, "maturity": maturity},
    )
    raise typer.Exit(int(comparing.diff(asked, against, report)))
