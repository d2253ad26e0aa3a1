"""The classes of a target, whatever it is: its levels, or quarters of a quantity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mintmark.errors import CannotMeasure
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.features import Floats, Space

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Classes:
    """The most frequent classes of real rows, and where a row belongs."""

    place: int
    """The position of the target among the columns."""
    cut: Cut
    codes: tuple[int, ...]

    @classmethod
    def of(cls, space: Space, target: str, real: Floats, *, most: int, support: int) -> "Classes":
        """At most `most` classes, each with `support` real rows; CannotMeasure where there is no such class."""
        if target not in space.names:
            raise CannotMeasure(
                f"the target {target} cannot be compared", found=space.left_out.get(target, "not there")
            )
        place = space.names.index(target)
        column = space.columns[place]
        if not (column.discrete or column.numeric):
            raise CannotMeasure(f"the target {target} has no classes", found=str(column.kind))
        cut = Cut.of(column, real[:, place], at=evenly(4), levels=100)
        counts = np.bincount(cut.place(real[:, place]), minlength=cut.size)
        counts[0] = 0  # a missing answer is no class
        codes = np.argsort(-counts, kind="stable")[:most]
        kept = tuple(int(code) for code in codes if counts[code] >= support)
        if not kept:
            raise CannotMeasure(f"no class of the target {target} has {support} real rows", found=f"{len(real)} rows")
        return cls(place, cut, kept)

    def rows(self, table: Floats) -> Places:
        """The class of each row, 0, 1, …, or −1 where it has none; shape (n,)."""
        lookup = np.full(self.cut.size, -1)
        lookup[list(self.codes)] = np.arange(len(self.codes))
        return lookup[self.cut.place(table[:, self.place])]

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in words."""
        return tuple(self.cut.label(code) for code in self.codes)
