"""Splunk SPL."""
