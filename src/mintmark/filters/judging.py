"""The sieve of filters that judge each text by itself."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from mintmark.filters.filter import Dropped, Sifted
from mintmark.words.texts import Column, texts


@dataclass(frozen=True)
class Each:
    """Asks one question of each text, and remembers nothing."""

    column: Column
    judge: Callable[[str | None], Dropped | None]

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what the question speaks against."""
        found = {place: self.judge(text) for place, text in enumerate(texts(rows, self.column))}
        return Sifted.of(len(rows), {place: dropped for place, dropped in found.items() if dropped})
