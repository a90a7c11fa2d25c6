"""The format that people run."""
