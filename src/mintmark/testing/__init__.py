"""The contracts that every plug-in keeps, as checks that a test suite of your own can run."""

from mintmark.testing.check import Check
from mintmark.testing.metrics import METRIC_CHECKS, metric_checks

__all__ = ["METRIC_CHECKS", "Check", "metric_checks"]
