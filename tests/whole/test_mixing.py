"""Real rows mixed with made ones: shares kept, generations counted, every row accounted for, no holdout row let in."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import mintmark as mm
from mintmark.errors import InputError
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.tabular.independent import Independent
from mintmark.ledger.versions import open_dataset
from mintmark.metrics.findings import Findings
from mintmark.pipeline import judged, proving, stacking
from mintmark.pipeline import plan as planning
from mintmark.pipeline import run as running
from mintmark.pipeline.plan import plan
from mintmark.recipe import Recipe

RECIPE = """
name: {name}
seed: {seed}
purpose: {{gap: volume, use: {use}}}
real: {{from: "{source}", origin: {origin}, holdout: 0.4{more}}}
steps:
  rows: {{make: {make}, count: {count}}}
mix: {{{mix}}}
assay: [validity.schema]
gate: ["validity.schema >= 0.5"{gate}]
release: {{license: CC0-1.0, real_rows: {real_rows}}}
{end}
"""
SOUND = {
    "name": "mixed", "seed": 1, "use": "study", "source": "sklearn:wine", "origin": "unknown", "more": "", "gate": "",
    "make": "tabular.independent", "count": 120, "mix": "real: 0.4, rows: 0.6", "real_rows": "true", "end": "",
}  # fmt: skip
DEPTHS = ', "provenance.depth <= 1", "provenance.real_share >= 0.5"'


@pytest.fixture
def run(mintmark, tmp_path):
    def go(**told):
        body = {**SOUND, **told}
        (tmp_path / f"{body['name']}.yaml").write_text(RECIPE.format(**body))
        return mintmark("run", f"{body['name']}.yaml")

    return go


@pytest.fixture
def row(mintmark):
    def tell(name, number):
        done = mintmark("lineage", name, "--row", number, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    return tell


def body(name):
    return open_dataset(mm.Ledger.open(Path(".mintmark")), name).entry.body


def origins(name):
    return open_dataset(mm.Ledger.open(Path(".mintmark")), name).origins("rows")


def test_a_mixture_keeps_its_shares_and_tells_of_every_row(run, row, mintmark, tmp_path):
    """Of 178 wines 107 are trained on. The 120 rows made are 0.6 of 200, so 80 wines stand beside them."""
    assert run(gate=DEPTHS).code == 0
    told = body("mixed")
    assert [(part["name"], part["rows"], part["there"]) for part in told["mix"]] == [
        ("real", 80, 107),
        ("rows", 120, 120),
    ]
    assert (told["depth"], told["real_share"], told["standing"]) == (1, 0.4, 1.0)
    assert told["depths"] == {"0": 0.4, "1": 0.6}
    train = mm.check("mixed.yaml").train.table.to_pylist()
    rows = pq.read_table(tmp_path / "released" / "mixed" / "data" / "rows.parquet").to_pylist()
    found = mm.read("released/mixed").origins["rows"]
    for number, line in enumerate(rows):
        whence = found.at(number)
        assert whence.making.origin == ("real" if number < 80 else "synthetic")
        if number < 80:
            assert line == train[whence.row]
    first, last = row("mixed", 0), row("mixed", 199)
    assert (first["origin"], first["generator"], first["depth"]) == ("real", None, 0)
    assert (last["origin"], last["generator"], last["step"], last["row_there"]) == (
        "synthetic",
        "tabular.independent",
        "rows",
        119,
    )
    assert (last["stream"], last["shard"], last["teacher"], last["prompt"]) == ("1/rows/sample/0", 0, None, None)
    assert last["parameters"]["values"] == {"rare": 5}
    assert "row 119 of step rows, made by tabular.independent" in mintmark("lineage", "mixed", "--row", "199").out


def test_what_is_told_of_a_row_is_enough_to_make_it_again(run, row, monkeypatch, tmp_path):
    """In shards of 50 rows, row 199 is the last of the third shard of 120 made rows, which stand below 80 wines."""
    monkeypatch.setattr(planning, "SHARD_ROWS", 50)
    monkeypatch.setattr(stacking, "SHARD_ROWS", 50)
    assert run().code == 0
    told = row("mixed", 199)
    assert (told["shard"], told["row_there"], told["stream"]) == (2, 119, "1/rows/sample/2")
    record = mm.Ledger.open(Path(".mintmark"))
    step = body("mixed")["steps"][told["step"]]
    (tmp_path / "sampler").mkdir()
    for name, kept in step["sampler"].items():
        (tmp_path / "sampler" / name).write_bytes(record.objects.open(kept["object"]).read_bytes())
    sampler = mm.generator(told["generator"], **told["parameters"]["values"]).load(tmp_path / "sampler")
    root, *path = told["stream"].split("/")
    again = sampler.sample(20, rng=mm.Seed(int(root)).child(*path).rng()).table.to_pylist()
    assert again == pq.read_table("released/mixed/data/rows.parquet").to_pylist()[-20:]


def test_a_release_tells_of_its_rows_by_itself(run, row):
    assert run(make="tabular.oversample", mix="rows: 1.0", real_rows="false").code == 0
    recorded = row("mixed", 7)
    assert row("released/mixed", 7) == recorded
    assert recorded["origin"] == "augmented"


def test_what_was_asked_of_a_row_and_what_it_was_given_is_told(mintmark, row):
    recipe = {
        "name": "given",
        "real": {"from": "sklearn:wine", "holdout": 0.4},
        "steps": {
            "base": {
                "make": "tabular.rules",
                "count": 30,
                "with": {"columns": {"proline": {"integer": {"low": 300, "high": 1500}}}},
            },
            "rows": {"make": "tabular.independent", "given": "base"},
            "more": {"make": "tabular.independent", "count": 20, "where": {"cultivar": "class_1"}},
        },
        "assay": ["validity.schema"],
    }
    mm.run(recipe)
    assert row("given", 12)["given"]["step"] == "base"
    told = row("given", 40)
    assert (told["where"], told["cells"]) == ({"cultivar": "class_1"}, {"cultivar": "class_1"})


def test_the_papers_say_that_real_rows_left(run, tmp_path, mintmark):
    assert run().code == 0
    folder = tmp_path / "released" / "mixed"
    card = (folder / "card.md").read_text("utf-8")
    assert "80 of 200 rows were not made" in card
    assert "share of rows by generations: 0.4 at 0, 0.6 at 1" in card
    assert "no row was collected" not in (folder / "croissant.json").read_text("utf-8")
    listed = json.loads((folder / "croissant.json").read_text("utf-8"))["distribution"]
    assert [one["@id"] for one in listed] == ["data/rows.parquet", "origin.arrow"]
    assert mintmark("verify", folder).code == 0


def test_a_release_without_real_rows_says_nothing_of_them(run, tmp_path):
    assert run(mix="rows: 1.0", real_rows="false").code == 0
    assert "Real rows" not in (tmp_path / "released" / "mixed" / "card.md").read_text("utf-8")


def test_real_rows_do_not_leave_unasked(run):
    done = run(real_rows="false")
    assert done.code == 2
    assert "real rows would leave with this release" in done.err
    assert "80 rows of real" in done.err


@pytest.mark.parametrize(
    ("mix", "wrong"),
    [
        ("real: 0.5, rows: 0.6", "sum to 1.1"),
        ("holdout: 0.5, rows: 0.5", "holdout rows are never mixed in"),
        ("real: 1.0", "step 'rows' is made and not mixed in"),
        ("rows: 0.5, elsewhere: 0.5", "there is no step, and no dataset of the record, called 'elsewhere'"),
        ("rows: 0.5, real: -0.5", "mix.real"),
    ],
)
def test_what_is_no_mixture_is_named(run, mix, wrong):
    done = run(mix=mix)
    assert done.code == 2
    assert wrong in done.err


def test_data_with_other_columns_are_not_mixed_and_the_columns_are_named(run):
    assert run(name="first").code == 0
    done = run(name="second", more=", drop: [ash, hue]", mix="rows: 0.5, first: 0.5")
    assert done.code == 2
    assert "only first has ash, hue" in done.err


def test_holdout_rows_do_not_come_in_with_an_earlier_mixture(run):
    """Another seed parts the wines otherwise: some that were mixed in at first are now to be unseen."""
    assert run(name="first", seed=1).code == 0
    assert run(name="same", seed=1, mix="rows: 0.5, first: 0.5").code == 0
    done = run(name="other", seed=2, mix="rows: 0.5, first: 0.5")
    assert done.code == 2
    assert "mix.first" in done.err
    assert "of the 71 holdout rows equal a training row" in done.err


def test_generations_and_shares_along_a_graph_of_mixtures(run, row, mintmark):
    """World → A → D → E: what is told at each step is what counting the rows by hand gives.

    A: 80 wines and 120 made rows. C: 40 made anew and 120 of A, so that it lies no farther than A. D: learnt from rows
    of A, two generations from the world. E: 60 made from wines beside 60 of D, so that half of it stands on real rows
    alone, and half on rows of which so many are real as were among those that D learnt from.
    """
    assert run(name="a").code == 0
    assert run(name="c", count=40, mix="rows: 0.25, a: 0.75").code == 0
    real = origins("c").slice(40, 120).mask("real").sum()
    assert (body("c")["depth"], body("c")["real_share"], body("c")["standing"]) == (1, real / 160, 1.0)

    accept = "accept: {MM202: a study of what collapse looks like}"
    assert run(name="d", source="released/a", count=60, mix="rows: 1.0", real_rows="false", end=accept).code == 0
    share = mm.check("d.yaml").train.origins["rows"].mask("real").mean()
    assert (body("d")["depth"], body("d")["real_share"], body("d")["standing"]) == (2, 0.0, share)
    assert (row("d", 0)["depth"], row("d", 0)["real_share"]) == (2, share)

    done = run(name="e", count=60, mix="rows: 0.5, d: 0.5", gate=DEPTHS)
    assert done.code == 1, done.err
    assert "it was generated from what was generated" in done.out
    assert (body("e")["depth"], body("e")["depths"]) == (2, {"1": 0.5, "2": 0.5})
    assert body("e")["standing"] == pytest.approx(0.5 + 0.5 * share)


def test_a_mixture_is_made_again_bit_for_bit_whatever_bears_its_names_by_now(run, mintmark):
    assert run(name="a").code == 0
    assert run(name="c", count=40, mix="rows: 0.3, a: 0.5, real: 0.2").code == 0
    assert run(name="a", count=70).code == 0
    done = mintmark("reproduce", "c", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["same"] is True


def test_made_rows_of_a_mixture_that_come_back_as_real_are_caught_and_real_ones_are_not(run, tmp_path):
    assert run().code == 0
    rows = pq.read_table(tmp_path / "released" / "mixed" / "data" / "rows.parquet")
    hidden = rows.rename_columns([f"v{n}" for n in range(rows.num_columns)])
    pyarrow.csv.write_csv(hidden.take(pa.array(list(range(199, 99, -1)))), tmp_path / "found.csv")
    mix = "rows: 1.0"
    done = run(name="again", source="found.csv", origin="real", mix=mix, real_rows="false")
    assert done.code == 2
    assert "100% of the rows stand in mixed" in done.err
    # The wines stand in the mixture too, and are no less real for it.
    pyarrow.csv.write_csv(mm.read("sklearn:wine").table, tmp_path / "wine.csv")
    assert run(name="wine", source="wine.csv", origin="real", mix=mix, real_rows="false").code == 0


def test_a_release_that_is_read_back_keeps_its_origins_and_cannot_be_called_real(run, tmp_path):
    assert run().code == 0
    done = run(name="again", source="released/mixed", origin="real", mix="rows: 1.0", real_rows="false")
    assert done.code == 2
    assert "stated to be real, and are not" in done.err
    for place in ("released/mixed", "released/mixed/data", "released/mixed/data/rows.parquet"):
        assert mm.read(place).origins["rows"].shares == {"real": 0.4, "synthetic": 0.6}
    # In a record that has never seen them, the rows speak for themselves.
    recipe = Recipe.model_validate({"name": "x", "real": {"from": "released/mixed"},
                                    "steps": {"rows": {"make": "tabular.independent"}}})  # fmt: skip
    came = plan(recipe).descent
    assert (came.basis, came.depth, came.origin) == ("carried", 1, "mixed")


def test_origins_that_are_missing_or_were_edited_are_named(run, tmp_path, mintmark):
    assert run().code == 0
    side = tmp_path / "released" / "mixed" / "origin.arrow"
    kept = side.read_bytes()
    side.write_bytes(kept[:500] + bytes([kept[500] ^ 4]) + kept[501:])
    done = mintmark("verify", "released/mixed")
    assert done.code == 1
    assert "origin.arrow: byte 500: " in done.out
    done = mintmark("lineage", "released/mixed", "--row", "0")
    assert done.code == 2
    assert "not as they were signed" in done.err
    side.unlink()
    done = mintmark("verify", "released/mixed")
    assert (done.code, "origin.arrow: this file is missing" in done.out) == (1, True)
    done = mintmark("lineage", "released/mixed", "--row", "0")
    assert (done.code, "was not recorded" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["mixed", "--row", "200"], "rows go from 0 to 199"),
        (["mixed", "--row", "-1"], "rows go from 0 to 199"),
        (["mixed", "--row", "0", "--table", "people"], "there is no table 'people'"),
        (["nothing", "--row", "0"], "there is no dataset in this ledger called 'nothing'"),
    ],
)
def test_a_row_that_is_not_there_is_named(run, mintmark, arguments, wrong):
    assert run().code == 0
    done = mintmark("lineage", *arguments)
    assert done.code == 2
    assert wrong in done.err


def test_data_of_a_registered_model_lie_one_generation_deeper(run, row, mintmark, tmp_path):
    """mixed (depth 1) → a model that learnt from it → what it makes (2) → what is learnt from that (3)."""
    assert run().code == 0
    (tmp_path / "weights.bin").write_bytes(b"weights")
    done = mintmark("model", "net", "--trained-on", "mixed", "--file", "weights.bin", "--json")
    assert done.code == 0, done.err
    assert (json.loads(done.out)["depth"], json.loads(done.out)["real_share"]) == (1, 0.4)
    assert mintmark("model", "tuned", "--trained-on", "net", "--identifier", "net, tuned").code == 0
    lines = ["x,y", *(f"{place * 1.37:.2f},{place % 7}" for place in range(300))]
    (tmp_path / "out.csv").write_text("\n".join(lines))
    accept = "accept: {MM202: a study of what collapse looks like}"
    told = {"source": "out.csv", "mix": "rows: 1.0", "real_rows": "false", "end": accept}
    assert run(name="third", more=", model: tuned", **told).code == 0
    assert row("third", 0)["depth"] == 3
    assert row("third", 0)["real_share"] == 0.0
    graph = json.loads(mintmark("lineage", "third", "--json").out)
    kinds = {node["kind"] for node in graph["nodes"]}
    assert {"dataset", "sampler", "model", "recipe", "code", "outside", "holdout"} <= kinds
    titles = {place: (node["kind"], node["name"]) for place, node in enumerate(graph["nodes"])}
    links = {(titles[link["from"]], titles[link["to"]]) for link in graph["links"]}
    assert (("dataset", "mixed"), ("model", "net")) in links
    assert (("model", "net"), ("model", "tuned")) in links
    assert (("model", "tuned"), ("outside", "train")) in links
    assert (("sampler", "tabular.independent"), ("dataset", "third")) in links
    refused = run(name="lie", more=", model: tuned", **{**told, "origin": "real"})
    assert "the model tuned made the rows" in refused.err
    unknown = run(name="lie", more=", model: nobody", **told)
    assert "there is no registered model 'nobody'" in unknown.err


def test_a_model_without_data_or_name_is_not_registered(run, mintmark, tmp_path):
    assert run().code == 0
    assert "no dataset or model" in mintmark("model", "net", "--trained-on", "nothing", "--identifier", "x").err
    assert "after its file or after an identifier" in mintmark("model", "net", "--trained-on", "mixed").err
    assert "no such file" in mintmark("model", "net", "--trained-on", "mixed", "--file", "no.bin").err
    assert "cannot bear this name" in mintmark("model", "N N", "--trained-on", "mixed", "--identifier", "x").err


def test_what_names_a_row_does_not_stand_twice(run, tmp_path):
    lines = ["id,x", *(f"{place + 1},{place * 1.37:.2f}" for place in range(200))]
    (tmp_path / "some.csv").write_text("\n".join(lines))
    told = {"source": "some.csv", "origin": "real", "count": 60, "mix": "real: 0.5, rows: 0.5"}
    done = run(**told, more=", key: id")
    assert done.code == 2
    assert "what names a row must not stand twice in a mix" in done.err
    assert "drop: [id]" in done.err
    assert not (tmp_path / "released").exists()
    assert run(**told, more=", drop: [id]").code == 0


def test_a_part_that_would_give_no_row_is_named(run):
    done = run(count=3, mix="rows: 0.999, real: 0.001")
    assert done.code == 2
    assert "real would give no row" in done.err


def test_values_of_another_type_are_not_mixed(run, tmp_path):
    (tmp_path / "words.csv").write_text("\n".join(["x", *(f"w{place % 9}" for place in range(200))]))
    (tmp_path / "numbers.csv").write_text("\n".join(["x", *(f"{place * 1.37:.2f}" for place in range(200))]))
    assert run(name="words", source="words.csv", mix="rows: 1.0", real_rows="false").code == 0
    done = run(name="numbers", source="numbers.csv", mix="rows: 0.5, words: 0.5", real_rows="false")
    assert done.code == 2
    assert "words holds other types of values" in done.err


def test_real_rows_keep_what_they_say_of_people_and_a_note_says_so(run, tmp_path):
    lines = ["mail,x", *(f"person{place}@example.org,{place * 1.37:.2f}" for place in range(200))]
    (tmp_path / "people.csv").write_text("\n".join(lines))
    done = run(source="people.csv", origin="real")
    assert done.code == 0, done.err
    assert "real rows keep what they say of people: mail stand in them as they are" in done.err


def test_no_guarantee_is_claimed_of_rows_that_were_there_before(run):
    assert run(gate=', "privacy.guarantee <= 3"').code == 1
    proved = Guarantee(epsilon=1.0, delta=0.0, neighbours="one row more or less", uncovered=())
    made = {"rows": SimpleNamespace(guarantee=proved)}
    planned = mm.check("mixed.yaml")
    [finding] = proving.proved(running.guarantees(planned, made), asked=True)
    assert finding.reason == "no formal guarantee comes with real"
    [finding] = proving.proved(running.guarantees(replace(planned, mixture=None), made), asked=True)
    assert finding.value == 1.0


def test_a_generator_of_other_people_must_say_what_its_rows_are(monkeypatch):
    monkeypatch.setattr(Independent, "origin", "genuine", raising=False)
    recipe = {"name": "x", "real": {"from": "sklearn:wine"}, "steps": {"rows": {"make": "tabular.independent"}}}
    with pytest.raises(InputError, match="does not say what its rows are"):
        mm.check(recipe)


def test_of_a_mixture_longer_than_memory_each_part_is_judged(run, monkeypatch):
    """80 real and 120 made rows, and room for 50: then 20 real and 30 made ones."""
    monkeypatch.setattr(judged, "JUDGED_ROWS", 50)
    seen = {}
    monkeypatch.setattr(running, "assay", lambda case, *_, **__: seen.update(rows=len(case.synthetic)) or Findings(()))
    assert run(end="").code in (0, 1)
    assert seen["rows"] == 50
