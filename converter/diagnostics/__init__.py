"""What the tool says about a rule, as data, and how it is drawn."""

from converter.diagnostics.record import Diagnostic as Diagnostic
from converter.diagnostics.record import Severity as Severity
from converter.diagnostics.record import Source as Source
from converter.diagnostics.record import Span as Span
from converter.diagnostics.render import render as render
