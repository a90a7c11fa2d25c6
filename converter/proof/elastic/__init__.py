"""Elastic's own side: a rule's query as Query DSL, run on osmem-server.

The queries are made from the languages' trees, which is why this is no judge: see `converter.proof.judges`.
"""
