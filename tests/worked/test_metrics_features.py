"""What metrics share: codes, cells, fingerprints and neighbours, by hand."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics import closest, neighbours, rows
from mintmark.metrics.cells import NAMED, Cut, block_counts, evenly, with_tails
from mintmark.metrics.features import Space

nan = float("nan")
REAL = Dataset.of({"n": [1.0, 2.0, None, 4.0], "c": ["x", "y", "x", None], "t": ["p", "q", "p", "q"]})


def test_rows_become_numbers_and_missing_values_stay_missing() -> None:
    space = Space.of(REAL)
    np.testing.assert_array_equal(space.matrix(REAL)[:, 0], [1, 2, nan, 4])
    np.testing.assert_array_equal(space.matrix(REAL)[:, 1], [0, 1, 0, nan])
    assert space.categorical == [1, 2]


def test_levels_that_only_the_other_knows_have_codes_of_their_own() -> None:
    other = Dataset.of({"n": [1.0], "c": ["w"], "t": ["p"]})
    space = Space.of(REAL, other)
    assert space.columns[1].levels == ("x", "y", "w")
    assert space.matrix(other)[0, 1] == 2


def test_columns_are_matched_by_name_and_read_as_the_real_ones() -> None:
    other = Dataset.of({"c": ["y"], "extra": [1], "n": ["7.5"]})
    space = Space.of(REAL, other)
    assert space.names == ["n", "c"]
    assert space.left_out == {"t": "not there"}
    np.testing.assert_array_equal(space.matrix(other), [[7.5, 1]])


def test_numbers_stored_as_something_else_still_compare() -> None:
    real = Dataset.of({"day": pa.array([dt.date(2020, 1, 1), dt.date(2020, 1, 3)]), "k": [1, 2]})
    other = Dataset.of({"day": pa.array([dt.datetime(2020, 1, 2)], pa.timestamp("us")), "k": [2.0]})
    space = Space.of(real, other)
    assert space.names == ["day", "k"]
    days = np.concatenate([space.matrix(real)[:, 0], space.matrix(other)[:, 0]])
    assert np.diff(np.sort(days)).tolist() == [1.0, 1.0]


def test_data_that_share_nothing_cannot_be_compared() -> None:
    with pytest.raises(CannotMeasure, match="share no column"):
        Space.of(REAL, Dataset.of({"other": [1.0, 2.0]}))


def column(name: str) -> tuple[Cut, np.ndarray]:
    space = Space.of(REAL)
    place = space.names.index(name)
    values = space.matrix(REAL)[:, place]
    return Cut.of(space.columns[place], np.repeat(values, NAMED), at=evenly(4), levels=1), values


def test_a_number_with_few_values_has_a_cell_for_each() -> None:
    cut, values = column("n")
    assert cut.place(values).tolist() == [1, 2, 0, 3]
    assert cut.place(np.array([0.5, 3.0, 9.0, np.inf])).tolist() == [1, 3, 4, 4]
    assert [cut.label(k) for k in range(cut.size)] == [
        "missing", "up to 1.0", "above 1.0, up to 2.0", "above 2.0, up to 4.0", "above 4.0",
    ]  # fmt: skip


def test_rare_levels_share_the_last_cell() -> None:
    cut, values = column("c")
    assert cut.place(values).tolist() == [1, 2, 1, 0]
    assert [cut.label(k) for k in range(cut.size)] == ["missing", "x", "other"]


def test_tails_are_cut_off_apart() -> None:
    assert with_tails(4).tolist() == [0.01, 0.25, 0.5, 0.75, 0.99]


def test_rows_are_counted_by_block_and_cell() -> None:
    counts = block_counts(np.array([0, 1, 1, 2]), 3, np.array([0, 0, 1, 1]))
    assert counts.tolist() == [[1, 1, 0], [0, 1, 1]]


def test_copies_and_near_copies_are_found_whatever_their_storage() -> None:
    seen = Dataset.of({"a": pa.array([1, 2, 3], pa.int64()), "b": ["x", "y", None], "c": [0.0, 1.0, 2.0]})
    made = Dataset.of({"b": ["x", "y", None, "z"], "a": pa.array([1, 9, 3, 1], pa.int8()), "c": [-0.0, 1.0, 2.0, 5.0]})
    ours, theirs = rows.parts(Space.of(seen, made), made, seen)
    assert rows.copied(ours, theirs).tolist() == [True, False, True, False]
    assert rows.nearly_copied(ours, theirs).tolist() == [True, True, True, False]


def test_values_that_change_columns_are_no_copy() -> None:
    seen, made = Dataset.of({"a": [1.0], "b": [2.0]}), Dataset.of({"a": [2.0], "b": [1.0]})
    ours, theirs = rows.parts(Space.of(seen, made), made, seen)
    assert not rows.copied(ours, theirs).any()


def test_texts_are_compared_by_their_words_and_not_their_length() -> None:
    words = [f"this is sentence number {k}" for k in range(100, 150)]
    seen, made = Dataset.of({"t": words}), Dataset.of({"t": [*words[:49], "this is sentence number 999"]})
    assert str(seen.columns["t"].kind) == "text"
    ours, theirs = rows.parts(Space.of(seen, made), made, seen)
    assert rows.copied(ours, theirs).sum() == 49


def test_the_nearest_neighbour_is_the_one_that_brute_force_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", 1000)
    rng = np.random.default_rng(0)
    queries, pool = (rng.normal(size=(n, 5)).astype(np.float32) for n in (300, 400))
    expected = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(pool).kneighbors(queries)[0][:, 0]
    np.testing.assert_allclose(neighbours.nearest(queries, pool), expected, rtol=1e-5)


def test_a_pool_is_searched_in_parts_that_are_laid_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closest, "PART", 50)
    monkeypatch.setattr(closest, "QUERIES", 70)
    rng = np.random.default_rng(0)
    rows_, queries = rng.normal(size=(400, 5)), rng.normal(size=(300, 5)).astype(np.float32) / 2
    laid: list[int] = []

    def lay(part: NDArray[np.float64]) -> NDArray[np.float32]:
        laid.append(len(part))
        return (part / 2).astype(np.float32)

    distance, place = closest.closest(queries, rows_, lay)
    expected, neighbour = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(rows_ / 2).kneighbors(queries)
    np.testing.assert_allclose(distance, expected[:, 0], rtol=1e-5)
    assert place.tolist() == neighbour[:, 0].tolist()
    assert max(laid) <= 70


def test_a_copy_lies_at_exactly_no_distance() -> None:
    pool = np.random.default_rng(0).random((500, 8)).astype(np.float32)
    assert (neighbours.nearest(pool, pool) == 0).all()


def test_levels_and_missing_values_lie_a_known_way_apart() -> None:
    place = neighbours.Map((neighbours.Axes.of(np.array([0.0, 1.0])),))
    points = place.points(np.array([[0.0], [1.0], [nan], [7.0]]))
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.testing.assert_allclose(gaps[~np.eye(4, dtype=bool)], neighbours.MISMATCH, rtol=1e-6)


def test_numbers_lie_as_far_apart_as_their_ranks() -> None:
    place = neighbours.Map((neighbours.Ranks.of(np.array([1.0, 10.0, 100.0, 1000.0])),))
    points = place.points(np.array([[10.0], [100.0], [-5.0], [9999.0]]))
    assert points[:, 0].tolist() == [0.375, 0.625, 0.0, 1.0]
