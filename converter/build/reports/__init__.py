"""The accounts of a build, each made of its records alone: no times, and no paths that nobody gave."""
