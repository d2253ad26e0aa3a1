"""`mintmark compare` as a person uses it: on real data, with methods that fail, killed in the middle, on bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.errors import MissingExtra
from mintmark.generators.workshop import Workshop
from mintmark.pipeline import fitting
from mintmark.pipeline.fitting import Order

RECIPE = """\
name: small
seed: 3
real: {from: a.csv, holdout: 0.4}
steps:
  rows: {make: tabular.copula, count: 150}
assay: [fidelity.marginals, privacy.copies]
gate: ["fidelity.marginals <= 5"]
"""
PLUGIN = '''
"""Generators that go wrong, and one that writes down what it is shown."""
import os, signal, time
import numpy as np
from mintmark.generators.guarantee import ROW, Guarantee
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

@dataclass(frozen=True)
class Spy:
    """Makes the rows that it was shown, and writes them down."""
    where: str = ""
    assumes: ClassVar[tuple[str, ...]] = ()

    def fit(self, real, *, rng):
        with open(self.where, "a") as out:
            out.write(" ".join(map(str, real.table["x"].to_pylist())) + "\\\\n")
        return Rows(real)

    def load(self, folder):
        raise NotImplementedError

@dataclass(frozen=True)
class Rows:
    real: object

    def sample(self, count, *, rng, given=None):
        return self.real.select(rng.integers(len(self.real), size=count))

@dataclass(frozen=True)
class Crash(Spy):
    def fit(self, real, *, rng):
        raise RuntimeError("the loss is NaN")

@dataclass(frozen=True)
class Hungry(Spy):
    def fit(self, real, *, rng):
        os.kill(os.getpid(), signal.SIGKILL)

@dataclass(frozen=True)
class Greedy(Spy):
    def fit(self, real, *, rng):
        raise MemoryError

@dataclass(frozen=True)
class Steady(Spy):
    """Takes long, keeps checkpoints, says how far it is, proves something and has something against its result."""
    waits: int = 0

    def fit(self, real, *, rng, workshop):
        path = workshop.folder / "step"
        workshop.folder.mkdir(parents=True, exist_ok=True)
        first = int(path.read_text()) if path.is_file() else 0
        for step in range(first, 6):
            end = time.process_time() + 0.05
            while time.process_time() < end:
                pass
            path.write_text(str(step + 1))
            workshop.say("loss 0.5", step + 1, 6)
            if step + 1 == self.waits:
                time.sleep(60)
        return Proving(real, Guarantee(2.0, 1e-6, ROW), ("it began at step %d" % first,))

@dataclass(frozen=True)
class Proving(Rows):
    guarantee: object
    notes: tuple

@dataclass(frozen=True)
class Lazy(Spy):
    def fit(self, real, *, rng):
        return Few(real)

@dataclass(frozen=True)
class Few(Rows):
    def sample(self, count, *, rng, given=None):
        return self.real.select(np.arange(3))

@dataclass(frozen=True)
class Narrow(Spy):
    def fit(self, real, *, rng):
        return Rows(real.only(["x"]))
'''.replace("\\\\n", "\\n")


def prepare(folder: Path) -> Path:
    """600 rows, and a recipe for them."""
    lines = (f"{i % 17},{'xyz'[i * i % 3]},{i * 31 % 97 / 4}" for i in range(600))
    (folder / "a.csv").write_text("n,c,x\n" + "\n".join(lines) + "\n")
    (folder / "small.yaml").write_text(RECIPE)
    return folder / "small.yaml"


NAMES = ("spy", "crash", "hungry", "greedy", "lazy", "narrow", "steady")
COMMAND = [sys.executable, "-c", "from mintmark.cli import main; main()"]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return prepare(tmp_path)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package of generators, which the processes that fit find as well."""
    info = tmp_path / "acme" / "acme_makers-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "acme" / "acme_makers.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-makers\nVersion: 1.0\n")
    entries = "\n".join(f"acme.{name} = acme_makers:{name.capitalize()}" for name in NAMES)
    (info / "entry_points.txt").write_text(f"[mintmark.generators]\n{entries}\n")
    monkeypatch.syspath_prepend(tmp_path / "acme")
    catalog._entries.cache_clear()
    yield
    catalog._entries.cache_clear()
    sys.modules.pop("acme_makers", None)


def numbers(rows: int = 300):
    """Rows that each bear a number of their own."""
    return mm.Dataset.of({"x": [float(i) for i in range(rows)], "c": ["ab"[i % 2] for i in range(rows)]})


def by_label(answer):
    return {each["label"]: each for each in answer["entrants"]}


@pytest.mark.slow
def test_a_recipes_own_method_meets_others_and_one_is_proved_on_the_holdout(mintmark, recipe, tmp_path):
    done = mintmark("compare", recipe, "--with", "tabular.trees(leaf=10),tabular.independent", "--seeds", "2", "--json")
    answer = json.loads(done.out)
    assert done.code == 0, done.err
    assert list(by_label(answer)) == ["tabular.copula", "tabular.trees(leaf=10)", "tabular.independent"]
    assert answer["rows"] == {"learnt": 252, "judged_by": 108, "made": 150}
    assert answer["gate"] == ["fidelity.marginals <= 5"]
    assert set(answer["front"]) <= set(by_label(answer))
    assert answer["front"]
    for each in answer["entrants"]:
        found = {finding["metric"]: finding for finding in each["findings"]}
        assert set(found) == {"fidelity.marginals", "privacy.copies"}
        assert len(found["fidelity.marginals"]["details"]["draws"]) == 2
        assert found["fidelity.marginals"]["ceiling"] is not None
        assert each["costs"]["memory_bytes"]["mean"] > 0
        assert each["decision"]["status"] in ("passed", "refused")
    sides = [[(one["ceiling"], one["floor"]) for one in each["findings"]] for each in answer["entrants"]]
    assert sides[0] == sides[1] == sides[2]  # all meet the same real rows
    proof = answer["holdout"]
    assert (proof["label"], proof["train_rows"], proof["holdout_rows"]) == (answer["advice"]["chosen"], 360, 240)
    assert "tabular.independent, fitting with seed 1 of 2 0/3" in done.err
    assert "only 108 real rows to judge by" in done.err
    acts = [entry.act for entry in mm.Ledger.open(tmp_path / ".mintmark")]
    assert acts[:2] == ["plan", "holdout"]
    assert acts.count("note") == 2
    assert mintmark("verify", ".mintmark").code == 0


def test_data_is_compared_without_a_recipe_and_told_in_a_table_and_on_a_page(mintmark, tmp_path):
    done = mintmark("compare", "sklearn:breast_cancer", "--with", "tabular.copula", "--with", "tabular.independent",
                    "--seeds", "1", "--assay", "quick", "--target", "diagnosis", "--drop", "mean_area",
                    "--report", "page.html")  # fmt: skip
    assert done.code == 0, done.err
    for words in (
        "unseen real rows",
        "shuffled columns",
        "the chosen, on the holdout",
        "detection ↓",
        "CPU-s",
        "page.html",
    ):
        assert words in done.out
    assert "mean_area" not in mm.Ledger.open(tmp_path / ".mintmark").find("plan")[0].body["recipe"]
    html = Path("page.html").read_text()
    assert "<script" not in html
    assert "tabular.copula" in html


def test_where_nobody_meets_the_rules_the_exit_code_is_1(mintmark, recipe):
    recipe.write_text(RECIPE.replace("<= 5", "<= 0.0001"))
    done = mintmark("compare", recipe, "--with", "tabular.independent", "--seeds", "1", "--json")
    answer = json.loads(done.out)
    assert (done.code, answer["met"], answer["advice"]["chosen"], answer["holdout"]) == (1, False, None, None)
    assert answer["advice"]["headline"].startswith("Nobody can be advised")


@pytest.mark.slow
def test_each_choice_that_a_holdout_has_reported_on_is_remembered(recipe, tmp_path):
    def proof(*methods):
        return mm.compare(recipe, list(methods), seeds=1, ledger=tmp_path / "record").proof

    first = proof("tabular.independent")
    again = proof("tabular.independent")
    assert (first.used_before, again.used_before) == (0, 0)
    recipe.write_text(RECIPE.replace("tabular.copula", "tabular.trees"))
    assert proof("tabular.trees(leaf=40)").used_before == 1


def test_a_method_that_fails_has_a_line_that_says_why_and_the_others_go_on(plugin, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [f"acme.{name}" for name in NAMES if name not in ("spy", "steady")]
    found = mm.compare(numbers(), ["tabular.independent", *names], seeds=1, metrics="quick")
    why = {each.label: each.failure for each in found.entrants}
    assert why["tabular.independent"] == ""
    assert "RuntimeError: the loss is NaN" in why["acme.crash"]
    assert "ended by signal 9" in why["acme.hungry"]
    assert "it may have run out of memory" in why["acme.hungry"]
    assert "the memory does not suffice" in why["acme.greedy"]
    assert "made 3 rows where" in why["acme.lazy"]
    assert "other columns than the real data" in why["acme.narrow"]
    assert "acme.crash" in found.advice.standings
    found.write("page.html")
    assert "the loss is NaN" in Path("page.html").read_text()


def test_a_method_whose_extra_is_missing_has_a_line_that_says_so(mintmark, recipe, monkeypatch):
    load = catalog._own

    def without(shelf, name):
        if name == "tabular.trees":
            raise MissingExtra(name, "torch", "deep")
        return load(shelf, name)

    monkeypatch.setattr(catalog, "_own", without)
    done = mintmark("compare", recipe, "--with", "tabular.trees,tabular.independent", "--seeds", "1", "--json")
    answer = by_label(json.loads(done.out))
    assert done.code == 0, done.err
    assert answer["tabular.trees"]["failure"] == "tabular.trees needs torch\n  pip install 'mintmark[deep]'"
    assert answer["tabular.independent"]["failure"] is None


def test_no_method_is_shown_a_row_that_judges_it(plugin, tmp_path):
    told = mm.compare(numbers(), [f"acme.spy(where={tmp_path / 'seen'})", "tabular.independent"], seeds=2,
                      metrics="quick", rules=["fidelity.marginals <= 1"], ledger=None)  # fmt: skip
    shown = [set(map(float, line.split())) for line in (tmp_path / "seen").read_text().splitlines()]
    assert (told.learnt_rows, told.judged_rows) == (147, 63)
    assert [len(rows) for rows in shown[:2]] == [147, 147]
    assert shown[0] == shown[1]
    if told.advice.chosen != "tabular.independent":
        assert told.proof is not None
        assert [len(rows) for rows in shown[2:]] == [210, 210]
        assert shown[0] < shown[2]
    assert len(set().union(*shown)) <= 210


def test_a_long_fit_goes_on_where_it_was_killed_and_its_cost_counts_both_parts(plugin, tmp_path):
    class Killed(Exception):
        pass

    def kill(how, done, total):
        if done == 4:
            raise Killed

    fitting.write(numbers(), tmp_path / "train.arrow")
    order = Order("acme.steady", {"waits": 4}, {}, 50, mm.Seed(1))
    place, heard = tmp_path / "fit", []
    with pytest.raises(Killed):
        fitting.carry_out(order, tmp_path / "train.arrow", workshop=Workshop(kill, place))
    told = fitting.carry_out(order, tmp_path / "train.arrow",
                             workshop=Workshop(lambda *said: heard.append(said), place))  # fmt: skip
    assert heard == [("loss 0.5", 5, 6), ("loss 0.5", 6, 6)]
    assert told.cost.fit_cpu_s >= 6 * 0.05
    assert told.guarantee.epsilon == 2.0


def test_what_is_proved_stands_in_the_table_and_before_the_gate_and_how_fits_stand_is_said(plugin, tmp_path):
    heard = []
    found = mm.compare(numbers(), ["acme.steady", "tabular.independent"], seeds=1, metrics="quick",
                       rules=["privacy.guarantee <= 2"], ledger=tmp_path / "record",
                       progress=lambda what, done, total: heard.append(what))  # fmt: skip
    assert "acme.steady, fitting with seed 1 of 1: loss 0.5, 3 of at most 6" in heard
    assert (found["acme.steady"].evidence("privacy.guarantee").value, found["acme.steady"].decision.released) == (
        2,
        True,
    )
    assert found["tabular.independent"].evidence("privacy.guarantee") is None
    assert not found["tabular.independent"].decision.released
    assert "2 (proved)" in str(found)
    assert "privacy" not in {axis.name for axis in found.axes if axis.metric == "privacy.guarantee"}
    assert "it began at step 0" in found.notes
    assert any("is that of one fit" in note for note in found.notes)
    assert found.to_json()["entrants"][0]["notes"] == ["it began at step 0"]
    found.write(tmp_path / "page.html")
    assert "proved" in (tmp_path / "page.html").read_text()
    again = mm.compare(numbers(), ["acme.steady", "tabular.independent"], seeds=1, metrics="quick",
                       rules=["privacy.guarantee <= 2"], ledger=tmp_path / "record")  # fmt: skip
    assert again["acme.steady"].to_json() == found["acme.steady"].to_json()
    assert not list((tmp_path / "record" / "work").glob("*/fit-*"))


def test_the_scores_are_the_same_on_any_number_of_cores(recipe, monkeypatch):
    scores = []
    for cores in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found = mm.compare(recipe, "tabular.independent", seeds=1, ledger=None)
        scores.append([each.findings.to_json() for each in found.entrants if each.findings])
    assert len(scores[0]) == 2
    assert scores[0] == scores[1]


def start(folder: Path) -> "subprocess.Popen[str]":
    command = [
        *COMMAND,
        "compare",
        "small.yaml",
        "--with",
        "tabular.trees,tabular.independent",
        "--seeds",
        "2",
        "--json",
    ]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def fits(folder: Path) -> dict[str, int]:
    found = (folder / ".mintmark" / "work").glob("*/shard-*.json")
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in found}


@pytest.mark.slow
def test_a_killed_comparison_takes_finished_fits_as_they_are_and_ends_alike(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
        prepare(folder)
    out, said = start(whole).communicate()
    expected = json.loads(out)
    first = start(cut)
    while len(fits(cut)) < 3 and first.poll() is None:
        time.sleep(0.01)
    first.kill()
    first.communicate(timeout=30)  # the pipe is at its end when all who hold it, the process that fits too, have gone
    assert first.returncode == -signal.SIGKILL
    kept = fits(cut)
    assert 3 <= len(kept) < 8
    second = start(cut)
    out, said = second.communicate()
    assert second.returncode == 0, said
    assert fits(cut).items() >= kept.items()
    assert timeless(json.loads(out)) == timeless(expected)
    third, _ = start(cut).communicate()
    assert third == out  # all is taken as it is, times included


def timeless(answer):
    """Without what depends on the clock, and on who was chosen by it."""
    return [(each["label"], each["findings"], each["decision"]) for each in answer["entrants"]]


BAD = {
    "one method only": (["sklearn:wine", "--with", "tabular.copula"], ["two methods or more", "tabular.copula"]),
    "the recipe's own alone": (["small.yaml", "--with", "tabular.copula"], ["two methods or more"]),
    "one twice": (["small.yaml", "--with", "tabular.trees,tabular.trees"], ["stands twice", "--with"]),
    "an unknown method": (["small.yaml", "--with", "tabular.forest"], ["there is no generator 'tabular.forest'"]),
    "an unknown parameter": (["small.yaml", "--with", "tabular.trees(leaves=3)"], ["leaf"]),
    "an unknown target": (["sklearn:wine", "--with", "tabular.copula,tabular.trees", "--target", "x"], ["column 'x'"]),
    "an unknown column to drop": (["sklearn:wine", "--with", "tabular.copula,tabular.trees", "--drop", "x"], ["'x'"]),
    "a rule that is none": (["sklearn:wine", "--with", "tabular.copula,tabular.trees", "--rule", "good"], ["good"]),
    "a target beside a recipe": (
        ["small.yaml", "--with", "tabular.trees", "--target", "ash"],
        ["recipe says its target"],
    ),
    "an unknown profile": (["small.yaml", "--with", "tabular.trees", "--assay", "fast"], ["profile"]),
    "a missing file": (["nothing.csv", "--with", "tabular.copula,tabular.trees"], ["nothing.csv"]),
    "wine": (["sklearn:wine", "--with", "tabular.copula,tabular.trees"], ["too few real rows", "60 are needed"]),
    "three rows": (["few.csv", "--with", "tabular.copula,tabular.trees"], ["too few"]),
    "several steps": (["two.yaml", "--with", "tabular.trees"], ["one step", "a, b"]),
    "no real data": (["none.yaml", "--with", "tabular.trees"], ["no real data to learn from"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_message_and_exit_code_2(mintmark, recipe, tmp_path, case):
    (tmp_path / "few.csv").write_text("a,b\n1,x\n2,y\n3,x\n")
    steps = "steps:\n  a: {make: tabular.copula, count: 9}\n  b: {make: tabular.trees, count: 9}\n"
    (tmp_path / "two.yaml").write_text('name: two\nreal: {from: "sklearn:wine"}\n' + steps)
    rule = "{make: tabular.rules, count: 9, with: {columns: {a: {normal: {mean: 0, sd: 1}}}}}"
    (tmp_path / "none.yaml").write_text(f"name: none\nsteps:\n  rows: {rule}\n")
    arguments, words = BAD[case]
    done = mintmark("compare", *arguments, "--seeds", "1")
    assert done.code == 2, (done.out, done.err)
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err
    assert not (tmp_path / ".mintmark" / "work").exists()


def test_without_a_holdout_the_choice_is_made_and_said_not_to_be_proved(mintmark, recipe):
    recipe.write_text(RECIPE.replace("holdout: 0.4", "holdout: null"))
    done = mintmark("compare", recipe, "--with", "tabular.independent", "--seeds", "1", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["holdout"] is None
    assert "there is no holdout: what was chosen is not proved" in done.err


def test_conditions_of_a_recipe_hold_for_every_method(mintmark, recipe):
    recipe.write_text(RECIPE.replace("count: 150", "count: 150, where: {c: {x: 0.4}}"))
    done = mintmark("compare", recipe, "--with", "tabular.trees", "--seeds", "1", "--json")
    answer = json.loads(done.out)
    assert done.code in (0, 1), done.err
    for each in answer["entrants"]:
        assert any("that meet the recipe's conditions" in note for note in each["findings"][0]["notes"]), each
