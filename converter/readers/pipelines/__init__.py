"""Pipelines in a form of their own, in which a rule and what a target writes of it are compared."""
