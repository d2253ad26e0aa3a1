"""Evidence: one folder per claim, one file per question."""
