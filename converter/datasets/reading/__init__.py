"""Data set tables as files: read strictly, listed, written as pages."""
