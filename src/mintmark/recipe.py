"""What to make, from which real data, to fill which gap, how it is tested and what would let it out: data only."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic import field_validator as checked
from pydantic import model_validator as validator

from mintmark import digest, document
from mintmark.data import chat, constraints
from mintmark.data.locales import Locale
from mintmark.data.schema import Kind, Personal
from mintmark.data.sources import address
from mintmark.digest import Digest
from mintmark.document import Document
from mintmark.errors import MintmarkError, RecipeError
from mintmark.gate import Rule
from mintmark.mistakes import NAME, validated

Name = Annotated[str, Field(pattern=NAME)]
Dotted = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]
Scalar = str | int | float | bool
REAL, HOLDOUT = "real", "holdout"
"""What `mix` calls the real rows that were learnt from, and those that it must not name."""


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("this is a whole number, not true or false")
    return value


Whole = Annotated[int, BeforeValidator(_no_boolean)]


def _rule(value: Any) -> Any:
    try:
        return Rule.parse(value) if isinstance(value, str) else value
    except RecipeError as error:
        raise ValueError(f"{error.wrong}; {error.fix}") from error


GateRule = Annotated[
    Rule,
    BeforeValidator(_rule),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^\s*[a-z_]+\.[a-z0-9_]+\s*(<=|>=|<|>)\s*[-+]?[0-9.eE+-]+\s*$"}),
]


def _told(value: Any) -> Any:
    known = [str(each) for each in (*Kind, *Personal)]
    if value not in known:
        raise ValueError(f"this is no kind; choose from: {', '.join(known)}")
    return value


Told = Annotated[Kind | Personal, BeforeValidator(_told)]


def _constraint(value: Any) -> Any:
    try:
        return constraints.parse(constraints.written(value)).text
    except MintmarkError as error:
        raise ValueError(f"{error.wrong}; {error.fix}" if error.fix else error.wrong) from error


_COLUMNS = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
_FORMS = [
    {"type": "object", "properties": {form: _COLUMNS}, "required": [form], "additionalProperties": False}
    for form in (constraints.UNIQUE, constraints.TOGETHER)
]
Constraint = Annotated[
    str,
    BeforeValidator(_constraint),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, *_FORMS]}),
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


class Task(_Part):
    """What the data is to be used for."""

    target: str
    """The column that is to be predicted."""
    kind: Literal["classification", "regression"] | None = None
    """Told from the target where it is left out."""


class Purpose(_Part):
    """Why synthetic data: the gap that it fills and the use that it is put to."""

    gap: Literal["annotation", "privacy", "imbalance", "rarity", "coverage", "bias", "volume", "none"] = "none"
    """Which scarcity is to be filled."""
    use: Literal["augment", "replace", "share", "test", "study"] = "study"
    """What becomes of the data: beside real data, in its place, handed on, for testing software, or to be looked at."""
    task: Task | None = None


class Real(_Part):
    """The real data, and what is known of it."""

    source: str = Field(alias="from", min_length=1)
    """A file, a folder of shards, a database, or `sklearn:NAME`, `hf:NAME`, `openml:NAME`."""
    table: str | None = None
    """Databases: the table to read."""
    query: str | None = None
    """Databases: the query to read, in place of a table."""
    columns: dict[str, Told] = Field(default_factory=dict)
    """Kinds that are not to be inferred, and what columns say of a person (`email`); any kind says that they do not."""
    locale: Locale | None = None
    """Whose names and addresses are made for people's; told from the data where it is left out."""
    drop: tuple[str, ...] = ()
    """Columns that are left out."""
    origin: Literal["real", "synthetic", "mixed", "unknown"] = "unknown"
    """Where the rows came from, as far as the writer of the recipe knows: this is recorded as their statement."""
    model: Name | None = None
    """The registered model (`mintmark model`) that made these rows: they lie a generation beyond its training data."""
    missing: tuple[str, ...] | None = None
    """Texts that stand for a missing value, in place of the usual ones."""
    key: str | None = None
    """The column that names a row."""
    group: str | None = None
    """The column that names the person or thing that several rows are about; its rows are never split apart."""
    time: str | None = None
    """The column that orders the rows in time; the holdout is then the latest rows."""
    sensitive: tuple[str, ...] = ()
    """Columns that name groups of people."""
    constraints: tuple[Constraint, ...] = ()
    """Conditions that every row meets: `end >= start`, `{unique: [email]}`, `{together: [city, country]}`."""
    tolerate: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of real rows that may break the constraints: these rows are left out."""
    holdout: Annotated[float, Field(gt=0, lt=1)] | str | None = 0.3
    """The share, or the file, of real rows that no generator sees; null leaves the data unvalidated."""

    @checked("source", "holdout")
    @classmethod
    def _holds_no_password(cls, value: Any) -> Any:
        # A recipe is recorded in the ledger and handed on with a release.
        if isinstance(value, str) and address.redacted(value) != value:
            raise ValueError("a recipe holds no password: leave it out, and set PGPASSWORD or MYSQL_PWD")
        return value


def _filter(value: Any) -> Any:
    return {value: {}} if isinstance(value, str) else value


Keep = Annotated[
    dict[Dotted, Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]],
    Field(min_length=1, max_length=1),
    BeforeValidator(_filter),
]


class Price(_Part):
    """What a model costs per million tokens, in whatever money the budget is in."""

    prompt: float = Field(ge=0)
    reply: float = Field(ge=0)


class Model(_Part):
    """A language model, and how it is asked."""

    use: Dotted
    """Which kind: `models.endpoint`, `models.local`, `models.scripted`."""
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    """That kind's own; of a key only the name of the variable that holds it."""
    price: Price | None = None
    limits: dict[str, int | float] = Field(default_factory=dict)
    """How fast and how often it is asked: `{slots: 16, requests_per_minute: 500, timeout_s: 60}`."""


class Budget(_Part):
    """The most that the language models of a recipe may cost, all its runs together: a hard stop."""

    cost: float | None = Field(default=None, ge=0)
    """In the money of the prices."""
    tokens: Whole | None = Field(default=None, ge=0)
    requests: Whole | None = Field(default=None, ge=0)


class Step(_Part):
    """One act of making."""

    make: Dotted
    """The generator, such as `tabular.trees`."""
    count: Whole | None = Field(default=None, ge=1, le=10_000_000_000)
    """Rows; as many as it was trained on (or was given) where it is left out."""
    given: Name | None = None
    """The step whose rows this one completes, or hangs its own rows from."""
    where: dict[str, Scalar | list[Scalar] | dict[str, float | str]] = Field(default_factory=dict)
    """Conditions: a value, a list of values, shares of values, or {min: , max: }."""
    keep: tuple[Keep, ...] = ()
    """Filters that rows must pass, in order: `filters.exact_duplicates`, `{filters.length: {column: text, least: 4}}`.
    Rows are made until `count` have passed; those that did not are kept apart, with the reason."""
    candidates: Whole | None = Field(default=None, ge=1, le=10_000_000_000)
    """Rows that are made before the filters judge, and no others; left out, as many as it takes."""
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    """The generator's own parameters."""


DocumentName = Literal[
    "card", "croissant", "datasheet", "huggingface", "model-card", "provenance-standards", "eu-summary",
    "technical-file",
]  # fmt: skip
"""A document that a release can carry."""


class Chat(_Part):
    """Which columns hold a conversation; left out, columns named `messages`, `instruction`, `input` and `output`, or
    `question` and `answer` are found."""

    messages: str | None = None
    """Whole conversations: lists of {role, content}, or the same as JSON text."""
    user: str | None = None
    input: str | None = None
    """What the question is about, where that stands in a column of its own."""
    assistant: str | None = None
    system: str | None = None

    @validator(mode="after")
    def _is_whole(self) -> Self:
        parts = (self.user, self.input, self.assistant, self.system)
        if self.messages is None and (self.user is None or self.assistant is None):
            raise ValueError("a conversation has `user` and `assistant`, or `messages`")
        if self.messages is not None and any(parts):
            raise ValueError("`messages` hold the whole conversation: leave out the other columns")
        return self


class Split(_Part):
    """A part that is kept apart from the rows to train on."""

    validation: float = Field(gt=0, lt=1)
    """Its share of the rows."""
    by: str | tuple[str, ...] = ()
    """The columns of text of which near duplicates stand on one side."""
    group: str | None = None
    """The column whose equal values stand on one side."""
    threshold: float = Field(default=0.8, gt=0, le=1)
    """The Jaccard similarity (runs of three words) from which on texts are near duplicates."""


class Release(_Part):
    """What a person receives."""

    formats: tuple[Literal["parquet", "csv", "jsonl", "arrow", "chat-openai", "chat-sharegpt", "alpaca"], ...] = Field(
        default=("parquet",), min_length=1
    )
    chat: Chat | None = None
    split: Split | None = None
    raw: bool = False
    """CSV: leave text that a spreadsheet would run as a formula as it is."""
    documents: tuple[DocumentName, ...] = ()
    """Documents beside the card and the Croissant description, which no release lacks."""
    real_rows: bool = False
    """May real rows leave, where `mix` puts some among the made ones? Whoever says so answers for their licence, and
    for the people whom they are about."""
    license: str | None = None
    """The licence under which the data is handed on, for its card."""

    @validator(mode="after")
    def _columns_of_chat_are_for_formats_of_chat(self) -> Self:
        if self.chat is not None and not set(chat.FORMS) & set(self.formats):
            raise ValueError(f"`chat` names columns for the formats {', '.join(chat.FORMS)}, and none is asked for")
        return self


class Recipe(_Part):
    """The whole recipe; equal recipes have equal digests."""

    name: Name
    seed: Whole = Field(default=0, ge=0, lt=2**63)
    purpose: Purpose = Purpose()
    real: Real | None = None
    steps: dict[Name, Step] = Field(min_length=1)
    mix: dict[Name, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=dict)
    """What the dataset is put together from, with shares of its rows that sum to 1: steps, `real` for training rows,
    and datasets of the record by name or digest. No row stands twice. Left out, steps stand one below the other."""
    models: dict[Name, Model] = Field(default_factory=dict)
    """Language models, by the names that steps use: `with: {model: teacher}`."""
    budget: Budget | None = None
    assay: Literal["quick", "default", "thorough"] | dict[Dotted, dict[str, Any] | None] | tuple[Dotted, ...] = (
        "default"
    )
    """A profile, a list of metrics, or metrics with their parameters."""
    gate: tuple[GateRule, ...] = ()
    release: Release | None = None
    accept: dict[Annotated[str, Field(pattern=r"^MM\d{3}$")], Annotated[str, Field(min_length=10)]] = Field(
        default_factory=dict
    )
    """What the check of the plan finds and the writer accepts, each with the reason."""

    @validator(mode="after")
    def _steps_stand_in_order(self) -> Self:
        seen: list[str] = []
        for name, step in self.steps.items():
            if step.given is not None and step.given not in seen:
                before = f"those are {', '.join(seen)}" if seen else "it is the first"
                raise ValueError(f"step {name!r} is given {step.given!r}, which is no step before it: {before}")
            seen.append(name)
        return self

    @validator(mode="after")
    def _filtered_steps_are_counted(self) -> Self:
        for name, step in self.steps.items():
            if step.candidates is not None and not step.keep:
                raise ValueError(f"step {name!r} has `candidates` and no filters to `keep` some of them")
            if step.keep and step.where:
                raise ValueError(f"step {name!r} has `keep` and `where`: what is left out would change the shares")
            if step.keep and step.given and step.count is None and name in self.mix:
                raise ValueError(f"step {name!r} is mixed in, so it needs a `count`: nobody knows how many rows pass")
        return self

    @checked("mix")
    @classmethod
    def _is_a_mixture(cls, mix: dict[str, float], told: ValidationInfo) -> dict[str, float]:
        steps: dict[str, Step] = told.data.get("steps") or {}
        total = sum(mix.values())
        if mix and abs(total - 1) > 1e-6:
            raise ValueError(f"the shares of a mix sum to {total:g}, and to 1 they must")
        if HOLDOUT in mix and HOLDOUT not in steps:
            raise ValueError("holdout rows are never mixed in: `real` is the rows that were learnt from")
        if REAL in mix and REAL in steps:
            raise ValueError("`real` means real rows here: give the step of that name another one")
        given = {step.given for step in steps.values()}
        idle = [name for name in steps if mix and name not in given and name not in mix]
        if idle:
            raise ValueError(f"step {idle[0]!r} is made and not mixed in: give it a share, or leave it out")
        return mix

    @classmethod
    def read(cls, path: str | Path) -> "Recipe":
        """Reads a YAML file; RecipeError names file, line, field, what was found and the valid choices."""
        return cls.of(document.read(Path(path)))

    @classmethod
    def parse(cls, text: str, *, name: str = "recipe") -> "Recipe":
        """Reads YAML text."""
        return cls.of(document.parse(text, name=name))

    @classmethod
    def of(cls, source: Document) -> "Recipe":
        """Reads a parsed document."""
        return validated(cls, source, "recipe")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, with the fields named as in YAML; what was left out is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @property
    def digest(self) -> Digest:
        """What this recipe is named after: all its fields, defaults included."""
        return digest.of_json(self.model_dump(mode="json", by_alias=True))


def json_schema() -> dict[str, Any]:
    """The JSON Schema by which editors complete and check a recipe."""
    body = Recipe.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Mintmark recipe", **body}
