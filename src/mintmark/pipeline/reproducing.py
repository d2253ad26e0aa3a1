"""Makes a dataset again from its record, and says whether the same rows came out; if not, what may be the reason."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mintmark.data.dataset import Dataset
from mintmark.digest import Digest
from mintmark.errors import LedgerError
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import collected, words
from mintmark.ledger.versions import Version, open_dataset
from mintmark.pipeline.environment import versions
from mintmark.pipeline.plan import plan
from mintmark.pipeline.progress import Progress
from mintmark.pipeline.run import run
from mintmark.recipe import Recipe


@dataclass(frozen=True)
class Reproduction:
    """What came out when a dataset was made again."""

    name: str
    wanted: Digest
    found: Digest
    reasons: tuple[str, ...]
    """What is not as it was: any of it may make other rows."""
    collected: str | None = None
    """When the rows that were recorded were collected, and under which policy; None where they are kept."""

    @property
    def same(self) -> bool:
        """Is it the same, bit for bit?"""
        return self.wanted == self.found

    def to_json(self) -> dict[str, Any]:
        """What `mintmark reproduce --json` answers."""
        return {**vars(self), "reasons": list(self.reasons), "same": self.same}


def reproduce(
    name: str,
    *,
    ledger: Path | str = ".mintmark",
    base: Path | str = ".",
    real: Any = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Reproduction:
    """Makes the rows of a recorded dataset once more, in a place of their own, and compares their digests.

    `base` is the folder that the recipe's paths start from; `real` stands in for its source. Nothing is added to the
    ledger. Raises UnknownName, LedgerError where the record holds no recipe, and what `run` raises.
    """
    record = Ledger.open(Path(ledger), create=False)
    version = open_dataset(record, name)
    gone = collected(record).get(version.entry.digest)
    recipe = _recipe(version)
    data = None if real is None else Dataset.of(real)
    reasons = list(_reasons(version, recipe, data, Path(base)))
    with tempfile.TemporaryDirectory(prefix="mintmark-") as folder:
        again = run(recipe, real=data, to=Path(folder) / "to", ledger=Path(folder) / "ledger", workers=workers,
                    named=ledger, base=base, progress=progress)  # fmt: skip
    return Reproduction(version.name, version.entry.subject, again.digest, tuple(reasons),
                        words(gone) if gone else None)  # fmt: skip


def _recipe(version: Version) -> Recipe:
    """The recipe as it was, without what changes no row: its questions, its gate and its release."""
    body = version.entry.body.get("recipe")
    if body is None:
        raise LedgerError("the record holds no recipe of this dataset", where=version.name)
    # JSON of the record has its keys in order of the alphabet, and steps stand in an order of their own.
    order = version.entry.body.get("order") or list(body["steps"])
    recipe = Recipe.model_validate({**body, "steps": {name: body["steps"][name] for name in order}})
    # Why it was made, and how it was judged, changes no row; whom it was made for is not claimed again.
    purpose = recipe.purpose.model_copy(update={"gap": "none", "use": "study"})
    # The very datasets that were mixed in, whatever bears their names by now.
    parts = version.entry.body.get("mix") or ()
    mix = {(part["dataset"] or part["name"]).removeprefix("sha256:"): part["share"] for part in parts}
    asked = {"purpose": purpose, "mix": mix, "assay": ("validity.schema",), "gate": (), "release": None}
    return recipe.model_copy(update=asked)


def _reasons(version: Version, recipe: Recipe, real: Dataset | None, base: Path) -> Iterator[str]:
    then, now = version.entry.body.get("versions") or {}, versions()
    for package in dict.fromkeys((*then, *now)):
        if then.get(package) != now.get(package):
            yield f"{package} is {now.get(package, 'not installed')} and was {then.get(package, 'not installed')}"
    planned = plan(recipe, base=base, real=real, named=version.ledger)
    inputs = planned.inputs
    for part, digest in version.entry.inputs.items():
        if part in ("train", "holdout") and inputs.get(part) != digest:
            yield f"the real data differs: {part} is {str(inputs.get(part))[:19]} and was {digest[:19]}"
    for step in planned.steps:
        for name, digest in (version.entry.body["steps"][step.name].get("files") or {}).items():
            if step.files.get(name) != digest:
                yield f"a file differs: {name} is {str(step.files.get(name))[:19]} and was {digest[:19]}"
