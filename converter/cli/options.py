"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer


def complete_target(incomplete: str) -> list[str]:
    """Targets that begin so."""
    from converter.target import registry  # only the shell asks

    return [n for n in (*registry.names(), "all") if n.startswith(incomplete)]


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATHS]", help="Rule files and directories; default: `rules` of siemglot.toml."),
]
To = Annotated[
    list[str] | None,
    typer.Option("-t", "--to", metavar="TARGET", help="A target, or all; again.", autocompletion=complete_target),
]
Out = Annotated[
    str | None, typer.Option("-o", "--output", metavar="DIR", help="The output folder; default: `output`, or out.")
]
Format = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="TARGET=FORMAT",
        help="A target's format, or several: splunk=app,splunk=contentctl,sentinel=yaml; again.",
    ),
]
Fields = Annotated[str | None, typer.Option(metavar="native|ecs|cim|asim", help="Field names, as in convert.")]
Unmapped = Annotated[str | None, typer.Option(metavar="refuse|keep|drop", help="As in convert.")]
Source = Annotated[str | None, typer.Option(metavar="DATASET|PLACE", help="As in convert.")]
Mapping = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", help="A file with data set tables of your own; again, the later counts."),
]
FactsWord = Annotated[str | None, typer.Option(metavar="declared|strict", help="As in convert.")]
AllSources = Annotated[
    bool | None,
    typer.Option("--all-sources/--best-source", help="One artifact for each data set.", show_default=False),
]
Tag = Annotated[
    list[str] | None, typer.Option(metavar="WORD", help="Only rules with such a tag; * and a leading ! work; again.")
]
Severity = Annotated[list[str] | None, typer.Option(metavar="WORD", help="Only rules of such a severity.")]
Dataset = Annotated[list[str] | None, typer.Option(metavar="WORD", help="Only rules on such a data set.")]
Type = Annotated[list[str] | None, typer.Option("--type", metavar="WORD", help="Only rules of such a type.")]
Maturity = Annotated[list[str] | None, typer.Option(metavar="WORD", help="Only rules of such a maturity.")]
Config = Annotated[
    str | None, typer.Option(metavar="FILE", help="Settings; default: siemglot.toml here or in a directory above.")
]
Jobs = Annotated[int, typer.Option("-j", "--jobs", metavar="N", help="Processes; 0: one for each core.", min=0)]
Cache = Annotated[
    bool, typer.Option(" /--no-cache", help="Convert every rule, whatever an earlier run has kept.", show_default=False)
]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if outputs are not up to date.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say errors only.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")]

# ---- of `verify`

Events = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Events as JSON lines or a JSON list; default: witnesses made from the rule."),
]
Edited = Annotated[
    list[str] | None,
    typer.Option(metavar="[TARGET=]FILE", help="Judge this text, edited by hand, in place of what the target writes."),
]
Native = Annotated[
    str | None,
    typer.Option(metavar="[TARGET=]FILE", help="Events as this platform holds them, for its native artifact."),
]
Whose = Annotated[str | None, typer.Option(metavar="DATASET", help="With --native: whose events.")]
