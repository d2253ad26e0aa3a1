"""Everything that readers are told of one dataset: each form of report tells it in its own way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.digest import Digest
from mintmark.gate import Decision
from mintmark.metrics.evidence import Finding


@dataclass(frozen=True)
class Provenance:
    """How the data came about; plain JSON values throughout."""

    recipe: Mapping[str, Any] | None = None
    """The recipe as JSON, or None where the data was brought from outside."""
    recipe_digest: Digest | None = None
    seed: int | None = None
    generator: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    assumes: tuple[str, ...] = ()
    """What the generator takes for granted and cannot represent."""
    inputs: Mapping[str, Digest] = field(default_factory=dict)
    """Digests of what went in: `train`, `holdout`, and the source's bytes where there were any."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """mintmark, Python and the packages that took part."""
    depth: int | None = None
    """1 for data learnt from real data, one more for each generation of synthetic data between; None is unknown.

    Of a mixture, that of the rows that lie farthest from the world."""
    real_share: float | None = None
    """The share of the released rows that are real."""
    origins: Mapping[str, float] = field(default_factory=dict)
    """The share of the rows of each origin: real, synthetic, augmented, unknown."""
    depths: Mapping[str, float] = field(default_factory=dict)
    """The share of the rows of each depth; `None` is unknown."""
    descent: str = ""
    """How it is known where the data that was learnt from came from, in words."""
    created: str | None = None
    """ISO 8601 with time zone; stands in no digest."""
    begun: str | None = None
    """When the making began, in the same form."""
    methods: Mapping[str, str] = field(default_factory=dict)
    """What each generator that took part is, in a line."""


@dataclass(frozen=True)
class Story:
    """One dataset, what was found out about it, and what was decided."""

    name: str
    schema: Schema
    rows: Mapping[str, int]
    """Rows of each table."""
    digest: Digest
    findings: tuple[Finding, ...]
    decision: Decision | None
    """None where nobody asked for one, as in an assay without a recipe."""
    provenance: Provenance
    synthetic: Dataset
    """The rows, or a sample of them, for pictures."""
    real: Dataset | None = None
    """Real rows to show beside them (the holdout where there is one), or a sample."""
    target: str | None = None
    sensitive: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Metrics that were not asked, with who would ask them."""
    purpose: Mapping[str, Any] = field(default_factory=dict)
    """gap, use and task, as the recipe says them."""
    missing: Mapping[str, Mapping[str, float]] | None = None
    """For each table, the share of its rows in which a column has no value, where one has; None where nobody looked."""

    @property
    def outside_rows(self) -> int:
        """Rows that were not made but brought: real ones, and those of which nobody says what they are."""
        share = sum(share for origin, share in self.provenance.origins.items() if origin in ("real", "unknown"))
        return round(share * sum(self.rows.values()))


def missing_of(tables: Mapping[str, pa.Table]) -> dict[str, dict[str, float]]:
    """The shares of missing values, as a story tells them."""
    counted = {name: dict(zip(table.column_names, table.columns, strict=True)) for name, table in tables.items()}
    return {
        name: {column: values.null_count / len(values) for column, values in columns.items() if values.null_count}
        for name, columns in counted.items()
    }
