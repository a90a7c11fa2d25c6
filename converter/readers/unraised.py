"""What no reader of artifacts has a tree for."""


class UnraisedError(Exception):
    """The artifact says what its reader has no tree for; the text says what."""
