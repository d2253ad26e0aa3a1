"""What may be said of a column without looking at its values: what the user declares as public."""
