"""One reader a language: text to syntax tree to model."""
