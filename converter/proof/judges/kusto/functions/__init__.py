"""The functions that the interpreter knows, by theme."""
