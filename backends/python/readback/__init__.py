"""Modules read back: the condition that a module asks, beside the one that it was made from."""
