"""The judges, each in its own module: the interpreters of `converter.proof.judges` and Elastic's side, given scenes.

splunk, sentinel and sigma run on what the package brings; duckdb, sqlite and elastic are second opinions by engines
that others wrote and need the extra `judges`. python runs our own module as a user would.
"""
