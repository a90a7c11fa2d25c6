"""`status`: what a build would have to do, by hashes alone: nothing is converted."""

from __future__ import annotations

import typer

from converter.cli import options as o


def status(
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
    check: o.Check = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Say what changed since the last build; nothing is converted."""
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
        words={"fields": fields, "unmapped": unmapped, "source": source, "facts": facts},
        flags={"all-sources": all_sources},
        filters={"tag": tag, "severity": severity, "dataset": dataset, "type": type_, "maturity": maturity},
    )
    raise typer.Exit(int(comparing.status(asked)))
