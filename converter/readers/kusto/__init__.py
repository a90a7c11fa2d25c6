"""Kusto queries as conditions on a table's columns, as far as they filter single rows."""

from converter.readers.kusto.condition import UnraisedError as UnraisedError
from converter.readers.kusto.lower import raised as raised
