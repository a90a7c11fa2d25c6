"""A standalone Python module, standard library only."""
