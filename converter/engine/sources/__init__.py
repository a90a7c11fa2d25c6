"""Events from files: lines and objects with their places, and what is wrong with those that are none."""
