"""The reference meaning of the model: slow is fine, obvious is required."""

from converter.evaluate.predicate import matches as matches
