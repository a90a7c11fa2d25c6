"""A reference interpreter of SPL, written from Splunk's documentation and from nothing of the emitter."""
