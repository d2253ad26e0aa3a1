"""Two parts of a dataset: compared pair by pair with planted twins, so that every leak would be seen."""

import numpy as np
import pyarrow as pa
import pytest

from mintmark.errors import InputError
from mintmark.pipeline.splitting import SHINGLE, sides
from mintmark.recipe import Split
from mintmark.seeds import Seed

WORDS = ["rain", "sun", "snow", "wind", "hail", "fog", "ice", "storm", "frost", "dew", "mist", "heat", "calm", "gust"]


def texts(count, twins):
    """Sentences of 30 words by chance; each of the last `twins` differs in its last word from an earlier one."""
    rng = np.random.default_rng(4)
    made = [list(rng.choice(WORDS, 30)) for _ in range(count)]
    made += [[*made[place], "again"] for place in range(twins)]
    return [" ".join(each) for each in made]


def shingles(text):
    words = text.split()
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}


def test_no_text_has_a_near_duplicate_on_the_other_side():
    rows = pa.table({"t": texts(120, 60)})
    found = sides([rows], Split(validation=0.2, by="t"), Seed(1))
    assert (found["train"] ^ found["validation"]).all()
    assert found["validation"].sum() == 36
    sets = [shingles(text) for text in rows["t"].to_pylist()]
    for one in np.flatnonzero(found["validation"]):
        for other in np.flatnonzero(found["train"]):
            assert len(sets[one] & sets[other]) < 0.8 * len(sets[one] | sets[other])
    # Drawn row by row, 36 of 180, some of the 60 planted pairs would stand on both sides: this sees leaks.
    loose = sides([rows], Split(validation=0.2), Seed(1))["validation"]
    assert (loose[:60] != loose[120:]).any()


def test_the_same_seed_makes_the_same_parts_however_the_rows_are_cut():
    rows = pa.table({"t": texts(80, 20), "g": [place // 2 for place in range(100)]})
    split = Split(validation=0.3, by="t", group="g")
    whole = sides([rows], split, Seed(2))["validation"]
    cut = sides([rows.slice(0, 33), rows.slice(33, 50), rows.slice(83)], split, Seed(2))["validation"]
    assert whole.tolist() == cut.tolist()
    assert whole.tolist() != sides([rows], Split(validation=0.3), Seed(2))["validation"].tolist()


def test_rows_hang_together_through_a_third_and_missing_values_do_not():
    # 0 and 1 share a group, 1 and 2 a text; the others hang on nothing.
    rows = pa.table({"t": ["a b c", "d e f", "d e f", None, None, ""], "g": ["x", "x", "y", None, None, None]})
    for seed in range(20):
        kept = sides([rows], Split(validation=0.5, by="t", group="g"), Seed(seed))["validation"]
        assert kept[0] == kept[1] == kept[2]
    apart = [sides([rows], Split(validation=0.17, by="t", group="g"), Seed(seed))["validation"] for seed in range(20)]
    assert {int(np.flatnonzero(one)[0]) for one in apart} == {3, 4, 5}


def test_many_copies_cost_no_square_and_one_piece_cannot_be_split():
    rows = pa.table({"t": ["the same words again"] * 30_000})
    with pytest.raises(InputError, match="30,000 rows in 1 pieces"):
        sides([rows], Split(validation=0.1, by="t"), Seed(1))
