"""Sigma's documents as rule files: rules, correlations of rules, and filters, one YAML document each."""

from converter.rulefile.sigma.metadata import FILTER as FILTER
from converter.rulefile.sigma.metadata import is_sigma as is_sigma
from converter.rulefile.sigma.metadata import read as read
from converter.rulefile.sigma.related import attached as attached
