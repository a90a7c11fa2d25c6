"""siemglot: Elastic Security detection rules in the languages of other SIEMs."""
