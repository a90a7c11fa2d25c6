"""`siemglot evaluate`: rules over files of events."""
