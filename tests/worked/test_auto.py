"""The choice between trees and the network: when it is made, by what, and that the reason is told."""

import json

import numpy as np
import pyarrow as pa
import pytest

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import LedgerError, MissingExtra, UnknownName
from mintmark.generators.tabular import auto, contest
from mintmark.generators.tabular.auto import NETWORK, TREES, Auto
from mintmark.generators.tabular.contest import Trial
from mintmark.seeds import Seed


def rng(*path):
    return Seed(3).child(*path).rng()


@pytest.fixture(scope="module")
def rows():
    draw = rng("rows")
    x = draw.normal(size=3000).round(2)
    return Dataset.of(pa.table({"x": x, "y": (x + draw.normal(0, 0.3, 3000)).round(2)}))


def trial(detection, copying=0.5):
    return Trial(detection, error=0.004, copying=copying, copying_error=0.016)


@pytest.mark.parametrize(
    ("trees", "network", "chosen", "reason"),
    [
        (trial(0.57), trial(0.54), NETWORK, "harder to detect"),
        (trial(0.56), trial(0.55), TREES, "gains too little"),
        (trial(0.54), trial(0.60), TREES, "gains too little"),
        (trial(0.57), trial(0.52, copying=0.7), TREES, "the network lies too close"),
        (trial(0.52, copying=0.7), trial(0.60), NETWORK, "trees lie too close"),
        (trial(0.57, copying=0.7), trial(0.54, copying=0.7), NETWORK, "harder to detect"),
    ],
)
def test_what_is_harder_to_detect_is_chosen_unless_it_copies_or_gains_too_little(trees, network, chosen, reason):
    name, why = auto.verdict(trees, network, 100, 50)
    assert name == chosen
    assert reason in why
    assert f"{trees.detection:.3f} for trees and {network.detection:.3f} for the network" in why


def test_a_sceptic_sees_what_is_independent_and_not_what_is_fresh_and_real(rows):
    own, aside = rows.split(0.5, rng=rng("split"))
    order = rng("shuffle").permutation(len(own))
    shuffled = Dataset.of(pa.table({"x": own.table["x"], "y": own.table["y"].take(pa.array(order))}))
    fresh, seen = own.select(np.arange(0, 750)), own.select(np.arange(750, 1500))
    assert contest.tried(shuffled, own, aside, rng=rng("a")).detection > 0.8
    same = contest.tried(fresh, seen, aside.select(np.arange(750)), rng=rng("b"))
    # 4 standard deviations each: a false alarm in 10,000.
    assert same.detection < 0.5 + 4 * same.error
    assert abs(same.copying - 0.5) < 4 * same.copying_error
    assert not same.copies


def test_a_copy_is_seen_to_copy(rows):
    own, aside = rows.split(0.5, rng=rng("split"))
    assert contest.tried(own, own, aside, rng=rng("a")).copies


def test_too_few_rows_and_too_many_values_take_trees_at_once_and_say_so(rows):
    few = Auto().fit(rows.select(np.arange(500)), rng=rng("fit"))
    assert few.chosen == TREES
    assert few.notes == ("tabular.trees was chosen: 500 rows are too few to compare methods on a part of them",)
    many = Auto(cells=5000).fit(rows, rng=rng("fit"))
    assert many.chosen == TREES
    assert "6,000 values" in many.notes[0]


def test_without_the_extra_trees_are_taken_and_nothing_else_is_fitted(rows, monkeypatch):
    built = catalog.build

    def without(shelf, name, parameters, **rest):
        if name == NETWORK:
            raise MissingExtra(name, "torch", "deep")
        return built(shelf, name, parameters, **rest)

    monkeypatch.setattr(catalog, "build", without)
    monkeypatch.setattr(contest, "tried", None)
    chosen = Auto().fit(rows, rng=rng("fit"))
    assert chosen.chosen == TREES
    assert "needs the extra `deep`" in chosen.notes[0]
    # What is learnt is what trees alone learn from the same stream.
    plain = catalog.build("generators", TREES, {}).fit(rows, rng=rng("fit"))
    assert chosen.sample(50, rng=rng("s")).digest == plain.sample(50, rng=rng("s")).digest


def test_what_was_chosen_and_why_is_kept_and_checked(rows, tmp_path):
    chosen = Auto().fit(rows.select(np.arange(500)), rng=rng("fit"))
    chosen.save(tmp_path)
    loaded = Auto().load(tmp_path)
    assert (loaded.chosen, loaded.notes) == (chosen.chosen, chosen.notes)
    body = json.loads((tmp_path / "auto.json").read_text())
    (tmp_path / "auto.json").write_text(json.dumps(body | {"chosen": "tabular.rules"}))
    with pytest.raises(LedgerError, match="digest"):
        Auto().load(tmp_path)


def test_unknown_columns_are_refused(rows):
    with pytest.raises(UnknownName, match="z"):
        Auto(first=("z",)).fit(rows, rng=rng("fit"))
