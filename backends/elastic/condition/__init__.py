"""Conditions on one event in Elastic's languages."""
