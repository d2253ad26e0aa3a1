"""What the three neural methods share: columns as blocks, rows that are learnt from, given values that are met."""
