"""Noisy marginals, and the graphical model that they determine."""
