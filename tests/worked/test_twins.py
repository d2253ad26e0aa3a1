"""Texts and their twins: what is worked out on whole runs at once equals what plain Python says of each text."""

import threading

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.filters import ahead as module
from mintmark.filters.ahead import ahead
from mintmark.filters.near_duplicates import NearDuplicates
from mintmark.words import coded
from mintmark.words.coded import Coded
from mintmark.words.growing import Shelf
from mintmark.words.jaccard import jaccard
from mintmark.words.slots import Slots
from mintmark.words.twins import Twins

SETS = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=9), max_size=12)


def coded_(sets: list[list[int]]) -> Coded:
    codes = coded.mixed(np.array([x for each in sets for x in each], np.uint64) + np.uint64(1))
    return Coded(codes, np.concatenate([[0], np.cumsum([len(each) for each in sets])]).astype(np.int64))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 40), max_size=60), st.lists(st.integers(0, 60), max_size=30), st.booleans())
def test_a_code_is_found_where_it_stands_first(known: list[int], asked: list[int], crowded: bool) -> None:
    # Codes that differ in their first bits alone meet in one slot of the first level.
    there, sought = (np.array(each, np.uint64) << np.uint64(58 if crowded else 0) for each in (known, asked))
    slots, first = Slots(there), there.tolist().index
    assert slots.first.tolist() == [first(code) for code in there.tolist()]
    assert slots.find(sought).tolist() == [first(code) if code in there else -1 for code in sought.tolist()]


@settings(max_examples=100)
@given(SETS, SETS, st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_a_twin_is_the_first_kept_text_that_is_alike(
    others: list[list[int]], sets: list[list[int]], threshold: float
) -> None:
    found, shelf = Twins(coded_(sets), threshold), Shelf()
    shelf.add(Twins(coded_(others), threshold).sets)
    pairs = np.array([(i, j) for i in range(len(sets)) for j in range(len(others))], np.int64).reshape(-1, 2)
    found.among(shelf, *pairs.T)
    shelved = (found.of >= 0).tolist()
    free = np.flatnonzero(found.of < 0)
    pairs = np.array([(i, j) for i in free for j in free if j < i], np.int64).reshape(-1, 2)
    found.within(*pairs.T)

    expected: dict[int, tuple[int, float]] = {}
    for stage, before in ((0, others), (1, sets)):
        for text, held in enumerate(sets):
            for earlier, other in enumerate(before[:text] if stage else before):
                how = jaccard(frozenset(held), frozenset(other))
                if text not in expected and how >= threshold and not (stage and earlier in expected):
                    expected[text] = (earlier, how)
        if not stage:
            assert shelved == [text in expected for text in range(len(sets))]
    assert found.of.tolist() == [expected.get(text, (-1, 0.0))[0] for text in range(len(sets))]
    assert found.how.tolist() == [expected.get(text, (-1, 0.0))[1] for text in range(len(sets))]


def test_many_pairs_are_counted_in_parts() -> None:
    """More pairs than are counted at a time, and the twin of each is in the last part."""
    many = 200
    found, shelf = Twins(coded_([[1, 2, 3, 4, number] for number in range(10, 10 + many)]), 0.6), Shelf()
    shelf.add(coded_([[5, 6]] * many + [[1, 2, 3, 4]]))
    texts, earlier = np.divmod(np.arange(many * (many + 1)), many + 1)
    found.among(shelf, texts, earlier)
    assert found.of.tolist() == [many] * many
    assert found.how.tolist() == [0.8] * many


@pytest.mark.parametrize("processors", [1, 2, 4])
def test_work_ahead_comes_in_order_and_is_not_far_ahead(processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "cpu_count", lambda: processors)
    taken: list[int] = []

    def items():
        for number in range(20):
            taken.append(number)
            yield number

    ones = iter(ahead(lambda number: (number * number, threading.current_thread().name), items()))
    for number in range(20):
        made, thread = next(ones)
        assert made == number * number
        assert thread.startswith("ahead")
        assert len(taken) <= number + 1 + max(processors - 1, 1)
    assert next(ones, None) is None


def test_what_fails_ahead_fails_where_it_is_waited_for() -> None:
    ones = ahead(lambda number: 1 // number, [2, 1, 0, 3])
    assert next(ones) == 0
    assert next(ones) == 1
    with pytest.raises(ZeroDivisionError):
        next(ones)


def test_near_duplicates_are_the_same_whatever_the_number_of_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several blocks, whose texts have twins in their own block and in earlier ones."""
    rng = np.random.default_rng(0)
    made = rng.integers(900, size=(3500, 2)).tolist()
    texts = [" ".join(f"w{x}" for x in [*range(30 * kind, 30 * kind + 29), end]) for kind, end in made]
    found = []
    for processors in (1, 2, 5):
        monkeypatch.setattr(module.os, "cpu_count", lambda processors=processors: processors)
        sieve = NearDuplicates("text").open(None, rng=rng)
        found.append([sieve.sift(pa.table({"text": part})) for part in (texts[:2100], texts[2100:])])
    assert 0 < sum(int(each.keep.sum()) for each in found[0]) < 3500
    for other in found[1:]:
        for one, same in zip(found[0], other, strict=True):
            assert (one.keep == same.keep).all()
            assert one.shown == same.shown
