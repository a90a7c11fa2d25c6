"""The Splunk target: a bound rule becomes a search."""

from __future__ import annotations

from backends.splunk.detection import written
from converter.target import Bound, Emission, Notebook, Options, Target


def emit(bound: Bound, options: Options) -> Emission:
    """The rule as a search."""
    notebook = Notebook()
    search = written(bound, options, notebook)
    return Emission("" if notebook.refused else search.text + "\n", notebook.diagnostics)


TARGET = Target(name="splunk", title="Splunk SPL", suffix=".spl", emit=emit, formats={"search": "the search alone"})
