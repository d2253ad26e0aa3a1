"""The real tables that generators are measured on: those of MINTMARK_DATA, and those that come with scikit-learn."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import mintmark as mm


@dataclass(frozen=True)
class Source:
    """A table and what is predicted in it."""

    file: str
    """Within MINTMARK_DATA, or `sklearn:NAME`."""
    target: str
    drop: tuple[str, ...] = ()

    @property
    def here(self) -> bool:
        return self.file.startswith("sklearn:") or "MINTMARK_DATA" in os.environ

    def read(self) -> mm.Dataset:
        plain = self.file.startswith("sklearn:")
        data = mm.read(self.file if plain else str(Path(os.environ["MINTMARK_DATA"]).resolve() / self.file))
        return data.only([name for name in data.columns.names if name not in self.drop])


ALL = {
    "breast_cancer": Source("sklearn:breast_cancer", "diagnosis"),
    "diabetes": Source("sklearn:diabetes", "progression"),
    "digits": Source("sklearn:digits", "digit"),
    "hypothyroid": Source("hypothyroid/hypothyroid.csv.gz", "Class"),
    "nyc_taxis": Source("nyc_taxis/nyc_taxis.csv.gz", "fare"),
    "polish_bankruptcy": Source("polish_bankruptcy/polish_bankruptcy_1year.csv.gz", "bankruptcy"),
    "credit_default": Source("credit_default/credit_default.csv.gz", "has_default"),
    "adult": Source("adult/adult.csv.gz", "income", ("split",)),
    "airbnb_nyc": Source("airbnb_nyc/airbnb_nyc.csv.gz", "price"),
    "diamonds": Source("diamonds/diamonds.csv.gz", "price"),
    "acs_income_2018": Source("acs_income_2018/acs_income_2018.parquet", "Income"),
}
"""In order of size."""


def halves(name: str) -> tuple[mm.Dataset, mm.Dataset]:
    """Training rows and holdout, half of the table each, in a split that is always the same."""
    return ALL[name].read().split(0.5, rng=np.random.default_rng(0))
