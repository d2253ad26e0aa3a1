"""What is judged: the rows, or as many as memory holds, and the real rows that they can be compared with."""

import math
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError
from mintmark.ledger.ledger import Ledger
from mintmark.metrics.metric import Case
from mintmark.pipeline import where as conditions
from mintmark.pipeline.plan import Plan
from mintmark.pipeline.stacking import Stacked

JUDGED_ROWS = 1_000_000
"""Rows that are held in memory to be judged; of more, the first shards up to this number."""


def sample(record: Ledger, whole: Stacked) -> Dataset:
    """The rows that are judged: all, or as many as memory holds, of a mixture so many of each part."""
    mixed = len(whole.origins.makings) > 1 and whole.rows > JUDGED_ROWS
    tables, rows = [], 0
    for ref in whole.shards:
        if rows >= JUDGED_ROWS:
            break
        table = pq.read_table(record.objects.open(ref.object))
        tables.append(table.slice(0, math.ceil(ref.rows * JUDGED_ROWS / whole.rows)) if mixed else table)
        rows += tables[-1].num_rows
    return Dataset(whole.schema, {whole.name: pa.concat_tables(tables)})


def alike(planned: Plan, case: Case) -> Case | None:
    """The case with real rows that meet the recipe's conditions, or None where it has none.

    Rows that were asked to be other than reality is are compared with the reality that was asked for; only privacy and
    validity are judged against all real rows.
    """
    mixture = [(where, share) for _, where, share in planned.shares]
    if not any(where for where, _ in mixture):
        return None

    def thinned(role: str, real: Dataset | None) -> Dataset | None:
        try:
            return real and conditions.alike(mixture, real, rng=planned.seed.child("alike", role).rng())
        except ConditionError:
            return None  # no real row is like what was asked: then there is nothing to compare with

    return replace(case, train=thinned("train", case.train), holdout=thinned("holdout", case.holdout))
