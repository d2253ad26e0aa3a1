"""`mintmark diff`, `reproduce` and `lineage`, as a user meets them."""

import json
import xml.etree.ElementTree as ET

import pytest

import mintmark as mm

RECIPE = """
name: {name}
seed: {seed}
purpose: {{gap: volume, use: study, task: {{target: cultivar}}}}
real: {{from: "{source}", holdout: 0.4}}
steps:
  rows: {{make: tabular.independent, count: {count}}}
assay: [validity.schema, fidelity.marginals]
gate: ["validity.schema >= 0.5"]
"""


@pytest.fixture
def run(mintmark, tmp_path):
    def go(name, *, seed=1, count=120, source="sklearn:wine"):
        (tmp_path / f"{name}.yaml").write_text(RECIPE.format(name=name, seed=seed, count=count, source=source))
        done = mintmark("run", f"{name}.yaml")
        assert done.code in (0, 1), done.err

    return go


def test_a_dataset_is_made_again_bit_for_bit(run, mintmark):
    run("wine")
    done = mintmark("reproduce", "wine", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["same"] is True
    assert json.loads(done.out)["reasons"] == []
    assert len(mm.versions(".mintmark")) == 1


def test_real_data_that_has_changed_is_named_as_the_reason(run, mintmark, tmp_path):
    lines = ["a,cultivar", *(f"{place % 23},{'xyz'[place % 3]}" for place in range(200))]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    run("rows", source="rows.csv")
    assert mintmark("reproduce", "rows").code == 0
    (tmp_path / "rows.csv").write_text("\n".join([*lines[:-1], "900,x"]))
    done = mintmark("reproduce", "rows")
    assert done.code == 1
    assert "other rows came out" in done.out
    assert "the real data differs" in done.out


def test_what_changed_between_two_versions_is_told(run, mintmark):
    run("wine")
    run("more", seed=2, count=150)
    changes = {
        (each["part"], each["what"]): each
        for each in json.loads(mintmark("diff", "wine", "more", "--json").out)["changes"]
    }
    assert changes["recipe", "steps.rows.count"]["after"] == 150
    assert changes["recipe", "seed"]["before"] == 1
    assert changes["rows", "rows"]["before"] == 120
    assert changes["scores", "fidelity.marginals"]["note"] in ("the intervals overlap", "better", "worse")
    told = mintmark("diff", "wine", "more").out
    assert "the rows differ" in told
    assert "steps.rows.count" in told


def test_a_version_does_not_differ_from_itself(run, mintmark):
    run("wine")
    found = json.loads(mintmark("diff", "wine", "wine", "--json").out)
    assert found["same_rows"] is True
    assert found["changes"] == []


def test_a_lineage_is_drawn_as_a_tree_and_as_a_picture(run, mintmark, tmp_path):
    run("wine")
    done = mintmark("lineage", "wine", "--svg", tmp_path / "lineage.svg")
    assert done.code == 0, done.err
    assert "└─ " in done.out
    assert "then decision" in done.out
    assert "train from outside" in done.out
    picture = ET.fromstring((tmp_path / "lineage.svg").read_text(encoding="utf-8"))
    titles = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert any(title.startswith("dataset wine") for title in titles)


@pytest.mark.parametrize("arguments", [["diff", "wine", "nothing"], ["reproduce", "nothing"], ["lineage", "nothing"]])
def test_an_unknown_dataset_is_named_with_those_that_exist(run, mintmark, arguments):
    run("wine")
    done = mintmark(*arguments)
    assert done.code == 2
    assert "choose from: wine" in done.err or "did you mean" in done.err


def test_without_a_record_there_is_nothing_to_reproduce(mintmark):
    assert mintmark("reproduce", "wine").code == 2
