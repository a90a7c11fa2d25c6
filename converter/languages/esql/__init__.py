"""ES|QL, Elasticsearch's language of piped commands: tokens, syntax tree, `parse.parse`, `write.write`."""
