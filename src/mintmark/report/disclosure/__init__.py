"""The documents by which a dataset is disclosed, each a pure function of its story."""
