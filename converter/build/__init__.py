"""Many rules for many targets: what is built, what it was built from, what changed, and the account of it all.

The plan says what is wanted, `work` converts (on several cores), `tree` keeps the files on disk, `lock` remembers what
they were made from, `changes` says what differs from another time. Reports are made of the records alone.
"""
