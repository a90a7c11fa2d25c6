"""Interpreters that judge what was emitted: each reads an artifact's text and runs it on rows, knowing no emitter.

spl/ and kusto/ are our own, written from the vendors' pages and run under several readings of what these leave open;
they need the standard library and RE2. `kusto_duckdb` and `sigma` are second opinions that need the extra `judges`.
Nothing here imports an emitter, a reader or a language of the converter, so that no mistake of theirs is shared.
"""
