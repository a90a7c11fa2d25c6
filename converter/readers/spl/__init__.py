"""SPL searches as conditions on the fields of events."""

from converter.readers.spl.columns import Columns as Columns
from converter.readers.spl.lower import raised as raised
from converter.readers.unraised import UnraisedError as UnraisedError
