"""A small language model that is trained here, from scratch, on the user's corpus (GPT, Radford et al. 2019)."""

from collections.abc import Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import DataError, GenerationError, InputError
from mintmark.generators import storage
from mintmark.generators.deep import checkpoints, machine, training
from mintmark.generators.deep.training import Course, Rows
from mintmark.generators.text import gpt, tables
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.words import coded
from mintmark.words.bpe import Tokens
from mintmark.words.coded import Codes

METHOD = "text.transformer"
TRIES = 20
"""Texts that are drawn for each that is handed on, before it is said that too many quote."""
FEWEST = 20
"""Texts; fewer are no corpus."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Transformer:
    """A small language model that is trained here, from scratch, on the user's corpus (GPT, Radford et al. 2019).

    It needs no endpoint and no weights of anybody. Texts are cut to byte pairs that are learnt from them; a tenth of
    the windows says when to stop. A text with a passage of more than `longest` words of a training text is drawn anew.
    Some thousand texts teach it spelling and phrases, and no sense.
    """

    column: str = "text"
    """The column of the training rows that holds texts."""
    vocabulary: Annotated[int, Field(ge=0, le=20_000)] = 1000
    """Byte pairs beside the 256 bytes; 0 writes byte by byte."""
    window: Annotated[int, Field(ge=8, le=2048)] = 128
    """Tokens that it sees at a time."""
    layers: Annotated[int, Field(ge=1, le=24)] = 4
    heads: Annotated[int, Field(ge=1, le=32)] = 4
    width: Annotated[int, Field(ge=8, le=2048)] = 128
    """Numbers that stand for a token; a multiple of `heads`."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 30
    """The most; it stops before where three epochs in a row bring nothing better."""
    batch: Annotated[int, Field(ge=1, le=4096)] = 32
    """Windows a step."""
    rate: Annotated[float, Field(gt=0, le=1)] = 1e-3
    temperature: Annotated[float, Field(gt=0, le=5)] = 1.0
    longest: Annotated[int, Field(ge=1)] = 12
    """Words that may follow each other as they do in a training text."""
    device: machine.Device = "auto"

    assumes: ClassVar[tuple[str, ...]] = (
        "A corpus of some hundred thousand words teaches spelling, phrases and layout, and neither facts nor sense.",
        "Passages up to the stated length, names and numbers in them, may be those of real people.",
        "The same texts for the same seed are promised on a processor; accelerators add numbers in changing order.",
    )

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise InputError("every head gets as many numbers", where="width", found=f"{self.width} / {self.heads}",
                             fix="choose a multiple of `heads`")  # fmt: skip

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> "Writer":
        """Learns byte pairs, then trains. DataError where there are too few texts, GenerationError on divergence."""
        texts = [text.strip() for text in tables.texts(real, self.column, METHOD)]
        if len(set(texts)) < FEWEST:
            raise DataError("these texts are too few to learn a language from", where=METHOD,
                            found=f"{len(set(texts)):,} different ones", fix=f"give at least {FEWEST}")  # fmt: skip
        assert real is not None
        tokens = Tokens.learn(texts, self.vocabulary)
        numbers = [tokens.encode(text) for text in texts]
        seed = seeds.integer(rng)
        source = torch.Generator().manual_seed(seed)
        with machine.one_core():
            net = machine.started(_laid_out(self, tokens), source).to(machine.chosen(self.device))
            learner = gpt.Learner(net, self.rate, self.dropout)
            rows = Rows.of(gpt.windows_of(numbers, self.window, len(tokens)), machine.chosen(self.device))
            course = Course(METHOD, self.epochs, min(self.batch, max(1, len(rows) // 10)), self.rate, patience=3,
                            fit=checkpoints.identity(METHOD, self, real, seed))  # fmt: skip
            state = training.train(learner, rows, course, source=source, workshop=workshop)
        net = net.to("cpu")
        learnt = f"{len(texts):,} texts of {sum(map(len, numbers)):,} tokens in {state.epoch} epochs"
        notes = (
            f"{METHOD} learnt {learnt}; unseen windows cost {state.best:.3f} nats a token.",
            f"{METHOD} returns no passage of more than {self.longest} words of a training text.",
            *state.notes,
        )
        most = max(map(len, numbers))
        return Writer(self, tokens, net, np.unique(_passages(texts, self.longest)), most, notes)

    def load(self, folder: Path) -> "Writer":
        """Reads what `Writer.save` wrote; LedgerError where it was altered."""
        body, arrays = storage.read(folder, METHOD)
        with storage.reading(folder):
            tokens = Tokens(tuple((int(one), int(other)) for one, other in body["merges"]))
            net = _laid_out(self, tokens)
            checkpoints.from_arrays(net, arrays, "net")
            passages, most = arrays["passages"], int(body["most"])
            rising = all(max(pair) < 256 + place and min(pair) >= 0 for place, pair in enumerate(tokens.merges))
            if passages.dtype != np.uint64 or passages.ndim != 1 or not 0 < most < 10_000_000 or not rising:
                raise ValueError("its parts do not fit each other")
            return Writer(self, tokens, net, passages, most, tuple(map(str, body["notes"])))


@plain(frozen=True)
class Writer:
    """Byte pairs, weights, and what may not be said again."""

    recipe: Transformer
    tokens: Tokens
    net: gpt.Net
    passages: Codes
    """One code for each passage of `longest` + 1 words in the training texts, ascending."""
    most: int
    """Tokens of the longest training text; none that is made is longer."""
    notes: tuple[str, ...]

    @cached_property
    def schema(self) -> TableSchema:
        """One column of text."""
        return TableSchema((tables.text(self.recipe.column),))

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws texts; GenerationError where nearly all quote the training texts, or say nothing.

        ConditionError where rows are given: it completes none.
        """
        tables.alone(self.schema, None if given is None else given.columns, METHOD)
        made: list[str] = []
        tried = 0
        with machine.one_core():
            while len(made) < count:
                wanted = count - len(made)
                texts = [self.tokens.decode(said).strip() for said in self._drawn(wanted, rng)]
                made += [text for text in texts if text and not self._told(text)]
                tried += wanted
                if len(made) < count and tried > TRIES * count + gpt.AT_ONCE:
                    raise GenerationError(
                        f"{METHOD} made {len(made):,} of {count:,} texts: nearly all others quote training texts",
                        fix="give more texts, train for fewer epochs, or raise `longest` or `temperature`",
                    )
        return tables.dataset(self.schema, [{self.recipe.column: text} for text in made])

    def bits_per_byte(self, unseen: Sequence[str]) -> float:
        """How many bits each byte of these texts costs, ends included: to be compared between any two models."""
        if not unseen:
            raise DataError("there is no text to be guessed", where=METHOD)
        numbers = [self.tokens.encode(text.strip()) for text in unseen]
        windows = torch.from_numpy(gpt.windows_of(numbers, self.recipe.window, len(self.tokens)))
        with machine.one_core():
            nats = gpt.mean_surprise(self.net, windows) * sum(len(text) + 1 for text in numbers)
        return float(nats / np.log(2) / sum(len(text.strip().encode()) + 1 for text in unseen))

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        body = {"merges": [list(pair) for pair in self.tokens.merges], "most": self.most, "notes": list(self.notes)}
        arrays = {**checkpoints.to_arrays(self.net, "net"), "passages": self.passages}
        storage.write(folder, METHOD, body, arrays)

    def _drawn(self, count: int, rng: np.random.Generator) -> Any:
        return gpt.drawn(self.net, count, end=len(self.tokens), most=self.most, temperature=self.recipe.temperature,
                         rng=rng)  # fmt: skip

    def _told(self, text: str) -> bool:
        """Does a passage of it stand in a training text?"""
        codes = _passages([text], self.recipe.longest)
        if not len(codes) or not len(self.passages):
            return False
        places = np.minimum(np.searchsorted(self.passages, codes), len(self.passages) - 1)
        return bool((self.passages[places] == codes).any())


def _laid_out(recipe: Transformer, tokens: Tokens) -> gpt.Net:
    """The net without weights; the token behind the last byte pair is the end of a text."""
    return machine.laid_out(lambda: gpt.Net(len(tokens) + 1, recipe.window, recipe.width, recipe.layers, recipe.heads))


def _passages(texts: Sequence[str], longest: int) -> Codes:
    return coded.grams(coded.words(list(texts)), longest + 1).codes
