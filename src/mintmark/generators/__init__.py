"""How data is made: one folder per modality, one file per method."""
