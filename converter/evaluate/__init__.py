"""The reference meaning of the model: slow is fine, obvious is required."""
