"""Searches read back."""
