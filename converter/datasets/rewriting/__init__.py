"""A predicate over Elastic's fields as one over the fields of a place."""
