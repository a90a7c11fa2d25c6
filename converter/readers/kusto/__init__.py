"""Kusto queries as conditions on a table's columns, as far as they filter single rows."""

from converter.readers.kusto.counts import counted as counted
from converter.readers.kusto.lower import raised as raised
from converter.readers.unraised import UnraisedError as UnraisedError
