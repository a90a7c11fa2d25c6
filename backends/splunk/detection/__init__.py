"""What must hold of several events together."""
