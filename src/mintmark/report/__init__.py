"""What a person is told of a dataset: the page, the card, the machine-readable description."""
