"""What everything is made of: schemas, datasets, and the ways in and out."""
