"""What handlers are given beside their request."""

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from index import Searcher

__all__ = ["SearcherDependency"]

SearcherDependency = NamedDependency[SkipValidation[Searcher]]
"""The searcher of the snapshot that is served, under the name ``searcher``."""
