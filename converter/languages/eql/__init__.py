"""The Event Query Language: `tokens`, `syntax` (values), `parse` (text to tree)."""
