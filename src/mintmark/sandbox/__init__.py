"""Runs code that nobody trusts, and says from outside whether it did what it should."""
