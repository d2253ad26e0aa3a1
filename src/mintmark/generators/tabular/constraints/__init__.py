"""Constraints that every row meets: by construction where they have a form, and by drawing again where they have not."""
