"""The subset of Lucene query strings that rules use: `syntax` (values), `parse` (text to tree)."""
