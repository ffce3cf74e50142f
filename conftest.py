"""Runs the examples in docstrings as tests, and lends all tests the browser."""

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.rest import DocTestParser

pytest_plugins = ["tests.browsers", "tests.widget_service"]

pytest_collect_file = Sybil(
    parsers=[DocTestParser()],
    patterns=["*.py"],
    excludes=["tests/*"],
    document_types={".py": PythonDocStringDocument},
).pytest()
