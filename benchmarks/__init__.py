"""Whole commands, measured: `python -m benchmarks [NAME …]` prints tables for docs/benchmarks.md."""
