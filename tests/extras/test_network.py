"""The masked network: its parts by hand, its promise that no choice sees what follows, and that it earns its place."""

import math
import subprocess
import sys

import lightgbm
import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

torch = pytest.importorskip("torch", reason="the extra `deep` is not installed")
pytest.importorskip("safetensors", reason="the extra `deep` is not installed")

from mintmark import catalog  # noqa: E402
from mintmark.data import arrays  # noqa: E402
from mintmark.data.dataset import Dataset  # noqa: E402
from mintmark.errors import GenerationError, InputError, LedgerError, UnknownName  # noqa: E402
from mintmark.generators.tabular import auto, columns, tokens  # noqa: E402
from mintmark.generators.tabular.auto import Auto  # noqa: E402
from mintmark.generators.tabular.masked import bounds, crew, grid, net, residual, slots, training, walk  # noqa: E402
from mintmark.generators.workshop import Workshop  # noqa: E402
from mintmark.seeds import Seed  # noqa: E402

pytestmark = pytest.mark.deep

TINY = {"nets": 2, "epochs": 3, "hidden": 8}


def rng(*path):
    return Seed(11).child(*path).rng()


def network(**parameters):
    return catalog.build("generators", "tabular.network", {**TINY, **parameters})


@pytest.fixture(scope="module")
def few(mixed):
    """Some columns of several kinds: more would only take longer."""
    return mixed.only(["account", "sex", "age", "income", "visits", "member", "joined", "town"])


@pytest.fixture(scope="module")
def fitted(few):
    return network().fit(few, rng=rng("fit"))


def alphabet_of(values, **parameters):
    data = Dataset.of(pa.table({"x": values}))
    return tokens.learn(data.columns["x"], data.table["x"], rare=5, **parameters)


# ── Grids ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_short_alphabet_is_told_in_one_choice():
    found = grid.learn(alphabet_of(np.repeat(np.arange(20), 10)))
    assert found.sizes == (21,)
    assert found.split(np.array([0, 7, 20], np.int32))[0].tolist() == [0, 7, 20]


def test_a_long_alphabet_is_told_in_two_choices_of_about_its_root():
    alphabet = alphabet_of(rng("long").normal(size=20_000).round(6))
    found = grid.learn(alphabet)
    assert alphabet.size == 256
    assert found.sizes == (17, 16)
    every = np.arange(alphabet.size + 1, dtype=np.int32)
    assert found.join(found.split(every)).tolist() == every.tolist()


def test_many_categories_cost_their_root_and_come_back_each():
    names = np.repeat([f"town {n}" for n in range(3000)], 6)
    found = grid.learn(alphabet_of(names))
    assert max(found.sizes) < 90
    every = np.arange(3001, dtype=np.int32)
    assert found.join(found.split(every)).tolist() == every.tolist()


def test_what_is_missing_is_a_run_of_its_own_and_rare_tokens_may_not_be_chosen():
    found = grid.Grid(np.array([0, 2, 5, 6]))
    coarse, fine = found.allowed(np.array([True, True, False, False, False, True]))
    assert coarse.tolist() == [[True, False, True]]
    assert fine.tolist() == [[True, True, False], [False, False, False], [True, False, False]]


# ── Formulas ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_formula_is_found_where_one_column_follows_from_others_and_not_where_it_does_not():
    draw = rng("formula")
    scores = draw.normal(size=(4000, 3))
    exact = 3 * scores[:, 0] * scores[:, 1] - scores[:, 2] + 10
    found = residual.learn(scores, exact + draw.normal(0, 0.01, 4000), enough=0.99)
    assert found is not None
    fresh = draw.normal(size=(500, 3))
    assert np.allclose(found.foretell(fresh), 3 * fresh[:, 0] * fresh[:, 1] - fresh[:, 2] + 10, atol=0.05)
    assert residual.learn(scores, exact + draw.normal(0, 3, 4000), enough=0.99) is None
    assert residual.learn(np.zeros((4000, 0)), exact, enough=0.99) is None


def test_a_relation_that_bins_would_lose_survives_as_a_remainder():
    draw = rng("relation")
    x, y = draw.uniform(1, 100, 4000).round(2), draw.uniform(1, 100, 4000).round(2)
    data = Dataset.of(pa.table({"x": x, "y": y, "total": (x + y).round(2)}))
    sampler = network(epochs=4).fit(data, rng=rng("fit"))
    made = sampler.sample(2000, rng=rng("sample")).table
    wrong = np.abs(made["total"].to_numpy() - made["x"].to_numpy() - made["y"].to_numpy())
    # A bin of 256 is 0.4 to 0.8 wide: remainders keep within two hundredths what bins would put off by tenths.
    assert np.quantile(wrong, 0.95) < 0.02


# ── Masks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def shape():
    return net.Shape(sizes=(3, 4, 5, 2), column=(0, 1, 1, 2), hidden=6, embedding=4)


@pytest.fixture(scope="module")
def masked(shape):
    return net.Masked(shape, torch.Generator().manual_seed(1))


def test_no_choice_depends_on_itself_or_on_what_follows(masked, shape):
    choices = torch.tensor([[0, 1, 2, 1]])
    features = torch.randn(1, 3, 5, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        before = masked.scores(choices, features, 0.0, None)
        for at, size in enumerate(shape.sizes):
            for value in range(size):
                other, shown = choices.clone(), features.clone()
                other[0, at] = value
                shown[0, shape.column[at] :] += 3.0  # features come with their column's last choice
                last = max(place for place in range(4) if shape.column[place] == shape.column[at])
                assert torch.equal(masked.scores(other, features, 0.0, None)[: at + 1], before[: at + 1])
                assert torch.equal(masked.scores(choices, shown, 0.0, None)[: last + 1], before[: last + 1])


def test_every_choice_depends_on_all_that_comes_before(masked, shape):
    choices = torch.tensor([[0, 1, 2, 1]])
    features = torch.zeros(1, 3, 5)
    with torch.no_grad():
        before = masked.scores(choices, features, 0.0, None)
        for at in range(3):
            other = choices.clone()
            other[0, at] = (other[0, at] + 1) % shape.sizes[at]
            after = masked.scores(other, features, 0.0, None)
            for later in range(at + 1, 4):
                assert not torch.equal(after[later], before[later])


def test_walking_choice_by_choice_gives_what_one_pass_gives(masked, shape):
    limits = bounds.learn([np.ones((1, size), bool) for size in shape.sizes])
    nets = walk.Nets.of(shape, limits, [{name: part.detach().numpy() for name, part in masked.parts.items()}])
    generator = torch.Generator().manual_seed(3)
    choices = torch.stack([torch.randint(size, (50,), generator=generator) for size in shape.sizes], dim=1)
    features = torch.randn(50, 3, 5, generator=generator)
    with torch.inference_mode():
        whole = masked.scores(choices, features, 0.0, None)
        steps = walk.Walk(nets, 50)
        for at, size in enumerate(shape.sizes):
            assert torch.allclose(steps.scores()[0], whole[at, :, :size], atol=1e-5)
            steps.settle(choices[:, at])
            if shape.last[at]:
                steps.show(features[:, shape.column[at]].numpy().astype(np.float64))


def test_what_may_not_be_made_is_never_drawn(mixed):
    names = pa.array(["common"] * 150 + ["usual"] * 147 + ["rare one", "rare two", "rare three"])
    data = Dataset.of(mixed.table.select(["age", "sex"]).append_column("name", names))
    made = network().fit(data, rng=rng("fit")).sample(3000, rng=rng("sample")).table["name"]
    assert set(made.to_pylist()) == {"common", "usual"}


# ── Training and calibration ───────────────────────────────────────────────────────────────────────────────────────


def test_training_finds_probabilities_that_are_known():
    draw = rng("closed")
    a = draw.integers(0, 3, 6000)
    b = (a + (draw.random(6000) < 0.2)) % 3
    data = Dataset.of(pa.table({"a": a.astype(str), "b": b.astype(str)}))
    order, seen = slots.learn(data.table, columns.learn(data, rare=5), ["a", "b"], rare=5)
    limits = bounds.learn([part for slot in order for part in slot.grid.allowed(slot.makeable)])
    shape = net.Shape((4, 4), (0, 1), 8, 8)
    trained = training.train(seen, shape, limits, training.Diet(epochs=8, batch=128), seed=1)
    steps = walk.Walk(walk.Nets.of(shape, limits, [trained.weights]), 3)
    first = steps.probabilities(steps.scores())[0]
    steps.settle(torch.arange(3))
    second = steps.probabilities(steps.scores())
    levels = [order[1].values.column.levels.index(order[0].values.column.levels[place]) for place in range(3)]
    # Shares of 2,000 rows deviate by √(.16/2000) = 0.009: four and a half of that, one false alarm in 100,000.
    assert first[:3].tolist() == pytest.approx([1 / 3] * 3, abs=0.04)
    assert [float(second[place, level]) for place, level in enumerate(levels)] == pytest.approx([0.8] * 3, abs=0.04)
    assert float(second[:, 3].max()) == 0  # never missing, so never made so


def test_shares_are_kept_even_by_networks_that_have_hardly_learnt():
    draw = rng("shares")
    first = draw.choice(["a", "b", "c"], 5000, p=[0.7, 0.2, 0.1])
    second = np.where(draw.random(5000) < 0.95, first, "d")
    data = Dataset.of(pa.table({"first": first, "second": second}))
    made = network(epochs=1).fit(data, rng=rng("fit")).sample(20_000, rng=rng("sample")).table
    for name, values in (("first", first), ("second", second)):
        for level in np.unique(values):
            share = np.mean(np.array(made[name].to_pylist()) == level)
            # √(0.25/20,000) = 0.0035 is the most that drawing deviates, and as much the calibration's own draw.
            assert share == pytest.approx(np.mean(values == level), abs=0.015), (name, level)


# ── Conditions ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def linked():
    """Two columns of which the second follows the first nine times in ten."""
    draw = rng("linked")
    cause = draw.choice(["x", "y"], 4000, p=[0.9, 0.1])
    effect = np.where(draw.random(4000) < 0.9, cause, np.where(cause == "x", "y", "x"))
    return Dataset.of(pa.table({"cause": cause, "effect": effect}))


@pytest.mark.parametrize("first", [("effect",), ("cause",)])
def test_what_is_given_late_in_the_order_is_met_as_well_as_what_is_given_first(linked, first):
    sampler = network(first=first, epochs=8).fit(linked, rng=rng("fit"))
    given = Dataset.of(pa.table({"effect": ["y"] * 4000}), schema=linked.columns.only(["effect"]))
    made = sampler.sample(4000, rng=rng("sample"), given=given).table
    assert set(made["effect"].to_pylist()) == {"y"}
    # Bayes: P(cause = y | effect = y) = .09/(.09 + .09) = 1/2; 4,000 draws deviate by .008, 4,000 training rows more.
    assert np.mean(np.array(made["cause"].to_pylist()) == "y") == pytest.approx(0.5, abs=0.08)


# ── Files, seeds and errors ────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_seed_gives_the_same_bytes_whatever_the_threads(few, tmp_path):
    before = torch.get_num_threads()
    state = torch.get_rng_state()
    for place, threads in enumerate((1, 2)):
        torch.set_num_threads(threads)
        (tmp_path / str(place)).mkdir()
        network().fit(few, rng=rng("fit")).save(tmp_path / str(place))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert torch.equal(torch.get_rng_state(), state)  # nobody else's stream was touched
    for path in (tmp_path / "0").iterdir():
        assert path.read_bytes() == (tmp_path / "1" / path.name).read_bytes(), path.name


def test_a_loaded_network_makes_the_same_rows_in_another_process(fitted, tmp_path):
    fitted.save(tmp_path)
    code = (
        "import sys, pathlib; from mintmark import catalog; from mintmark.seeds import Seed\n"
        "sampler = catalog.build('generators', 'tabular.network', {}).load(pathlib.Path(sys.argv[1]))\n"
        "print(sampler.sample(100, rng=Seed(11).child('s').rng()).digest)"
    )
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(fitted.sample(100, rng=rng("s")).digest)


def test_weights_of_another_network_are_refused(fitted, few, tmp_path):
    fitted.save(tmp_path)
    (tmp_path / "other").mkdir()
    network().fit(few, rng=rng("other")).save(tmp_path / "other")
    (tmp_path / "nets.safetensors").write_bytes((tmp_path / "other" / "nets.safetensors").read_bytes())
    with pytest.raises(LedgerError, match="digest"):
        network().load(tmp_path)


@pytest.mark.parametrize(
    "alter",
    [
        lambda parts: parts | {"embed": parts["embed"][:, :-1]},
        lambda parts: parts | {"enter": np.full_like(parts["enter"], np.nan)},
        lambda parts: parts | {"leave": parts["leave"].astype(np.float64)},
        lambda parts: {name: part for name, part in parts.items() if name != "middle"},
        lambda parts: parts | {"more": parts["embed"]},
    ],
)
def test_weights_that_fit_no_network_of_this_shape_are_refused(fitted, alter):
    shape = fitted.chains[0].nets.shape
    one = {name: part[0].numpy() for name, part in fitted.chains[0].nets.parts.items()}
    assert net.checked(one, shape).keys() == one.keys()
    with pytest.raises(LedgerError, match="weights"):
        net.checked(alter(one), shape)


def test_a_table_of_nothing_but_text_is_made_without_networks():
    data = Dataset.of(pa.table({"note": [f"patient {n} felt well on day {n * 7}" for n in range(60)]}))
    assert network().fit(data, rng=rng("fit")).sample(5, rng=rng("s")).table.num_rows == 5


def test_unknown_columns_and_absurd_parameters_are_refused(mixed):
    with pytest.raises(UnknownName, match="aeg"):
        network(first=("aeg",)).fit(mixed, rng=rng("fit"))
    with pytest.raises(InputError, match="nets"):
        network(nets=0)


# ── Does it earn its place? ────────────────────────────────────────────────────────────────────────────────────────


def matrix(data):
    parts = []
    for column in data.columns.columns:
        values = data.table[column.name]
        parts.append(arrays.codes(values, column) if column.discrete else arrays.numbers(values, column))
    return np.column_stack(parts)


def detection(synthetic, real):
    """Cross-validated AUC of boosted trees that tell one from the other."""
    X = np.vstack([matrix(synthetic), matrix(real)])
    y = np.repeat([1, 0], [len(synthetic), len(real)])
    found = np.zeros(len(y))
    quiet = {"objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True,
             "num_leaves": 8, "seed": 1}  # fmt: skip
    for train, test in StratifiedKFold(3, shuffle=True, random_state=1).split(X, y):
        found[test] = lightgbm.train(quiet, lightgbm.Dataset(X[train], y[train]), 40).predict(X[test])
    return roc_auc_score(y, found)


@pytest.fixture(scope="module")
def digits():
    """1,797 handwritten digits, ten of their pixels: what a correlation cannot tell."""
    bunch = load_digits()
    pixels = {bunch.feature_names[at]: bunch.data[:, at].astype(int) for at in (10, 18, 20, 26, 28, 34, 36, 42, 44, 53)}
    return Dataset.of(pa.table(pixels | {"digit": [f"digit {code}" for code in bunch.target]}))


def test_it_is_harder_to_tell_from_unseen_rows_than_the_baselines(digits):
    train, holdout = digits.split(0.4, rng=rng("split"))
    found = {}
    for name, parameters in {"independent": {}, "copula": {}, "network": {"nets": 1, "epochs": 20}}.items():
        sampler = catalog.build("generators", f"tabular.{name}", parameters).fit(train, rng=rng("fit"))
        draws = [sampler.sample(len(holdout), rng=rng("sample", draw)) for draw in range(3)]
        found[name] = np.mean([detection(made, holdout) for made in draws])
    # Over splits and draws each deviates by about 0.01; copula and network lie 0.15 apart.
    assert found["network"] + 0.08 < found["copula"] < found["independent"], found


# ── A long fit ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Killed(Exception):
    """What a kill looks like from within."""


def killed_at(epoch):
    def say(how, done, total):
        if done >= epoch:
            raise Killed(how)

    return say


def saved(sampler, folder):
    folder.mkdir()
    sampler.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("epoch", [2, 5])
def test_a_killed_fit_goes_on_to_the_same_bytes(few, tmp_path, epoch):
    """Killed while the networks of the first order learn, and of the second: two networks, three epochs each."""
    whole = saved(network().fit(few, rng=rng("fit")), tmp_path / "whole")
    place = tmp_path / "place"
    with pytest.raises(Killed, match="loss"):
        network().fit(few, rng=rng("fit"), workshop=Workshop(killed_at(epoch), place, every_s=0))
    said = []
    again = network().fit(few, rng=rng("fit"), workshop=Workshop(lambda *told: said.append(told), place))
    assert saved(again, tmp_path / "again") == whole
    assert said[0][0].startswith("going on, loss ")
    assert said[0][1] > 0  # an epoch at least was not done again
    assert all(total == 6 for _, _, total in said)
    assert [done for _, done, _ in said] == sorted(done for _, done, _ in said)
    # Another seed takes none of these checkpoints.
    said.clear()
    network().fit(few, rng=rng("other"), workshop=Workshop(lambda *told: said.append(told), place))
    assert not said[0][0].startswith("going on")


def test_networks_that_learn_side_by_side_are_heard_together_and_end_together():
    ended = []

    def one(place, say):
        try:
            for epoch in range(1, 1000):
                say(f"loss of {place}", epoch, 1000)
        finally:
            ended.append(place)
        return place

    said = []
    assert crew.learn(lambda place, say: say("loss", 3, 3) or place, 4, lambda *told: said.append(told)) == [0, 1, 2, 3]
    assert said[-1] == ("loss", 12, 12)
    with pytest.raises(Killed):
        crew.learn(one, 2, killed_at(5))
    assert len(ended) <= 2
    with pytest.raises(ZeroDivisionError):
        crew.learn(lambda place, say: 1 // place, 2, killed_at(5))


def test_a_loss_that_is_no_number_is_an_error_and_nothing_is_kept(few, monkeypatch):
    monkeypatch.setattr(training, "_loss", lambda *_: torch.tensor(math.nan, requires_grad=True))
    with pytest.raises(GenerationError, match=r"tabular\.network diverged"):
        network().fit(few, rng=rng("fit"))


def test_auto_says_what_it_tries_and_goes_on_where_it_was_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(auto, "FEWEST", 100)
    draw = rng("auto")
    x = draw.normal(size=400).round(2)
    rows = Dataset.of(pa.table({"x": x, "y": (x**2 + draw.normal(0, 0.1, 400)).round(2)}))
    whole = saved(Auto().fit(rows, rng=rng("fit")), tmp_path / "whole")
    said = []

    def say(how, done, total):
        said.append(how)
        if how.startswith("trying tabular.network, loss") and done > 20:
            raise Killed(how)

    with pytest.raises(Killed):
        Auto().fit(rows, rng=rng("fit"), workshop=Workshop(say, tmp_path / "place", every_s=0))
    assert said[0] == "trying tabular.trees"
    again = Auto().fit(rows, rng=rng("fit"), workshop=Workshop(lambda how, *_: said.append(how), tmp_path / "place"))
    assert saved(again, tmp_path / "again") == whole
    assert any(how.startswith("trying tabular.network, going on") for how in said)
