"""The targets: one package each, found by name."""
