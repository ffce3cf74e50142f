"""Tests, one module for each module or concern."""
