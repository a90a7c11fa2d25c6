"""What must hold of one event."""
