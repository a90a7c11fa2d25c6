"""Sigma rules read back: the condition that a rule asks, beside the one that it was made from."""
