"""Versions, tags, retention and archives, as a user meets them."""

import json

import pytest
from typer.main import get_command

from mintmark.cli import app

RECIPE = """
name: wine
seed: {seed}
purpose: {{gap: volume, use: study, task: {{target: cultivar}}}}
real: {{from: "sklearn:wine", holdout: 0.4}}
steps:
  rows: {{make: tabular.independent, count: 120}}
assay: [validity.schema]
gate: ["validity.schema >= 0.5"]
{release}
"""


@pytest.fixture
def wines(mintmark, tmp_path):
    """wine@1, which is released, and wine@2."""
    for seed, release in ((1, "release: {formats: [parquet]}"), (2, "")):
        (tmp_path / "wine.yaml").write_text(RECIPE.format(seed=seed, release=release))
        done = mintmark("run", "wine.yaml")
        assert done.code == 0, done.err
    return mintmark


def test_a_tagged_version_can_be_named_wherever_a_dataset_can(wines):
    assert wines("tag", "wine@1", "gold").out == "wine@gold stands for wine@1\n"
    shown = json.loads(wines("show", "wine@gold", "--json").out)
    assert [(each["version"], each["tags"]) for each in shown] == [(1, ["gold"])]
    assert "wine@1" in wines("show").out
    assert "wine@2" in wines("show", "wine").out
    assert wines("lineage", "wine@gold").code == 0
    assert "tag wine@gold" in wines("lineage", "wine@1").out
    changes = json.loads(wines("diff", "wine@gold", "wine@2", "--json").out)["changes"]
    assert {"part": "recipe", "what": "seed", "before": 1, "after": 2, "note": ""} in changes
    assert json.loads(wines("reproduce", "wine@gold", "--json").out)["same"] is True
    assert "its rows fit its digest" in wines("verify", "wine@gold").out
    judged = wines("assay", "sklearn:wine", "ledger:wine@gold", "--profile", "quick", "--json")
    assert judged.code == 0, judged.err


@pytest.mark.parametrize("command", ["show", "lineage", "reproduce", "verify", "tag"])
def test_a_version_that_is_not_there_is_said_with_those_that_are(wines, command):
    wines("tag", "wine@1", "gold")
    done = wines(command, "wine@golf")
    assert done.code == 2
    assert "wine@gold" in done.err
    judged = wines("assay", "sklearn:wine", "ledger:wine@golf")
    assert (judged.code, "wine@gold" in judged.err) == (2, True)


def test_a_tag_that_would_move_asks_for_it(wines):
    wines("tag", "wine@1", "gold")
    done = wines("tag", "wine@2", "gold")
    assert done.code == 2
    assert "--move" in done.err
    assert json.loads(wines("tag", "wine@2", "gold", "--move", "--json").out)["version"] == "wine@2"
    history = json.loads(wines("tag", "--history", "--json").out)
    assert [each["version"] for each in history] == ["wine@1", "wine@2"]
    assert wines("tag", "wine", "gold", "--remove").code == 0
    assert json.loads(wines("tag", "--json").out) == []
    assert wines("tag", "--remove").code == 2


def test_a_shell_completes_the_names_of_versions(wines):
    wines("tag", "wine@1", "gold")
    [argument] = [each for each in get_command(app).commands["show"].params if each.name == "name"]
    context = get_command(app).commands["show"].make_context("show", [], resilient_parsing=True)
    found = [each.value for each in argument.shell_complete(context, "wine@")]
    assert found == ["wine@1", "wine@2", "wine@gold"]


def test_a_policy_collects_what_it_does_not_keep_and_says_so(wines):
    would = json.loads(wines("gc", "--keep-last", "1", "--grace-days", "0", "--dry-run", "--json").out)
    assert would["versions"] == [], "the first one was released"
    would = wines("gc", "--keep-last", "1", "--no-keep-released", "--grace-days", "0", "--dry-run")
    assert "would collect the rows of: wine@1" in would.out
    done = wines("gc", "--keep-last", "1", "--no-keep-released", "--grace-days", "0")
    assert "collected the rows of: wine@1" in done.out
    assert "collected on" in wines("show", "wine@1").out
    assert "collected on" in wines("lineage", "wine@1").out
    assert wines("verify", ".mintmark").code == 0
    again = wines("reproduce", "wine@1")
    assert again.code == 0
    assert "collected on" in again.out
    judged = wines("assay", "sklearn:wine", "ledger:wine@1")
    assert judged.code == 2
    assert "mintmark reproduce wine" in judged.err


def test_a_record_goes_to_another_place_and_comes_twice_for_nothing(wines, tmp_path):
    assert wines("export", "record.tar").code == 0
    assert wines("verify", "record.tar").code == 0
    done = wines("import", "record.tar", "--ledger", "there")
    assert (done.code, "Restored" in done.out) == (0, True)
    assert "Nothing new" in wines("import", "record.tar", "--ledger", "there").out
    assert json.loads(wines("show", "--ledger", "there", "--json").out) == json.loads(wines("show", "--json").out)
    assert wines("reproduce", "wine@1", "--ledger", "there").code == 0
    one = json.loads(wines("export", "one.tar", "wine@1", "--unsigned", "--json").out)
    assert (one["datasets"], one["keyid"]) == (["wine@1"], None)
    data = (tmp_path / "record.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(data[: len(data) // 2])
    for command in (("import", "cut.tar", "--ledger", "new"), ("verify", "cut.tar")):
        done = wines(*command)
        assert done.code in (1, 2)
        assert "cut short" in done.out + done.err
    assert not (tmp_path / "new").exists()
