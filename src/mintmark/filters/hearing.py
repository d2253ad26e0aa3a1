"""The sieve of filters that ask a language model for a verdict on each text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from mintmark.data.dataset import Dataset
from mintmark.filters import agreement
from mintmark.filters.filter import Dropped, Sifted
from mintmark.models.definition import Definition
from mintmark.models.means import Means
from mintmark.models.prompt import enclosed
from mintmark.models.purse import words
from mintmark.models.request import Refusal, Reply, Request
from mintmark.words.texts import Column, texts

NO_VERDICT = "no verdict"
"""Of a text on which the model said nothing that could be read: it is dropped, and nobody says that it is bad."""

Verdicts = Sequence[Dropped | None]
"""Row by row why it is dropped, or None where it is kept."""


def _believed(reply: Reply) -> None:
    del reply


class Hearing:
    """Hears rows by a question to a model, and remembers nothing but what it says of itself."""

    def __init__(self, judge: Callable[[pa.Table], Verdicts], counted: Callable[[], Iterable[str]] = tuple) -> None:
        """`counted` tells what the judge has to say of its own verdicts."""
        self._judge, self._counted = judge, counted
        self._agreement: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """How it agrees with people, and how sure of itself it is."""
        return (*self._agreement, *self._counted())

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what the model judges so, and that on which it gives no verdict."""
        if not len(rows):
            return Sifted.of(0, {})
        return Sifted.of(len(rows), {place: told for place, told in enumerate(self._judge(rows)) if told})

    def compare(
        self, real: Dataset | None, label: str, good: Column, most: int, *, name: str, rng: np.random.Generator
    ) -> None:
        """Judges training rows that people labelled, and notes how far it agrees with them."""
        rows, is_good = agreement.labelled(real, label, (good,) if isinstance(good, str) else good, most, rng)
        verdicts = self._judge(rows)
        heard = np.array([verdict is None or verdict[0] != NO_VERDICT for verdict in verdicts], bool)
        keeps = np.array([verdict is None for verdict in verdicts], bool)
        found = agreement.kappa(keeps[heard], is_good[heard])
        self._agreement = (f"{name}: {agreement.told(found, int((~heard).sum()))}",)


def ask(
    model: Definition, means: Means, requests: Sequence[Request], check: Callable[[Reply], None] = _believed
) -> list[Reply | Refusal]:
    """An answer for each request, in order; raises what a desk raises, and at once what `check` raises of a reply."""
    answers: list[Reply | Refusal] = []
    tokens, costs = 0, list[float | None]()
    with model.opened(means.answers, account=means.account, budget=means.budget, base=means.base) as desk:
        for answer in replace(desk, say=lambda progress: costs.append(progress.cost)).ask(requests):
            if isinstance(answer, Reply):
                check(answer)
            answers.append(answer)
            tokens += answer.prompt_tokens + answer.reply_tokens if isinstance(answer, Reply) else 0
            means.say(words(tokens, costs[-1] if costs else None, means.budget), len(answers), len(requests))
    return answers


def contexts(rows: pa.Table, column: Column | None) -> list[str]:
    """What each text answers to, between marks; nothing where no column is named."""
    if column is None:
        return [""] * len(rows)
    return [enclosed(text or "", "context") for text in texts(rows, column)]
