"""Sigma's rules into the model: a document's searches and condition, correlations and filters."""

from converter.readers.sigma.detection import read as read
from converter.readers.sigma.detection import searched as searched
