"""Ways of filling a gap, ranked: what is ruled out, what leads, and what a comparison of one's own changes."""

import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import catalog, digest
from mintmark.advice.choice import Run, advise
from mintmark.advice.method import Wish
from mintmark.advice.sources import SOURCES
from mintmark.errors import InputError, UnknownName
from mintmark.ledger.entry import Act

METHODS = [name for name in catalog.names("advice") if name.startswith("methods.")]


def names(ways):
    return [way.method.name for way in ways]


def test_where_a_guarantee_is_required_only_what_gives_one_or_learns_from_nobody_is_left():
    found = advise(Wish("privacy", "share", people=True, guarantee=True, rows=20_000))
    assert names(found.ways)[0] == "tabular.private"
    assert set(names(found.ways)) == {"tabular.private", "tabular.rules"}


def test_without_real_rows_only_rules_make_tables():
    found = advise(Wish("none", "test", rows=0, described=True))
    assert names(found.ways) == ["tabular.rules"]
    assert "there is nothing to learn from" in {way.vetoes[0].why for way in found.ruled_out}


def test_a_rare_class_is_first_weighed_and_then_made():
    found = advise(Wish("imbalance", "augment", rows=5_000, rarest=400))
    assert names(found.alternatives)[0] == "class weights and thresholds"
    assert found.headline == "Try class weights and thresholds first; then tabular.trees, measured beside it."


def test_a_class_of_eight_rows_is_collected_before_it_is_made():
    found = advise(Wish("imbalance", "augment", rows=5_000, rarest=8))
    assert "8 examples are too few" in " ".join(r.why for way in found.alternatives for r in way.reasons)


def test_oversampled_rows_of_people_are_never_advised_for_handing_on():
    assert "tabular.oversample" in names(advise(Wish("imbalance", "share", rows=5_000)).ruled_out)


def test_rare_events_are_simulated_where_recordings_are_wanted_and_augmentation_is_not_taken_for_it():
    found = advise(Wish("rarity", "augment", modality="image", rows=3_000))
    assert names(found.ways) == ["a simulator", "augmentation"]
    assert found.ways[1].points < 0


def test_ones_own_comparison_outweighs_the_literature():
    wish = Wish("volume", "augment", rows=5_000)
    before = names(advise(wish).ways)
    run = Run("mine", advised=("tabular.vae",), compared=("tabular.vae", "tabular.trees"))
    after = {way.method.name: way.points for way in advise(wish, [run]).ways}
    told = {way.method.name: way.points for way in advise(wish).ways}
    assert before[0] == "tabular.trees"
    assert after["tabular.vae"] == told["tabular.vae"] + 2
    assert after["tabular.trees"] == told["tabular.trees"] - 2


def test_comparisons_are_read_from_the_ledger(tmp_path):
    record = mm.Ledger.open(tmp_path / "ledger")
    entrants = [{"label": "tabular.copula", "generator": "tabular.copula", "failure": None},
                {"label": "tabular.gan", "generator": "tabular.gan", "failure": "it needs torch"}]  # fmt: skip
    body = {"name": "mine", "entrants": entrants, "advice": {"advised": ["tabular.copula"], "headline": "Take it."}}
    kept = {"object": record.objects.put_json(body)}
    record.append(Act.NOTE, digest.of_json(body), body={"note": "comparison", "name": "mine", "comparison": kept})
    found = mm.advise(gap="volume", use="study", ledger=tmp_path / "ledger")
    reasons = {way.method.name: [reason.why for reason in way.reasons] for way in found.ways}
    assert "your own comparison mine advises it" in reasons["tabular.copula"]
    assert not any("comparison" in why for why in reasons["tabular.gan"])


def test_rows_and_classes_are_counted_in_the_data():
    table = pa.table({"x": [1.0] * 40, "y": ["a"] * 35 + ["b"] * 5})
    found = mm.advise(gap="imbalance", use="augment", data=table, target="y", ledger=None)
    assert (found.wish.rows, found.wish.rarest) == (40, 5)


@pytest.mark.parametrize("name", METHODS)
def test_every_way_says_how_far_it_reaches_how_it_fails_and_what_it_owes(name):
    way = catalog.load("advice", name)
    assert all(len(text) > 10 for text in (way.ceiling, way.fails, way.cannot))
    assert way.owes
    assert way.cost
    for wish in (Wish("imbalance", "augment", rows=100, people=True), Wish("privacy", "share", guarantee=True)):
        for reason in way().weigh(wish):
            assert reason.why
            assert not reason.source or reason.source in SOURCES


@pytest.mark.parametrize(
    ("told", "error", "match"),
    [
        ({"gap": "money", "use": "augment"}, InputError, "choose from: annotation"),
        ({"gap": "volume", "use": "sell"}, InputError, "choose from: augment"),
        ({"gap": "volume", "use": "study", "modality": "smell"}, InputError, "choose from: table"),
        ({"gap": "volume", "use": "study", "data": pa.table({"x": [1]}), "no_data": True}, InputError, "leave one out"),
        (
            {"gap": "volume", "use": "study", "data": pa.table({"x": [1] * 9}), "target": "z"},
            UnknownName,
            "choose from: x",
        ),
    ],
)
def test_what_is_no_wish_is_refused_with_the_choices(told, error, match):
    with pytest.raises(error, match=match):
        mm.advise(**told, ledger=None)
