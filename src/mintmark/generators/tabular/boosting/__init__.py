"""Boosted binary codes: what draws a column of `tabular.trees` where rows are few enough to afford it."""
