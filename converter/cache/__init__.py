"""What became of rules in earlier runs, so that a run does again only what changed.

Whose folder it is (`place`), under what a run's entries stand (`program`, `key`), files of entries (`pack`, `store`,
`age`), and values as bytes (`codec`). Nothing here raises for what it finds on disk: an entry that is not whole is
none. No entry holds code; nothing of one is run.
"""
