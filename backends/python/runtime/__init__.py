"""The pieces that a Python artifact is made of: each is put into the artifact as source, where a rule needs it.

They use the standard library only and import nothing of this project but each other.
"""
