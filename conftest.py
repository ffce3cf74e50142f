"""Runs the examples in docstrings as tests."""

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.rest import DocTestParser

pytest_collect_file = Sybil(
    parsers=[DocTestParser()],
    patterns=["*.py"],
    excludes=["tests/*"],
    document_types={".py": PythonDocStringDocument},
).pytest()
