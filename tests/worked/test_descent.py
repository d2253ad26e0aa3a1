"""Generations counted and shares kept on graphs by hand; what nobody knows is not taken for real."""

from dataclasses import replace

import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.data.origin import Making, Origins
from mintmark.errors import DataError
from mintmark.gate import Gate
from mintmark.ledger.versions import MAKING, publish_dataset
from mintmark.metrics.evidence import NoEvidence
from mintmark.pipeline.descent import rules, trace, traced
from mintmark.recipe import Recipe
from mintmark.seeds import Seed


def recipe(origin="unknown", use="study", gate=(), source="rows.csv"):
    body = {"name": "x", "purpose": {"use": use}, "real": {"from": source, "origin": origin}, "gate": list(gate)}
    return Recipe.model_validate({**body, "steps": {"rows": {"make": "tabular.trees"}}})


def table(seed):
    rng = Seed(seed).rng()
    return mm.Dataset.of(pa.table({"x": rng.uniform(1, 900, 200).round(2), "y": rng.uniform(1, 900, 200).round(2)}))


def published(ledger, data, name, depth):
    ref = ledger.objects.put_table([data.table], data.table.schema)
    body = {**dict.fromkeys(MAKING), "depth": depth}
    publish_dataset(ledger, name=name, schema=data.schema, shards={data.name: [ref]}, body=body)


def come(told, data, ledger=None):
    return trace(told, data, ledger, rng=Seed(0).rng())


@pytest.mark.parametrize(
    ("origin", "depth", "share", "made"),
    [("real", 0, 1.0, 1), ("synthetic", 1, 0.0, 2), ("mixed", 1, None, 2), ("unknown", None, None, None)],
)
def test_what_is_stated_counts_and_what_is_not_is_unknown(origin, depth, share, made):
    found = come(recipe(origin), table(0))
    assert (found.depth, found.real_share, found.made, found.origin) == (depth, share, made, origin)


def test_data_that_comes_with_scikit_learn_is_real():
    assert come(recipe(source="sklearn:wine"), table(0)).basis == "bundled"


def test_what_is_learnt_from_nothing_is_the_first_generation():
    assert come(recipe(), None).made == 1


def test_each_generation_counts_one_more_along_a_chain(tmp_path):
    """World → a (1) → b (2) → c (3), each learnt from the one before, as the ledger has it."""
    ledger = mm.Ledger.open(tmp_path / "ledger")
    depths = []
    for generation, name in enumerate("abc"):
        learnt_from = table(generation)
        depths.append(come(recipe("unknown" if depths else "real"), learnt_from, ledger).made)
        published(ledger, table(generation + 1), name, depths[-1])
    assert depths == [1, 2, 3]


def test_a_mixture_with_published_rows_is_no_longer_known_to_be_real(tmp_path):
    ledger = mm.Ledger.open(tmp_path / "ledger")
    published(ledger, table(0), "a", 1)
    mixed = mm.Dataset.of(pa.concat_tables([table(0).table, table(9).table]))
    found = come(recipe(), mixed, ledger)
    assert (found.depth, found.real_share, found.origin) == (1, None, "mixed")
    assert found.words.startswith("50% of the rows stand in a, entry 1")


@pytest.mark.parametrize("stated", ["unknown", "synthetic"])
def test_rows_that_carry_their_origins_speak_for_themselves(stated):
    """150 rows of the world beside 50 that lie two generations from it, learnt from data of which a fifth was real."""
    made = Making("synthetic", depth=2, real_share=0.2)
    origins = Origins.concat([Origins.of(Making("real", depth=0, real_share=1.0), 150), Origins.of(made, 50)])
    data = replace(table(0), origins={"rows": origins})
    found = come(recipe(stated), data)
    assert (found.depth, found.real_share, found.made, found.basis) == (2, 0.75, 3, "carried")
    assert found.standing == pytest.approx(0.75 + 0.25 * 0.2)
    assert found.origins(data) == origins
    with pytest.raises(DataError, match="are not"):
        come(recipe("real"), data)


def test_what_the_record_knows_outweighs_what_rows_say_of_themselves(tmp_path):
    ledger = mm.Ledger.open(tmp_path / "ledger")
    published(ledger, table(0), "a", 1)
    lying = replace(table(0), origins={"rows": Origins.of(Making("real", depth=0, real_share=1.0), 200)})
    found = come(recipe(), lying, ledger)
    assert (found.depth, found.real_share, found.basis) == (1, 0.0, "recognised")
    assert found.origins(lying).shares == {"synthetic": 1.0}


def test_rows_that_nobody_accounts_for_are_of_unknown_origin():
    assert come(recipe(), table(0)).origins(table(0)).shares == {"unknown": 1.0}
    assert come(recipe("mixed"), table(0)).origins(table(0)).shares == {"unknown": 1.0}
    assert come(recipe("real"), table(0)).origins(table(0)).standing == 1.0


def test_the_real_rows_of_a_published_mixture_are_not_taken_for_made_ones(tmp_path):
    ledger = mm.Ledger.open(tmp_path / "ledger")
    both = mm.Dataset.of(pa.concat_tables([table(0).table, table(9).table]))
    ref = ledger.objects.put_table([both.table], both.table.schema)
    origins = Origins.concat([Origins.of(Making("real", 0, 1.0), 200), Origins.of(Making("synthetic", 1, 1.0), 200)])
    publish_dataset(ledger, name="mix", schema=both.schema, shards={"rows": [ref]}, origins={"rows": origins},
                    body={**dict.fromkeys(MAKING), "depth": 1, "real_share": 0.5})  # fmt: skip
    assert come(recipe("real"), table(0), ledger).basis == "stated"
    assert come(recipe(), table(9), ledger).basis == "recognised"


def test_published_rows_that_are_stated_to_be_real_are_refused(tmp_path):
    ledger = mm.Ledger.open(tmp_path / "ledger")
    published(ledger, table(0), "a", 1)
    with pytest.raises(DataError, match="are not") as error:
        come(recipe("real"), table(0), ledger)
    assert error.value.where == "real.origin"


def test_where_data_takes_the_place_of_real_data_two_rules_hold_by_themselves():
    told = recipe(use="replace", gate=["fidelity.detection <= 0.7"])
    assert [str(rule) for rule in rules(told)] == [
        "fidelity.detection <= 0.7", "provenance.depth <= 1", "provenance.real_share >= 0.5",
    ]  # fmt: skip
    own = recipe(use="replace", gate=["provenance.depth <= 3"])
    assert [str(rule) for rule in rules(own)] == ["provenance.depth <= 3", "provenance.real_share >= 0.5"]
    assert rules(recipe(use="augment", gate=["fidelity.detection <= 0.7"])) == recipe(
        gate=["fidelity.detection <= 0.7"]).gate  # fmt: skip


def test_a_recipe_without_rules_gets_none_that_could_let_it_out():
    assert rules(recipe(use="replace")) == ()


@pytest.mark.parametrize(
    ("origin", "passes"), [("real", True), ("synthetic", False), ("mixed", False), ("unknown", False)]
)
def test_the_gate_lets_out_only_what_is_known_to_stand_on_real_data(origin, passes):
    wanted = rules(recipe(origin, use="replace", gate=["provenance.depth <= 1"]))
    found = traced(come(recipe(origin), table(0)), wanted)
    assert Gate(wanted).decide(found, validated=True).released == passes
    assert all(isinstance(one, NoEvidence) for one in found) == (origin == "unknown")
