"""Splunk's search language: `syntax` (values), `write` (text from them), `parse` (them from text)."""
