"""Rules as files."""
