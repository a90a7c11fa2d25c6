"""Sigma's condition: the language in which a rule joins its searches."""
