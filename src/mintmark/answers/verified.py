"""What a verifier says of an answer."""

from typing import NamedTuple


class Verified(NamedTuple):
    """Whether an answer is right, and why not, or by what it was recognised."""

    verified: bool
    reason: str
