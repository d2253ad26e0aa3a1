"""Ways to fill a gap: of making data, and of doing without. One way, one file."""
