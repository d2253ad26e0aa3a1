"""Generators side by side: what was measured, who is beaten by whom, and what follows from it, in words."""
