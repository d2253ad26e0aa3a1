"""What pictures are made from: aggregates alone, for a report leaves the house together with its data."""
