"""The data files of a release, as the documents beside them tell of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mintmark.digest import Digest

FORMATS = {
    ".parquet": "application/x-parquet",
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
    ".arrow": "application/vnd.apache.arrow.stream",
}
"""Media types by the ends of names, in the order in which a reader is sent to them."""


@dataclass(frozen=True)
class DataFiles:
    """Files by their paths in the folder; none where nothing was let out."""

    digests: Mapping[str, Digest] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    """In bytes, where they are known."""
    guarded: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """For a file, how many cells of each column were kept from being formulas."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Rows of each part (`rows.train`), where the rows lie in several."""

    def within(self, table: str) -> tuple[str, ...]:
        """The parts of a table, by the beginnings of their files' names; the table itself where it lies in one."""
        return tuple(self.parts) or (table,)

    @property
    def names(self) -> list[str]:
        """All that hold rows, in order of name."""
        return sorted(name for name in self.digests if ending(name))

    def best(self, table: str, among: tuple[str, ...] = tuple(FORMATS)) -> str | None:
        """The file of a table that a reader is sent to first."""
        return next((name for end in among if (name := f"data/{table}{end}") in self.digests), None)


def ending(name: str) -> str:
    """The form of a data file by its name; nothing where it is none."""
    end = "." + name.rpartition(".")[2]
    return end if name.startswith("data/") and end in FORMATS else ""
