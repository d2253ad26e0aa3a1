"""What keeps rows out, each with its reason: one filter a file."""
