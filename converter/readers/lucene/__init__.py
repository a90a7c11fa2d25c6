"""The Lucene query-string subset and the Query DSL of filters."""
