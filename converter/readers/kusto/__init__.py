"""Kusto queries as conditions on a table's columns."""

from converter.readers.kusto.lower import made_by as made_by
from converter.readers.kusto.lower import raised as raised
from converter.readers.unraised import UnraisedError as UnraisedError
