"""Mints synthetic data to a recipe, assays it against reality, and marks it with where it came from."""

__version__ = "0.1.0"
