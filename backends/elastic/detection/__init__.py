"""Detections as queries, and what stands beside them in a rule."""
