"""Data that every kind of test may ask for."""

import datetime as dt
import os
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer, load_wine

import people
from copycat import Copycat
from mintmark.data.dataset import Dataset
from mintmark.seeds import Seed

os.environ["COLUMNS"] = "200"  # here, for it is read once, when the command line is first imported, by whatever test


@pytest.fixture(scope="session")
def copycat():
    """The generator that copies: what every privacy metric must catch."""
    return Copycat()


@pytest.fixture(scope="session")
def tables():
    """Tables about people who do not exist; `tables.customers` makes them."""
    return people


@pytest.fixture(scope="session")
def breast():
    """569 tumours: 30 measurements and a diagnosis."""
    return _bundled(load_breast_cancer())


@pytest.fixture(scope="session")
def wine():
    """178 wines: 13 measurements and a grower."""
    return _bundled(load_wine())


@pytest.fixture(scope="session")
def mixed():
    """300 rows with a column of every kind, and with all that makes columns hard."""
    return mixed_rows(300)


def mixed_rows(rows):
    """`mixed` with another number of rows."""
    rng = Seed(20).child("mixed").rng()
    sex = rng.choice(["male", "female"], rows)
    age = rng.integers(18, 90, rows)
    income = np.round(np.exp(rng.normal(10 + 0.01 * age, 0.4)), 2)
    day = dt.date(1969, 6, 1)
    gone = rng.random(rows) < 0.1
    columns = {
        "id": pa.array(np.arange(1000, 1000 + rows), pa.int64()),
        "account": pa.array([f"ACC-{n:06d}" for n in rng.permutation(10**6)[:rows]]),
        "sex": pa.array(sex),
        "age": pa.array(age, pa.uint8()),
        "income": pa.array(income, mask=gone),
        "weight": pa.array(rng.normal(70, 12, rows).astype(np.float32)),
        "visits": pa.array(np.where(rng.random(rows) < 0.2, -999, rng.poisson(3, rows)), pa.int32()),
        "grade": pa.array(rng.choice(["b", "a", "c"], rows)).dictionary_encode(),
        "size": _ordered(["small", "medium", "large"], rng.integers(0, 3, rows)),
        "member": pa.array(rng.random(rows) < 0.3, mask=rng.random(rows) < 0.05),
        "joined": pa.array(
            [dt.datetime(1965, 1, 1) + dt.timedelta(hours=int(h)) for h in rng.integers(0, 9**6, rows)],
            pa.timestamp("s"),
        ),
        "seen": pa.array(
            [
                dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=int(n))
                for n in rng.integers(0, 10**10, rows)
            ],
            pa.timestamp("ns", "Europe/Berlin"),
        ),
        "born": pa.array([day + dt.timedelta(days=int(n)) for n in rng.integers(0, 9000, rows)]),
        "wakes": pa.array([dt.time(int(h), int(m)) for h, m in rng.integers(0, (24, 60), (rows, 2))]),
        "waits": pa.array(rng.integers(0, 10**6, rows), pa.duration("ms")),
        "fee": pa.array([Decimal(int(n)).scaleb(-2) for n in rng.integers(0, 10**5, rows)], pa.decimal128(10, 2)),
        "huge": pa.array(rng.integers(2**60, 2**62, rows)),
        "lat": pa.array(rng.normal(52, 0.1, rows)),
        "lon": pa.array(rng.normal(13, 0.2, rows)),
        "note": pa.array([f"patient {n} felt well on day {n * 7}" for n in rng.permutation(rows)], pa.large_string()),
        "empty": pa.nulls(rows, pa.float64()),
        "constant": pa.array(["same"] * rows),
        "town": pa.array([f"town {n}" for n in rng.zipf(1.6, rows) % 60]),
    }
    return Dataset.of(pa.table(columns))


def _ordered(levels, codes):
    type_ = pa.dictionary(pa.int8(), pa.string(), ordered=True)
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(levels), ordered=True).cast(type_)


def _bundled(bunch):
    columns = {name: bunch.data[:, place] for place, name in enumerate(bunch.feature_names)}
    return Dataset.of(pa.table(columns | {"target": [str(bunch.target_names[code]) for code in bunch.target]}))
