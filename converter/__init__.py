"""siemglot: an Elastic detection rule, said exactly in another SIEM's language.

>>> import converter
>>> rule = converter.read_rule("rules/x.toml")          # doctest: +SKIP
>>> converter.convert(rule, to="splunk").text           # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.deferred import homes
from converter.diagnostics.errors import (
    ConverterError,
    EmitError,
    MappingError,
    QuerySyntaxError,
    RuleFileError,
    UnsupportedQueryError,
)

if TYPE_CHECKING:
    from converter.api import convert, evaluate, list_targets, parse_rule, read_rule, verify
    from converter.diagnostics import Diagnostic, Severity, Source, Span
    from converter.engine import Engine
    from converter.model.rule import Rule
    from converter.reference.esql import Table, esql
    from converter.target.artifact import Artifact
    from converter.target.contract import Target

__version__ = "0.1.0"

__all__ = [
    "Artifact",
    "ConverterError",
    "Diagnostic",
    "EmitError",
    "Engine",
    "MappingError",
    "QuerySyntaxError",
    "Rule",
    "RuleFileError",
    "Severity",
    "Source",
    "Span",
    "Table",
    "Target",
    "UnsupportedQueryError",
    "__version__",
    "convert",
    "esql",
    "evaluate",
    "list_targets",
    "parse_rule",
    "read_rule",
    "verify",
]

# Imported at first use: `convert --help` needs none of it.
_HOMES = {
    "Artifact": "converter.target.artifact",
    "Diagnostic": "converter.diagnostics",
    "Engine": "converter.engine",
    "Rule": "converter.model.rule",
    "Severity": "converter.diagnostics",
    "Source": "converter.diagnostics",
    "Span": "converter.diagnostics",
    "Table": "converter.reference.esql",
    "Target": "converter.target",
    "convert": "converter.api",
    "esql": "converter.reference.esql",
    "evaluate": "converter.api",
    "list_targets": "converter.api",
    "parse_rule": "converter.api",
    "read_rule": "converter.api",
    "verify": "converter.api",
}


__getattr__ = homes(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
