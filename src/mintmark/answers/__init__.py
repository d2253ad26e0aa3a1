"""Whether an answer that a model gave is the right one. Whoever is in doubt says no."""
