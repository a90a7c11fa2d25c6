"""Witness events of a rule, and the same verdict in every engine."""
