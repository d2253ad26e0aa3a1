"""The method for this table: trees or a masked network, chosen on a part of the training rows, with the reason."""

import json
from dataclasses import dataclass as plain
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark import catalog, digest
from mintmark.data.dataset import Dataset
from mintmark.errors import LedgerError, MissingExtra
from mintmark.generators import storage
from mintmark.generators import workshop as workshops
from mintmark.generators.generator import Generator, Sampler
from mintmark.generators.storage import need
from mintmark.generators.tabular import columns, contest
from mintmark.generators.tabular.contest import Trial
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.auto"
TREES, NETWORK = "tabular.trees", "tabular.network"

FEWEST = 1_000
"""Below this many rows, a part of them tells too little of which method is better."""
TRIED_ON = 12_000
"""Both methods are tried on at most this many rows, a third of which neither sees."""
MARGIN = 0.01
"""Trees are the faster by far, and give way only to a network that is harder to detect by more than this."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Auto:
    """The method for this table: trees or a masked network, chosen on a part of the training rows, with the reason.

    Both learn from two thirds of at most 12,000 training rows, and boosted trees try to tell what they make from the
    last third (Lopez-Paz, Oquab 2017). The one that is harder to detect is fitted to all rows, unless what it makes
    lies closer to the rows that it saw than to the others. Without the extra `deep`, on small tables and on very large
    ones it is trees at once.
    """

    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""
    first: tuple[str, ...] = ()
    """Columns that are drawn before all others: giving these is exact."""
    cells: Annotated[int, Field(ge=0)] = 3_000_000
    """Values in the table, rows times columns, up to which a network is tried: training takes minutes beyond."""

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
        "Which method is better on a part of the training rows is better on all.",
        "Given columns that are not among `first` are met by importance resampling, which is approximate.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> "Chosen":
        """Tries both where that is worth it, and fits one to all rows; DataError where there are too few."""
        rows = columns.training_table(real).num_rows
        assert real is not None
        trees = self._build(TREES)
        network, why = self._network(rows, rows * len(real.columns.columns))
        chosen = TREES
        if network is not None:
            chosen, why = _tried(real, {TREES: trees, NETWORK: network}, rng, workshop)
        method = network if network is not None and chosen == NETWORK else trees
        sampler = workshops.fit(method, real, rng=rng, workshop=_part(workshop, "chosen", chosen))
        return Chosen(sampler, chosen, (f"{chosen} was chosen: {why}",))

    def load(self, folder: Path) -> "Chosen":
        """Reads what `Chosen.save` wrote; LedgerError where it was altered."""
        with storage.reading(folder):
            body = json.loads((folder / "auto.json").read_text(encoding="utf-8"))
            if body.get("method") != METHOD:
                raise LedgerError(f"this is not a model of {METHOD}", where=str(folder), found=str(body.get("method")))
            need(body.get("format") == storage.FORMAT, f"format {body.get('format')}")
            said = body.pop("digest", None)
            need(digest.of_json(body) == said, "auto.json does not fit its digest")
            need(body["chosen"] in (TREES, NETWORK), f"chosen method {body['chosen']}")
            sampler: Sampler = catalog.build("generators", body["chosen"], {}).load(folder)
            return Chosen(sampler, str(body["chosen"]), tuple(str(note) for note in body["notes"]))

    def _build(self, name: str) -> Generator:
        made: Generator = catalog.build("generators", name, {"rare": self.rare, "first": self.first})
        return made

    def _network(self, rows: int, cells: int) -> tuple[Generator | None, str]:
        """The network, where it may be tried; else the reason why not."""
        if rows < FEWEST:
            return None, f"{rows:,} rows are too few to compare methods on a part of them"
        if cells > self.cells:
            return None, f"training a network on {cells:,} values would take many minutes"
        try:
            return self._build(NETWORK), ""
        except MissingExtra:
            return None, f"{NETWORK} needs the extra `deep`, which is not installed"


@plain(frozen=True)
class Chosen:
    """What the chosen method learnt, and why it was chosen."""

    sampler: Sampler
    chosen: str
    notes: tuple[str, ...]
    """The reason, in a sentence."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Makes rows by the chosen method."""
        return self.sampler.sample(count, rng=rng, given=given)

    def save(self, folder: Path) -> None:
        """Writes the files of the chosen method, and `auto.json`."""
        self.sampler.save(folder)
        body: dict[str, Any] = {
            "format": storage.FORMAT, "method": METHOD, "chosen": self.chosen, "notes": list(self.notes),
        }  # fmt: skip
        body["digest"] = digest.of_json(body)
        (folder / "auto.json").write_text(json.dumps(body, indent=1, ensure_ascii=False), encoding="utf-8")


def _tried(real: Dataset, methods: dict[str, Generator], rng: np.random.Generator, workshop: Workshop,
           ) -> tuple[str, str]:  # fmt: skip
    """The method to take, and why."""
    some = real.select(np.sort(rng.permutation(len(real))[:TRIED_ON]))
    own, aside = some.split(1 / 3, rng=rng)
    found = {}
    for at, (name, method) in enumerate(methods.items()):
        workshop.say(f"trying {name}", at, len(methods))
        sampler = workshops.fit(method, own, rng=rng, workshop=_part(workshop, "tried", f"trying {name}"))
        found[name] = contest.tried(sampler.sample(len(aside), rng=rng), own, aside, rng=rng)
    return verdict(found[TREES], found[NETWORK], len(own), len(aside))


def _part(workshop: Workshop, folder: str, what: str) -> Workshop:
    """Where one of several fits keeps its own checkpoints and says which it is."""
    own = None if workshop.folder is None else workshop.folder / folder
    return replace(workshop, folder=own, say=lambda how, done, total: workshop.say(f"{what}, {how}", done, total))


def verdict(trees: Trial, network: Trial, own: int, aside: int) -> tuple[str, str]:
    """The method to take, and why, from how both did: `own` rows were learnt from, `aside` judged by."""
    gain = trees.detection - network.detection
    told = (f"learnt from {own:,} training rows and judged by {aside:,} others, detection AUC "
            f"{trees.detection:.3f} for trees and {network.detection:.3f} for the network, nearest row among the seen "
            f"{trees.copying:.1%} and {network.copying:.1%}")  # fmt: skip
    if network.copies and not trees.copies:
        return TREES, f"{told}; the network lies too close to the rows that it saw"
    if trees.copies and not network.copies:
        return NETWORK, f"{told}; trees lie too close to the rows that they saw"
    if gain > MARGIN + 2 * network.error:
        return NETWORK, f"{told}; the network is harder to detect"
    return TREES, f"{told}; the network gains too little for the time that it takes"
