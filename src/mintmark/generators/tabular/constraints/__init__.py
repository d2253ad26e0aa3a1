"""Constraints that every row meets: by construction where they have a form, else by drawing again."""
