"""Queries read back: the condition that a query asks, beside the one that it was made from."""
