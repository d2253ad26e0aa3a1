"""Arrays to which is added at the end, and the texts of all runs in one of them."""

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mintmark.words.coded import Coded, Places

T = TypeVar("T", bound=np.generic)


class Growing(Generic[T]):
    """An array that has room for more than it holds."""

    def __init__(self, type_: type[T]) -> None:
        """Empty."""
        self._room: NDArray[T] = np.empty(1 << 10, type_)
        self._used = 0

    @property
    def array(self) -> NDArray[T]:
        """What it holds: a view, that is old once something is added."""
        return self._room[: self._used]

    def add(self, more: NDArray[T]) -> None:
        """Puts values behind those that are there; half as much room again is made where it lacks."""
        end = self._used + len(more)
        if end > len(self._room):
            room = np.empty(max(end, len(self._room) * 3 // 2), self._room.dtype)
            room[: self._used] = self.array
            self._room = room
        self._room[self._used : end] = more
        self._used = end


class Shelf:
    """Texts as codes, run after run."""

    def __init__(self) -> None:
        """Empty."""
        self._codes, self._starts = Growing(np.uint64), Growing(np.int64)
        self._starts.add(np.zeros(1, np.int64))

    def __len__(self) -> int:
        return len(self._starts.array) - 1

    def __getitem__(self, text: int) -> NDArray[np.uint64]:
        starts = self._starts.array
        return self._codes.array[starts[text] : starts[text + 1]]

    def take(self, rows: Places) -> Coded:
        """These texts, in this order."""
        return Coded(self._codes.array, self._starts.array).take(rows)

    def add(self, texts: Coded) -> None:
        """The next texts."""
        self._starts.add(texts.starts[1:] + len(self._codes.array))
        self._codes.add(texts.codes)
