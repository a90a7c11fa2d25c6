"""The Event Query Language: tokens, syntax tree, parser."""

from converter.languages.eql.parse import parse as parse
