"""A reference interpreter of Kusto, written from Microsoft's documentation and from nothing of the emitter."""
