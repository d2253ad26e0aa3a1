"""What the three neural methods share: columns as blocks, training that can stop and go on, model files."""
