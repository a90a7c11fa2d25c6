"""The formats that people install."""
