"""How much of what two texts hold they share, exactly."""


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of what either set holds that both hold (Jaccard 1901); 0 where both are empty."""
    both = len(one & other)
    return both / max(len(one) + len(other) - both, 1)
