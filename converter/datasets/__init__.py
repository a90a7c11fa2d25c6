"""Elastic data sets and their counterparts on every platform."""
