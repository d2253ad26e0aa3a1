"""A first recipe for a table."""

import pytest

from mintmark.data.sources import address
from mintmark.pipeline.draft import gates


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("postgresql://me:s3cret@host:5432/db", "postgresql://me@host:5432/db"),
        ("postgresql://me@host/db?password=s3cret", "postgresql://me@host/db"),
        ("mysql://host/db", "mysql://host/db"),
    ],
)
def test_an_address_is_written_without_its_password(url, bare):
    assert address.without_password(url) == bare


def test_gates_loosen_as_the_holdout_shrinks_and_never_below_chance():
    bounds = [float(gates(rows, with_target=False)[1].split("<=")[1].split("#")[0]) for rows in (200, 2000, 200_000)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] >= 0.02
