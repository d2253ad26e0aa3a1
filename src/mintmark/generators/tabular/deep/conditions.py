"""Training by sampling (Xu et al. 2019): a class is drawn, then rows to learn from among those that have it.

Classes are drawn by the logarithm of how many rows have them, so that the generator also meets what is infrequent.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from mintmark.generators.deep.training import Rows
from mintmark.generators.tabular.deep.blocks import Block
from mintmark.generators.tabular.deep.heads import Heads


@dataclass(frozen=True)
class Conditions:
    """Which columns can be a condition, and how frequent their classes are."""

    heads: Heads
    shares: tuple[Tensor, ...]
    """(classes,) for each column"""
    columns: tuple[int, ...]
    """Those whose classes say everything of a value."""

    @classmethod
    def of(cls, blocks: Mapping[str, Block], *, any_: bool) -> "Conditions":
        """Those of a table; none where not `any_`."""
        shares = tuple(torch.tensor(block.share, dtype=torch.float32) for block in blocks.values())
        able = [at for at, block in enumerate(blocks.values()) if block.classes > 1 and not block.wide.any()]
        return cls(Heads.of(blocks), shares, tuple(able) if any_ else ())

    @property
    def width(self) -> int:
        """Inputs that tell a network the condition: one for each class, or none."""
        return self.heads.width if self.columns else 0

    def draw(self, count: int, source: torch.Generator, *, evened: int = 0) -> tuple[Tensor, Tensor | None]:
        """Conditions, (count, width), and the number of the wanted class among all; None where there are none.

        Classes are drawn by their shares, or, among `evened` rows, by the logarithm of their counts.
        """
        if not self.columns:
            return torch.zeros((count, 0)), None
        column = torch.tensor(self.columns)[torch.randint(len(self.columns), (count,), generator=source)]
        wanted = torch.empty(count, dtype=torch.int64)
        for at in self.columns:
            here = torch.nonzero(column == at)[:, 0]
            weight = torch.log1p(self.shares[at] * evened) if evened else self.shares[at]
            if len(here):
                drawn = torch.multinomial(weight, len(here), replacement=True, generator=source)
                wanted[here] = self.heads.starts[at] + drawn
        return self._told(wanted), wanted

    def meeting(self, classes: Tensor, seen: Tensor, source: torch.Generator) -> Tensor:
        """(n, width) conditions that fit rows of which some columns are `seen`: of one of those, drawn for each row."""
        able = [at for at in self.columns if seen[at]]
        if not able:
            return self.draw(len(classes), source)[0]
        column = torch.tensor(able)[torch.randint(len(able), (len(classes),), generator=source)]
        return self._told(self.heads.starts[column] + classes.gather(1, column[:, None])[:, 0])

    def rows(self, rows: Rows, count: int, source: torch.Generator) -> tuple[Rows, Tensor, Tensor | None]:
        """Rows that meet conditions, the conditions, and the wanted classes."""
        condition, wanted = self.draw(count, source, evened=len(rows))
        condition = condition.to(rows.classes.device)
        if wanted is None:
            return rows[torch.randint(len(rows), (count,), generator=source)], condition, None
        which, place = torch.empty(count, dtype=torch.int64), torch.rand(count, generator=source)
        for at in self.columns:
            low = int(self.heads.starts[at])
            here = torch.nonzero((wanted >= low) & (wanted < low + self.heads.sizes[at]))[:, 0]
            order, ends = _by_class(rows, at, self.heads.sizes[at])
            asked = wanted[here] - low
            start = torch.where(asked > 0, ends[asked - 1], 0)
            # A class that only held-out rows have is met by the row that stands where its rows would.
            which[here] = order[(start + place[here] * (ends[asked] - start)).long().clamp_max(len(order) - 1)]
        return rows[which], condition, wanted

    def _told(self, wanted: Tensor) -> Tensor:
        return torch.zeros((len(wanted), self.heads.width)).scatter(1, wanted[:, None], 1.0)


def _by_class(rows: Rows, column: int, classes: int) -> tuple[Tensor, Tensor]:
    """Numbers of rows in order of their class, and where each class ends; kept with the rows once it is asked."""
    if column not in rows.orders:
        found = rows.classes[:, column].cpu()
        rows.orders[column] = torch.argsort(found, stable=True), torch.bincount(found, minlength=classes).cumsum(0)
    return rows.orders[column]
