"""Codes of builds: locks, and what stands in the way of files."""

from __future__ import annotations

from converter.diagnostics.code import Code

B001 = Code(
    "B001",
    "lock cannot be read",
    "siemglot.lock is not what a build writes: it was cut, merged by hand or made by a later version. Without it "
    "nothing is known of the files that an earlier build wrote.",
    "Take the file from the last commit, or delete it and build again: files that are no longer wanted then stay.",
)
B002 = Code(
    "B002",
    "file changed by hand",
    "An earlier build wrote this file, and it was changed since. The rule that it was made from is gone or has another "
    "file now, so that the build would remove it; what was changed by hand is never removed.",
    "Delete it, or keep it under another name outside the output folder.",
)
B003 = Code(
    "B003",
    "lock is another's",
    "siemglot.lock names a file outside its own folder. A build writes no such thing.",
    "Do not trust the lock: delete it and build again.",
)
B004 = Code(
    "B004",
    "file names told apart",
    "Two rules would be written to one file, or to two whose names differ only in the case of letters, which many "
    "file systems take for one. Each got a part of its rule id at the end of its name.",
    "Nothing needs doing; give one of the rule files another name for shorter names.",
)
B005 = Code(
    "B005",
    "output differs",
    "An artifact on disk is not what a build gives now: a rule, a table, a setting or siemglot itself has changed, or "
    "the file was changed by hand.",
    "Run the same command without --check, and commit what it writes.",
)
B006 = Code(
    "B006",
    "status got worse",
    "The last build wrote a better artifact of this rule for this target: exact then and approximate now, or written "
    "then and refused now.",
    "Read what the rule's messages say of it; `siemglot diff` says what changed in the rule.",
)
B007 = Code(
    "B007",
    "two builds at once",
    "Another build works in the same output folder at this moment. Two at a time would mix their files.",
    "Wait until it has ended; give builds that run side by side folders of their own.",
)
