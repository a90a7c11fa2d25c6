"""The Kibana query language: syntax tree, parser, writer."""

from converter.languages.kuery.parse import parse as parse
