"""ES|QL, Elasticsearch's language of piped commands: tokens, syntax tree, parser, writer."""

from converter.languages.esql.parse import parse as parse
from converter.languages.esql.write import write as write
