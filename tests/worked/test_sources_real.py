"""Real tables, and the kinds that a person who looked at them would give their columns."""

import os
from pathlib import Path

import pytest

from mintmark.data import sources
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind

FOLDER = os.environ.get("MINTMARK_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="MINTMARK_DATA names no folder of real tables")

NUMBER, CATEGORY, KEY = Kind.NUMBER, Kind.CATEGORY, Kind.KEY


def read(name: str) -> Dataset:
    return sources.read(name, base=Path(FOLDER))


def kinds(data: Dataset) -> dict[str, Kind]:
    return {column.name: column.kind for column in data.columns.columns}


def test_adult() -> None:
    data = read("adult/adult.csv.gz")
    numbers = {"age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week"}
    assert len(data) == 48_842
    assert kinds(data) == {name: NUMBER if name in numbers else CATEGORY for name in data.columns.names}
    assert {c.name for c in data.columns.columns if c.nullable} == {"workclass", "occupation", "native_country"}
    assert data.columns["income"].levels == ("<=50K", ">50K")
    assert data.columns["capital_gain"].specials == (99_999.0,)
    assert data.columns["capital_gain"].high == 41_310.0


def test_airbnb() -> None:
    data = read("airbnb_nyc/airbnb_nyc.csv.gz")
    assert kinds(data) == {
        "neighbourhood_group": CATEGORY, "neighbourhood": CATEGORY, "room_type": CATEGORY, "price": NUMBER,
        "minimum_nights": NUMBER, "number_of_reviews": NUMBER, "last_review": Kind.DATE, "reviews_per_month": NUMBER,
        "availability_365": NUMBER, "latitude": Kind.GEO, "longitude": Kind.GEO,
    }  # fmt: skip
    assert (data.columns["latitude"].decimals, data.columns["reviews_per_month"].decimals) == (5, 2)


def test_diamonds() -> None:
    schema = read("diamonds/diamonds.csv.gz").columns
    assert schema["cut"].levels == ("Fair", "Good", "Very Good", "Premium", "Ideal")
    assert (schema["cut"].kind, schema["clarity"].kind, schema["carat"].decimals) == (Kind.ORDERED, CATEGORY, 2)


def test_taxis() -> None:
    data = read("nyc_taxis/nyc_taxis.csv.gz")
    moments = {name for name, kind in kinds(data).items() if kind == Kind.DATETIME}
    assert moments == {"pickup", "dropoff"}
    assert data.columns["pickup"].step == 1_000_000
    assert kinds(data)["pickup_zone"] == CATEGORY


def test_credit() -> None:
    data = read("credit_default/credit_default.csv.gz")
    assert set(kinds(data).values()) == {NUMBER}
    assert data.columns["pay_0"].specials == ()  # −1 and −2 are steps of the same scale here, not codes


def test_hypothyroid() -> None:
    data = read("hypothyroid/hypothyroid.csv.gz")
    assert sum(kind == Kind.BOOLEAN for kind in kinds(data).values()) == 19
    assert (kinds(data)["sex"], kinds(data)["TSH"], kinds(data)["age"]) == (CATEGORY, NUMBER, NUMBER)
    assert data.columns["TBG"].levels == ()  # a column without a single value
    assert data.columns["TBG measured"].levels == ("f",)


def test_polish_bankruptcies() -> None:
    data = read("polish_bankruptcy/polish_bankruptcy_1year.csv.gz")
    assert set(kinds(data).values()) == {NUMBER}
    assert sum(column.nullable for column in data.columns.columns) > 30


def test_census() -> None:
    data = read("acs_income_2018/acs_income_2018.parquet")
    numbers = {name for name, kind in kinds(data).items() if kind == NUMBER}
    assert numbers == {"Income", "Age", "Vehicle occupancy", "Travel time to work"}
    assert set(kinds(data).values()) == {NUMBER, CATEGORY}
    assert str(data.table.schema.field("Occupation").type) == "dictionary<values=string, indices=int16, ordered=0>"


@pytest.mark.parametrize(
    ("table", "keys", "key"),
    [
        ("account", {"account_id"}, "account_id"),
        ("card", {"card_id", "disp_id"}, "card_id"),
        ("client", {"client_id"}, "client_id"),
        ("disp", {"disp_id", "client_id", "account_id"}, "disp_id"),
        ("loan", {"loan_id", "account_id"}, "loan_id"),
        ("order", {"order_id", "account_id"}, "order_id"),
    ],
)
def test_berka(table: str, keys: set[str], key: str) -> None:
    data = read(f"berka_financial/{table}.csv.gz")
    assert {name for name, kind in kinds(data).items() if kind == KEY} == keys
    assert data.columns.key == key


def test_cdnow() -> None:
    assert kinds(read("cdnow/purchases.csv.gz")) == {
        "users_id": KEY, "date": Kind.DATE, "cds": NUMBER, "amt": NUMBER,
    }  # fmt: skip
    assert read("cdnow/users.csv.gz").columns.key == "id"
