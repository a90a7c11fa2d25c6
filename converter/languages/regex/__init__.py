"""Regular expressions as trees: read, compared and written for each dialect."""
