"""The Kibana query language: `syntax` (values), `parse` (text to tree), `write` (tree to text)."""
