"""A language model as a recipe names it, and the desk where it is asked."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark import catalog
from mintmark.models.desk import Desk
from mintmark.models.model import LanguageModel
from mintmark.models.pace import Limits
from mintmark.models.purse import UNBOUNDED, Budget, Price
from mintmark.models.store import Store


@dataclass(frozen=True, config=ConfigDict(extra="forbid", populate_by_name=True))
class Definition:
    """`{use: models.endpoint, with: {url: …, model: …}, price: {prompt: 0.15, reply: 0.6}, limits: {slots: 16}}`."""

    use: str
    """Which kind of model: a name on the shelf `models`."""
    parameters: Mapping[str, Any] = Field(default_factory=dict, alias="with")
    """That kind's own; the key is never among them, only the name of the variable that holds it."""
    price: Price | None = None
    limits: Limits = Field(default_factory=Limits)

    def build(self, *, where: str = "model", base: Path | None = None) -> LanguageModel:
        """The model, with its paths from `base`; UnknownName, MissingExtra or InputError where it cannot be made."""
        placed = self.parameters if base is None else self._placed(base)
        made: LanguageModel = catalog.build("models", self.use, placed, where=where)
        return made

    def _placed(self, base: Path) -> dict[str, Any]:
        """The parameters, with paths that exist seen from here: a model's name may be a folder's, or a hub's."""
        paths = getattr(catalog.load("models", self.use), "paths", ())
        return {name: str(base / value) if name in paths and (base / str(value)).exists() else value
                for name, value in self.parameters.items()}  # fmt: skip

    @property
    def name(self) -> str:
        """What it is called: by whoever serves it, or else by its kind."""
        made = self.build()
        own = getattr(made, "model", None)  # told without reading the files by which some are described
        return str(made.describe().get("model", self.use) if own is None else own)

    def desk(self, answers: Path, *, account: str = "", budget: Budget = UNBOUNDED, base: Path | None = None) -> Desk:
        """A desk at which this model is asked, that keeps its answers in a file and books them to an account."""
        prices = {} if self.price is None else {self.name: self.price}
        return Desk(self.build(base=base), Store(answers, account), self.limits, budget, prices)

    @contextmanager
    def opened(
        self, answers: Path | None, *, account: str = "", budget: Budget = UNBOUNDED, base: Path | None = None
    ) -> Iterator[Desk]:
        """A desk; without a file for the answers they are kept for as long as it is open."""
        if answers is not None:
            yield self.desk(answers, account=account, budget=budget, base=base)
            return
        with tempfile.TemporaryDirectory() as folder:
            desk = self.desk(Path(folder) / "answers.sqlite", budget=budget, base=base)
            with desk.store:
                yield desk
