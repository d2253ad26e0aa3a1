"""Published rows are recognised under other names, in part and in other order; rows that are only alike are not."""

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.ledger.sketch import KEPT, _resemblance, recognise, sketch
from mintmark.ledger.versions import MAKING, publish_dataset
from mintmark.seeds import Seed


def people(rows=2000, seed=1):
    rng = Seed(seed).rng()
    return pa.table({
        "age": rng.integers(18, 90, rows),
        "income": rng.lognormal(10, 0.5, rows).round(2),
        "town": rng.choice(["Ayr", "Ely", "Rye", "Wem"], rows),
        "yes": rng.choice(["y", "n"], rows),
        "no": rng.choice(["y", "n"], rows),
    })  # fmt: skip


@pytest.fixture
def record(tmp_path):
    ledger = mm.Ledger.open(tmp_path / "ledger")
    data = mm.Dataset.of(people())
    ref = ledger.objects.put_table([data.table], data.table.schema)
    body = {**dict.fromkeys(MAKING), "depth": 1}
    publish_dataset(ledger, name="people", schema=data.schema, shards={data.name: [ref]}, body=body)
    return ledger


def found(table, record):
    return recognise(table, record, rng=Seed(0).rng())


@pytest.mark.parametrize(
    "changed",
    [
        lambda table: table,
        lambda table: table.rename_columns(["a", "b", "c", "d", "e"]),
        lambda table: table.take(pa.array(Seed(2).rng().permutation(2000)[:150])),
        lambda table: table.select(["income", "age"]),
        lambda table: table.select(["town", "income", "age"]).rename_columns(["x", "y", "z"]).slice(100, 400),
        lambda table: table.set_column(1, "income", pa.array(table["income"].to_numpy().astype(np.float32))),
        lambda table: table.append_column("more", pa.array(np.arange(2000) * 1.5)),
        lambda table: table.set_column(2, "town", pa.array([f" {t.as_py().upper()} " for t in table["town"]])),
    ],
    ids=[
        "as it was",
        "renamed",
        "in part and shuffled",
        "some columns",
        "all at once",
        "narrower",
        "with more",
        "respelt",
    ],
)
def test_rows_that_were_published_are_recognised(record, changed):
    match = found(changed(people()), record)
    assert match is not None
    assert match.name == "people"
    assert match.share > 0.9


def test_other_rows_of_the_same_kind_are_not(record):
    assert found(people(seed=3), record) is None


def test_half_a_table_of_published_rows_is_told_as_half(record):
    mixed = pa.concat_tables([people().slice(0, 500), people(seed=4).slice(0, 500)])
    assert found(mixed, record).share == pytest.approx(0.5, abs=0.02)


def test_where_combinations_are_common_nothing_is_told(record):
    assert found(people().select(["town", "yes", "no"]), record) is None


def test_of_few_rows_nothing_is_told(record):
    assert found(people().slice(0, 19), record) is None


def test_what_an_older_program_published_without_a_sketch_is_recognised_too(record):
    assert "sketch" not in next(iter(record)).body
    assert found(people(), record) is not None


def test_a_sketch_estimates_how_far_two_sets_resemble_each_other():
    """Sets of 10,000 that share 5,000 resemble by 5,000 / 15,000 = 0.333; of 256 hashes ± 0.09 (3 sd)."""
    one, other = pa.table({"x": np.arange(10_000.0) / 7}), pa.table({"x": np.arange(5_000.0, 15_000.0) / 7})
    exact = [
        np.array(sketch(pa.table({"x": [f"{v}" for v in t["x"].to_pylist()]}))["x"], np.uint64) for t in (one, other)
    ]
    assert len(exact[0]) == KEPT
    assert _resemblance(*exact) == pytest.approx(1 / 3, abs=0.09)
