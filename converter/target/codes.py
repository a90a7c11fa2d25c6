"""Codes of targets as such."""

from __future__ import annotations

from converter.diagnostics.code import Code

T001 = Code(
    "T001",
    "unknown target",
    "There is no target of this name, neither here nor among the installed extensions.",
    "`siemglot targets` lists them. A path to a Python file with a TARGET works too.",
)
T002 = Code(
    "T002",
    "unknown field binding",
    "The target has no such way to name fields.",
    "Use --fields native or --fields ecs; `siemglot targets` lists what each target offers.",
)
T003 = Code(
    "T003",
    "unknown format",
    "The target cannot write this format.",
    "`siemglot targets` lists the formats of each target.",
)
T004 = Code(
    "T004",
    "no target in module",
    "A target is a Python module with a constant TARGET. A module of the package `backends` without it usually "
    "means that another distribution installed a package of the same name over this one.",
    "Install siemglot into an environment of its own; in your own target file, end with TARGET = Target(...).",
)
T005 = Code(
    "T005",
    "unknown choice",
    "An option has a value that it does not know.",
    "Use one of the values that the message names.",
)
T006 = Code(
    "T006",
    "node without counterpart",
    "The target states that it never writes this construct.",
    "Use another target; the message says why this one cannot.",
)
T007 = Code(
    "T007",
    "package cannot be called so",
    "An app or a content pack has a name, a version, a title and an author, and platforms take only some of them.",
    "Mend [package] in siemglot.toml as the message says.",
)
T008 = Code(
    "T008",
    "code that nobody asked for",
    "A target that is a Python file runs its code. A siemglot.toml that is found beside rules may come from a "
    "stranger, so that it cannot name one.",
    "Read the file, then name it with --to, or the settings with --config.",
)
T009 = Code(
    "T009",
    "two targets of one name",
    "The target of the file calls itself as one of the package does; its artifacts would pass for that target's.",
    "Give TARGET another name.",
)
T011 = Code(
    "T011",
    "target not judged",
    "No engine has run what this target writes against the model, so that nothing it writes is called exact.",
    "Read the artifact before you deploy it, or use a target that engines judge: `siemglot targets` says which.",
)
T012 = Code(
    "T012",
    "condition not accounted for",
    "The account of the rule's conditions lacks one: neither does the artifact hold it, nor does a fact imply it, "
    "nor does a message give it up. The artifact may differ from the rule there.",
    "Report it with the rule; check the artifact by hand at the place shown.",
)
