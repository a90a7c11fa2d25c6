"""Text to syntax tree and back, without meaning: one room a language."""
