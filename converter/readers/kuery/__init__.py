"""Kibana's query language."""
