"""Sigma rules and correlations, through pySigma."""
