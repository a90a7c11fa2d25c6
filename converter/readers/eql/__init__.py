"""Elasticsearch's Event Query Language."""
