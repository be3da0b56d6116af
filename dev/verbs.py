"""The verbs of the Makefile; the long ones have files of their own."""
from .lint import lint
from .testing import test, test_fast

__all__ = ["lint", "test", "test_fast"]
