"""The subset of Lucene query strings that rules use: syntax tree and parser."""

from converter.languages.lucene.parse import parse as parse
