"""A plan in the words of a person who has not begun: what is to be made, how, from what, and how it will be judged.

What a proposal does not say is not assumed to be well: a rule that needs it says that it was not said, or is silent
where silence is the usual case. A recipe is read as a proposal by `described.of_recipe`.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from mintmark import document
from mintmark.document import Document
from mintmark.mistakes import NAME, validated

Share = Annotated[float, Field(ge=0, le=1)]
Rows = Annotated[int, Field(ge=0)]

ATTACKS = frozenset({
    "attributes", "audit", "inference", "linkability", "membership", "outliers", "people", "robust", "shadow",
    "singling_out",
})  # fmt: skip
"""Tests of privacy in which somebody tries to learn something about a person, and can fail."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Purpose(_Part):
    """Why synthetic data."""

    gap: Literal["annotation", "privacy", "imbalance", "rarity", "coverage", "bias", "volume", "none"] = "none"
    """Which scarcity is to be filled."""
    use: Literal["augment", "replace", "share", "test", "study", "inference"] = "study"
    """What becomes of the data; `inference` is the estimation of quantities with their standard errors."""
    must_show: tuple[str, ...] = ()
    """What the data has to contain, in plain words: rain, night, `class: fraud`."""


class Holdout(_Part):
    """Real rows that judge."""

    rows: Rows | None = None
    split: Literal["random", "time", "group", "source"] = "random"
    used_for: tuple[Literal["report", "tuning", "selection"], ...] = ("report",)
    """What these rows decide beside the final report."""
    seen_by_generator: bool = False


class RealData(_Part):
    """What is learnt from."""

    origin: Literal["real", "synthetic", "mixed", "unknown"] = "unknown"
    depth: Annotated[int, Field(ge=0)] | None = None
    """How often data was generated from generated data before: 0 for data from the world."""
    rows: Rows | None = None
    rarest: Rows | None = None
    """Rows of the rarest class or group that matters."""
    people: bool | None = None
    """Are rows about persons?"""
    rows_per_person: Literal["one", "several"] | None = None
    group: str | None = None
    """The column that says which rows are about one person or thing."""
    ordered: bool = False
    """Do rows follow each other in time?"""
    sensitive: tuple[str, ...] = ()
    """Columns that name groups of people."""
    kept: bool = True
    """Do the real rows stay in what models are trained on?"""
    licence: str | None = None
    holdout: Holdout | None = None


class Method(_Part):
    """How the data is made."""

    kind: Literal[
        "rules", "copula", "trees", "network", "gan", "vae", "diffusion", "marginals", "oversample", "augmentation",
        "simulation", "llm", "independent", "other",
    ] = "other"  # fmt: skip
    cannot: tuple[str, ...] = ()
    """What the method is known not to be able to show, in the words of `must_show`."""
    share: Share | None = None
    """How much of what a model is trained on will be synthetic."""
    conditioned: bool = False
    """Are shares of classes or groups set on purpose?"""


class Privacy(_Part):
    """What is said about people in the training data."""

    claim: Literal["none", "private", "anonymous"] = "none"
    epsilon: Annotated[float, Field(gt=0)] | None = None
    delta: Annotated[float, Field(ge=0, lt=1)] | None = None
    unit: Literal["row", "person"] = "row"
    """What the formal guarantee protects."""
    domain: Literal["public", "private", "data"] | None = None
    """Where categories and bounds come from: known beforehand, found under the budget, or looked up in the data."""
    tests: tuple[str, ...] = ()
    """Attacks (see ATTACKS) and other tests: distance, copies, uniqueness."""

    @property
    def attacked(self) -> bool:
        """Does somebody try to learn something about people?"""
        return not ATTACKS.isdisjoint(self.tests)


class Simulation(_Part):
    """A simulated world."""

    randomised: tuple[str, ...] = ()
    """What is varied from scene to scene: light, texture, friction, sensor noise."""
    calibrated: bool = False
    """Were its parameters fitted to real measurements?"""
    real_validation: Rows = 0
    """Real recordings that the trained model is validated on from early on."""


class Teacher(_Part):
    """The language model that writes."""

    model: str | None = None
    version: str | None = None
    licence: str | None = None
    permits_training: bool | None = None
    """Do its terms let other models be trained on what it writes?"""
    prompts_kept: bool = False
    judge: str | None = None
    """The model that scores what the teacher wrote."""
    judge_checked: bool = False
    """Was the judge compared with human labels, with positions swapped?"""


class Text(_Part):
    """What is written."""

    seeds_from: tuple[str, ...] = ()
    """Data sets that seeds or documents were taken from."""
    deduplicated: bool = False
    decontaminated_against: tuple[str, ...] = ()
    contains: tuple[Literal["code", "reasoning", "facts", "dialogue", "stories", "labels"], ...] = ()
    executed: bool = False
    """Is generated code run against tests, in a sandbox?"""
    verified: bool = False
    """Are answers checked by something other than the model that wrote them?"""
    grounded: bool = False
    """Are facts tied to spans of real documents?"""


class Filter(_Part):
    """What throws rows away."""

    by: str
    keep: Share | None = None
    tails_checked: bool = False
    """Was it measured which rare kinds of rows it removes?"""


class Evaluation(_Part):
    """How it will be judged."""

    tested_on: Literal["real", "synthetic", "both"] | None = None
    asks: tuple[str, ...] = ()
    """Claims, such as fidelity, or metrics, such as `privacy.membership`."""
    benchmarks: tuple[str, ...] = ()
    """Public test sets that results will be reported on."""
    seeds: Annotated[int, Field(ge=1)] | None = None
    gate: tuple[str, ...] = ()
    """Bounds that must be met before anything leaves."""
    controls: tuple[Literal["real only", "reweighted", "untargeted"], ...] = ()
    """What the gain is compared with."""


class After(_Part):
    """What happens once a model that was trained on the data is in use."""

    deployed: bool = False
    drift: str | None = None
    """How a change of the real world will be noticed."""


class Handed(_Part):
    """What a receiver is told."""

    licence: str | None = None
    card: bool = True
    """Does a card say that the data is synthetic, and how it was made?"""


class Proposal(_Part):
    """A plan, before anything is spent."""

    proposal: Annotated[str, Field(pattern=NAME)]
    """Its name."""
    purpose: Purpose = Purpose()
    real: RealData | None = None
    """None where nothing is learnt from."""
    method: Method = Method()
    privacy: Privacy = Privacy()
    simulation: Simulation | None = None
    teacher: Teacher | None = None
    text: Text | None = None
    filters: tuple[Filter, ...] = ()
    evaluation: Evaluation = Evaluation()
    after: After = After()
    release: Handed | None = None
    """None where nothing is handed on."""
    accept: dict[Annotated[str, Field(pattern=r"^MM\d{3}$")], Annotated[str, Field(min_length=10)]] = Field(
        default_factory=dict
    )
    """Findings that are known and accepted, each with its reason."""

    @classmethod
    def read(cls, path: str | Path) -> "Proposal":
        """Reads a YAML file; RecipeError names file, line, field, what was found and the valid choices."""
        return cls.of(document.read(Path(path)))

    @classmethod
    def of(cls, source: Document) -> "Proposal":
        """Reads a parsed document."""
        return validated(cls, source, "proposal")

    @property
    def people(self) -> bool:
        """Is this about persons, as far as the proposal tells?"""
        real = self.real
        return real is not None and (bool(real.people) or bool(real.sensitive) or real.rows_per_person is not None)

    def asks(self, *wanted: str) -> bool:
        """Is one of these claims or metrics asked for? A metric counts for its claim, and a claim for its metrics."""
        asked = self.evaluation.asks
        return any(one == each or one.startswith(f"{each}.") or each.startswith(f"{one}.") for one in asked
                   for each in wanted)  # fmt: skip
