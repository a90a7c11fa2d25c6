"""Kusto text and its tree: `syntax` (values), `parse` (text to tree), `write` (tree to text); nothing about meaning."""
