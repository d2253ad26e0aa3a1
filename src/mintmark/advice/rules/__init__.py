"""What can be wrong with a plan: one rule, one file."""
