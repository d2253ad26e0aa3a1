"""Keys stay unique across shards."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mintmark as mm
from mintmark.data import infer
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import GenerationError
from mintmark.ledger.objects import Objects
from mintmark.pipeline import keys, plan
from mintmark.pipeline.run import run
from mintmark.recipe import Recipe
from mintmark.seeds import Seed


@dataclass(frozen=True)
class Letters:
    """Samples keys from a small alphabet, so that they meet."""

    alphabet: str

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        drawn = rng.choice(list(self.alphabet), count)
        return Dataset.of(pa.table({"k": drawn, "x": np.arange(count)}))

    def save(self, folder: Path) -> None: ...


def shards(objects: Objects, *columns: list[str]):
    tables = [pa.table({"k": column, "x": list(range(len(column)))}) for column in columns]
    return [objects.put_table([table], table.schema) for table in tables]


def read(objects: Objects, refs):
    return [pq.read_table(objects.open(ref.object))["k"].to_pylist() for ref in refs]


def test_a_key_that_stands_earlier_is_renewed_and_all_else_stays(tmp_path):
    objects = Objects(tmp_path)
    refs = shards(objects, ["a", "b"], ["b", "c"], ["c", "a"])
    out = keys.renewed(refs, "k", Letters("abcdefgh"), objects, Seed(1), name="t")
    first, second, third = read(objects, out)
    assert first == ["a", "b"]
    assert second[1] == "c"
    assert len({*first, *second, *third}) == 6
    assert out[0] == refs[0]


def test_unique_keys_are_left_as_they_are(tmp_path):
    objects = Objects(tmp_path)
    refs = shards(objects, ["a", "b"], ["c"])
    assert keys.renewed(refs, "k", Letters("x"), objects, Seed(1), name="t") == tuple(refs)


def test_running_out_of_keys_is_said(tmp_path):
    objects = Objects(tmp_path)
    refs = shards(objects, ["a"], ["a"])
    with pytest.raises(GenerationError, match="not enough different keys"):
        keys.renewed(refs, "k", Letters("a"), objects, Seed(1), name="t")


def test_whole_number_keys_count_on_from_shard_to_shard_and_from_step_to_step(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "SHARD_ROWS", 40)
    real = Dataset.of(pa.table({"id": list(range(1, 101)), "x": [i % 7 for i in range(100)]}))
    body = {"name": "t", "real": {"from": "memory", "key": "id", "holdout": 0.3}, "assay": ["validity.schema"],
            "steps": {"rows": {"make": "tabular.independent", "count": 100},
                      "more": {"make": "tabular.independent", "count": 20}}}  # fmt: skip
    result = run(Recipe.model_validate(body), real=real, to=tmp_path / "out", ledger=tmp_path / "ledger")
    from mintmark.ledger.ledger import Ledger
    from mintmark.ledger.versions import open_dataset

    version = open_dataset(Ledger.open(tmp_path / "ledger"), result.name)
    made = pa.concat_tables(version.shards("rows"))["id"].to_pylist()
    assert made == list(range(1, 121))


@pytest.mark.parametrize("type_", [pa.int64(), pa.uint64(), pa.float64(), pa.decimal128(20, 0)])
def test_keys_beyond_what_a_float_tells_apart_are_made_anew(type_: pa.DataType) -> None:
    """As snowflake numbers are: 19 digits, of which a float64 holds 16."""
    numbers = 1_700_000_000_000_000_000 + np.random.default_rng(1).integers(0, 10**15, 50).repeat(4)
    tweets = pa.array(numbers.tolist(), pa.int64()).cast(type_, safe=False)
    table = pa.table({"tweet_id": tweets, "likes": np.arange(200) % 7})
    real = Dataset.of(table, schema=infer.table_schema(table, kinds={"tweet_id": Kind.KEY}))
    made = mm.generate(real, "tabular.independent", count=150).table["tweet_id"]
    assert made.type == type_
    assert len(set(made.to_pylist())) == 150
    assert not set(made.to_pylist()) & set(tweets.to_pylist())
