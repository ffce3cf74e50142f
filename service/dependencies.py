"""What handlers are given beside their request, and the parameters that several have."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation

from index import Searcher
from service.recording import Recorder

__all__ = ["Limit", "Offset", "RecorderDependency", "SearcherDependency"]

SearcherDependency = NamedDependency[SkipValidation[Searcher]]
"""The searcher of the snapshot that is served, under the name ``searcher``."""

RecorderDependency = NamedDependency[SkipValidation[Recorder]]
"""What takes questions and feedback to be kept, under the name ``recorder``."""

Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="The most items of a page.")]

Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000_000, description="How many items come before the page.")]
