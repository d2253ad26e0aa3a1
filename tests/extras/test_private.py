"""Formal privacy: the mathematics against brute force and other libraries, the promise against attacks."""

import itertools
import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

pytest.importorskip("opendp")
accountants = pytest.importorskip("dp_accounting")

from mintmark import catalog, run  # noqa: E402
from mintmark.data.dataset import Dataset  # noqa: E402
from mintmark.errors import ConditionError, GenerationError, InputError, LedgerError, UnknownName  # noqa: E402
from mintmark.generators.tabular.marginals import accounting, budget, counting, extents  # noqa: E402
from mintmark.generators.tabular.marginals.budget import Budget, rho_of  # noqa: E402
from mintmark.generators.tabular.marginals.declared import Declared  # noqa: E402
from mintmark.generators.tabular.marginals.drawing import drawn  # noqa: E402
from mintmark.generators.tabular.marginals.fitting import Counted, fitted  # noqa: E402
from mintmark.generators.tabular.marginals.junction import JunctionTree, summed  # noqa: E402
from mintmark.generators.tabular.private import Private  # noqa: E402
from mintmark.metrics.intervals import proportion  # noqa: E402
from mintmark.metrics.privacy.audit import at_least  # noqa: E402
from mintmark.seeds import Seed  # noqa: E402

pytestmark = pytest.mark.private

SIZES = (2, 3, 4, 2, 3)
GROUPS = [
    [(0, 1), (1, 2), (2, 3), (3, 4)],
    [(0, 1), (1, 2), (0, 2), (2, 4)],
    [(0, 1, 2), (2, 3), (3, 4), (0, 4)],
    [(0,), (1,), (2, 4), (3,)],
    [(0, 1), (1, 2), (2, 3), (0, 3)],
]


def rng(*path):
    return Seed(11).child(*path).rng()


def potentials(tree, draw):
    return [draw.normal(0, 1.5, tree.shape(clique)) for clique in tree.cliques]


def brute(tree, logs):
    """The joint distribution over all columns, cell by cell."""
    out = np.zeros(tree.sizes)
    for clique, log in zip(tree.cliques, logs, strict=True):
        out += log[tuple(slice(None) if axis in clique else None for axis in range(len(tree.sizes)))]
    out = np.exp(out)
    return out / out.sum()


# The junction tree


@pytest.mark.parametrize("groups", GROUPS)
def test_marginals_of_cliques_and_of_all_pairs_are_those_of_the_joint_distribution(groups):
    tree = JunctionTree.over(SIZES, groups)
    assert tree.sound
    assert all(any(set(group) <= set(clique) for clique in tree.cliques) for group in groups)
    logs = potentials(tree, rng("potentials"))
    joint, marginals = brute(tree, logs), tree.calibrated(logs)
    everything = tuple(range(len(SIZES)))
    for clique, marginal in zip(tree.cliques, marginals, strict=True):
        np.testing.assert_allclose(marginal, summed(joint, everything, clique), atol=1e-12)
    pairs = tree.pairs(marginals)
    assert set(pairs) == set(itertools.combinations(range(len(SIZES)), 2))
    for pair, table in pairs.items():
        np.testing.assert_allclose(table, summed(joint, everything, pair), atol=1e-12)


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("given", [(), (1,), (0, 4), (2, 3)])
def test_rows_are_drawn_from_the_joint_distribution_given_what_is_given(groups, given):
    """One χ² test each, of 20 at 1e-4: a false alarm in 500 runs, were the seed not fixed."""
    tree = JunctionTree.over(SIZES, groups)
    logs = potentials(tree, rng("potentials"))
    joint, draw, count = brute(tree, logs), rng("draw"), 20_000
    known = {axis: draw.integers(SIZES[axis], size=count) for axis in given}
    rows = drawn(tree, logs, known, count, draw)
    for axis, codes in known.items():
        assert (rows[:, axis] == codes).all()
    share = joint / joint.sum(axis=tuple(a for a in range(len(SIZES)) if a not in given), keepdims=True)
    fixed = np.ones(SIZES) / np.prod([SIZES[axis] for axis in given])
    expected = (share * fixed).ravel() * count
    seen = np.bincount(np.ravel_multi_index(tuple(rows.T), SIZES), minlength=expected.size)
    many = expected > 5
    seen, expected = np.append(seen[many], seen[~many].sum()), np.append(expected[many], expected[~many].sum())
    kept = expected > 0
    statistic = float(((seen[kept] - expected[kept]) ** 2 / expected[kept]).sum())
    assert stats.chi2.sf(statistic, kept.sum() - 1 + len(given)) > 1e-4


def test_a_tree_that_breaks_the_running_intersection_is_not_sound():
    assert JunctionTree((2, 2, 2), ((0, 1), (1, 2)), (-1, 0)).sound
    assert not JunctionTree((2, 2, 2, 2), ((0, 1), (1, 2), (0, 3)), (-1, 0, 1)).sound
    assert not JunctionTree((2, 2, 2), ((0, 1),), (-1,)).sound
    assert not JunctionTree((2, 2), ((0, 1),), (0,)).sound


@pytest.mark.parametrize("groups", GROUPS)
def test_the_fit_recovers_marginals_without_noise(groups):
    truth = brute(JunctionTree.over(SIZES, [tuple(range(5))]), [rng("truth").normal(0, 1, SIZES)])
    everything = tuple(range(len(SIZES)))
    counted = [Counted(axes, 1000 * summed(truth, everything, axes), np.ones([SIZES[a] for a in axes]))
               for axes in groups]  # fmt: skip
    tree = JunctionTree.over(SIZES, groups)
    _, marginals = fitted(tree, counted, 1000.0, [], steps=1500)
    for each in counted:
        home = tree.home(each.axes)
        found = summed(marginals[home], tree.cliques[home], each.axes)
        np.testing.assert_allclose(1000 * found, each.counts, atol=0.5)


def test_the_fit_agrees_with_mbi():
    """McKenna's own library, whose mirror descent solves the same problem."""
    mbi = pytest.importorskip("mbi")
    draw = rng("mbi")
    groups, total = GROUPS[1], 5000.0
    names = "abcde"
    domain = mbi.Domain(list(names), list(SIZES))
    counted, theirs = [], []
    for axes in groups:
        shape = tuple(SIZES[axis] for axis in axes)
        counts = draw.dirichlet(np.ones(math.prod(shape))).reshape(shape) * total + draw.normal(0, 30, shape)
        counted.append(Counted(axes, counts, np.full(shape, 900.0)))
        theirs.append(mbi.LinearMeasurement(counts.ravel(), tuple(names[axis] for axis in axes), stddev=30.0))
    tree = JunctionTree.over(SIZES, groups)
    _, ours = fitted(tree, counted, total, [], steps=3000)
    model = mbi.estimation.MirrorDescent().estimate(domain, theirs, known_total=total, iters=3000)
    for axes in groups:
        home = tree.home(axes)
        mine = total * summed(ours[home], tree.cliques[home], axes)
        other = np.asarray(model.project(tuple(names[axis] for axis in axes)).datavector(flatten=False))
        np.testing.assert_allclose(mine, other, atol=0.002 * total)


# The budget


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("delta", [1e-5, 1e-9])
def test_the_conversion_lies_between_closed_forms_and_agrees_with_dp_accounting(epsilon, delta):
    rho = rho_of(epsilon, delta)
    assert rho + 2 * math.sqrt(rho * math.log(1 / delta)) >= epsilon  # Bun, Steinke 2016, proposition 1.3, is looser
    accountant = accountants.rdp.RdpAccountant(accounting.ORDERS)
    accountant.compose(accountants.ZCDpEvent(rho))
    assert accountant.get_epsilon(delta) == pytest.approx(epsilon, rel=accounting.ROUNDED - 1)
    # A Gaussian mechanism of this ρ loses no more than that (Balle, Wang 2018, theorem 8).
    mu = math.sqrt(2 * rho)
    exact = stats.norm.cdf(mu / 2 - epsilon / mu) - math.exp(epsilon) * stats.norm.cdf(-mu / 2 - epsilon / mu)
    assert exact <= delta


def test_what_is_spent_never_exceeds_the_budget():
    draw = rng("spending")
    for _ in range(12):
        purse = Budget(float(draw.uniform(0.1, 5)), 10.0 ** -draw.uniform(5, 10))
        for _ in range(int(draw.integers(1, 15))):
            asked = float(purse.rho * draw.choice([0.01, 0.1, 0.3, 1.0]) * draw.random())
            try:
                match draw.integers(3):
                    case 0:
                        purse.counts(np.array([5, 0]), rho=asked, what="counts")
                    case 1:
                        purse.choice(np.array([5, 0]), sensitivity=3, rho=asked, what="choice")
                    case _:
                        purse.common({"a": 9}, rho=asked, delta=purse.spare_delta * draw.uniform(0.1, 1.5), what="keys")
            except GenerationError as error:
                assert "spent" in str(error)  # noqa: PT017
        epsilon, delta = purse.loss
        assert epsilon <= purse.epsilon
        assert delta <= purse.delta * (1 + 1e-9)
        assert accounting.epsilon(purse) <= accounting.ROUNDED * purse.epsilon


def test_the_second_opinion_catches_a_purse_that_was_overdrawn():
    purse = Budget(1.0, 1e-9)
    purse.counts(np.zeros(3, np.int64), rho=purse.rho, what="all")
    accounting.check(purse)
    purse.spent.append(budget.Spent("behind its back", purse.rho / 10))
    with pytest.raises(GenerationError, match="larger than was promised"):
        accounting.check(purse)


def test_a_key_of_one_row_shows_less_often_than_delta_says():
    sigma, delta = 4.0, 1e-4
    measurement = budget._thresholded(sigma, delta)
    rho, spent = measurement.map((1, 1, 1))
    assert rho == pytest.approx(1 / (2 * sigma**2))
    assert spent <= delta
    shown = sum("a" in measurement({"a": 1}) for _ in range(4_000))
    assert shown <= stats.poisson.ppf(1 - 1e-6, 4_000 * delta)
    # The least threshold at which the discrete Gaussian's tail allows it, by its own sum.
    steps = np.arange(-400, 401)
    weight = np.exp(-(steps**2) / (2 * sigma**2))
    tail = lambda threshold: float(weight[steps + 1 >= threshold].sum() / weight.sum())  # noqa: E731
    best = next(threshold for threshold in range(1, 200) if tail(threshold) <= delta)
    often = np.mean(["a" in measurement({"a": best}) for _ in range(1000)])
    assert 0.3 < often < 0.7  # the count that equals the threshold is shown half the time


@pytest.mark.parametrize("scale", [0.5, 3.0, 20.0, 90.0])
def test_one_row_more_moves_no_key_by_more_than_one(monkeypatch, scale):
    """What reaches the mechanism is counted: were rare keys left out before, one row could move a count by two."""
    shown = []
    monkeypatch.setattr(
        budget, "_thresholded", lambda *_: Boast(lambda _: (0.0, 0.0), lambda kept: shown.append(kept) or {})
    )
    purse = Budget(5.0, 1e-6)
    for count in range(40):
        column = Declared(min=0, max=1e9).column("n", pa.float64())
        values = np.append(np.full(count, 7.0), np.arange(3) + 100.5)
        counting._common(column, values, purse, 1 / (2 * scale**2), 1e-9)
    moved = [abs(after.get("7.0", 0) - before.get("7.0", 0)) for before, after in itertools.pairwise(shown)]
    assert len(shown) == 40
    assert max(moved) == 1


# The promise, attacked


def weakened(monkeypatch, times):
    """OpenDP's Gaussian with noise that is so many times too small, and that says it costs what the sound one does."""
    genuine = budget._gaussian
    monkeypatch.setattr(budget, "_gaussian", lambda scale: Boast(genuine(scale).map, genuine(scale / times)))
    monkeypatch.setattr(budget, "epsilon_of", lambda rho, delta: rho + 2 * math.sqrt(rho * math.log(1 / delta)))


class Boast(SimpleNamespace):
    """Says what one mechanism costs, and does another."""

    def __init__(self, cost, act):
        super().__init__(map=cost, act=act)

    def __call__(self, argument):
        return self.act(argument)


def guesses():
    """One run, a thousand canaries, each in or out by a coin: how many an attacker guesses right from noisy counts."""
    coins = rng("coins").random(1000) < 0.5
    purse = Budget(2.0, 1e-6)
    noisy, _ = purse.counts(coins.astype(np.int64), rho=0.99 * purse.rho, what="canaries")
    return int(((noisy > 0.5) == coins).sum())


def test_one_run_of_guessing_does_not_refute_the_promise():
    assert at_least(guesses(), 1000) <= 2.0


def test_one_run_of_guessing_refutes_noise_that_is_ten_times_too_small(monkeypatch):
    weakened(monkeypatch, 10)
    assert at_least(guesses(), 1000) > 2.0


COLUMNS = {"town": {"levels": ["a", "b", "c", "rare"]}, "age": {"min": 0, "max": 99}, "ill": {"levels": ["no", "yes"]}}


def people(rows, *more):
    draw = rng("people")
    town, age = draw.choice(["a", "b", "c"], rows).tolist(), draw.integers(20, 60, rows).tolist()
    ill = np.where(np.array(age) > 45, "yes", "no").tolist()
    for row in more:
        for column, value in zip((town, age, ill), row, strict=True):
            column.append(value)
    return Dataset.of(pa.table({"town": town, "age": pa.array(age, pa.int64()), "ill": ill}))


CANARY = ("rare", 99, "yes")


def canary_score(real, epsilon):
    sampler = Private(epsilon=epsilon, delta=1e-5, method="fast", public=COLUMNS).fit(real, rng=rng("fit"))
    return float(sampler.learnt.alphabets["town"].mass[3])


def proved_by_canary(epsilon, trials):
    """What a threshold on the canary's own count proves, in the middle between its two means, at 95 % confidence."""
    with_, without = people(60, CANARY), people(60)
    inside = np.array([canary_score(with_, epsilon) for _ in range(trials)])
    outside = np.array([canary_score(without, epsilon) for _ in range(trials)])
    limit = (inside.mean() + outside.mean()) / 2
    hits, alarms = int((inside > limit).sum()), int((outside > limit).sum())
    low, high = proportion(hits, trials, 0.975)[0], proportion(alarms, trials, 0.975)[1]
    return math.log(max(low, 1e-9) / high)


@pytest.mark.slow
def test_canaries_do_not_refute_the_promise_of_the_whole_generator():
    assert proved_by_canary(1.0, 60) <= 1.0


@pytest.mark.slow
def test_canaries_refute_a_generator_whose_noise_is_too_small(monkeypatch):
    weakened(monkeypatch, 100)
    assert proved_by_canary(1.0, 60) > 1.0


# Nothing passes but through the budget


def blind(monkeypatch):
    """All three doors answer the same, whatever the rows are: then the model may not depend on them at all."""

    def counts(self, true, *, rho, what):
        self.spent.append(budget.Spent(what, rho))
        draw = np.random.default_rng(len(what) + true.size)
        return draw.integers(0, 200, true.shape), 5.0

    def common(self, true, *, rho, delta, what):
        self.spent.append(budget.Spent(what, rho, delta))
        return {"7.0": 90, "8.0": 80} if "values" in what else {"x": 90, "y": 80}

    def choice(self, scores, *, sensitivity, rho, what):
        self.spent.append(budget.Spent(what, rho))
        return len(scores) // 2

    for door in (counts, common, choice):
        monkeypatch.setattr(Budget, door.__name__, door)
    monkeypatch.setattr(accounting, "check", lambda _: None)


def saved(generator, real, folder):
    folder.mkdir()
    generator.fit(real, rng=rng("fit")).save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def odd(rows):
    """The same columns and types as `mixed`, with other levels, bounds, decimals, grids, missing values and keys."""
    draw = rng("odd")
    return {
        "id": pa.array(draw.integers(0, 9, rows), pa.int64()),
        "other_id": pa.array(draw.permutation(10**6)[:rows], pa.int64()),
        "word": pa.array(draw.choice(["q", "r", "s"], rows), mask=draw.random(rows) < 0.3),
        "number": pa.array(draw.normal(0, 1e6, rows)),
        "count": pa.array(draw.integers(-5000, 5000, rows), pa.int32()),
        "when": pa.array(draw.integers(0, 10**15, rows), pa.timestamp("us")),
        "flag": pa.array(draw.random(rows) < 0.9),
        "scale": pa.array(draw.choice(["l", "m"], rows)).dictionary_encode(),
    }


def even(rows):
    return {
        "id": pa.array(np.arange(rows), pa.int64()),
        "other_id": pa.array([7] * rows, pa.int64()),
        "word": pa.array([f"only {row}" for row in range(rows)]),
        "number": pa.array(np.arange(rows) / 4),
        "count": pa.array(np.arange(rows), pa.int32(), mask=np.arange(rows) % 3 == 0),
        "when": pa.array(86_400_000_000 * np.arange(rows), pa.timestamp("us")),
        "flag": pa.array([False] * rows),
        "scale": pa.array(["huge"] * rows).dictionary_encode(),
    }


@pytest.mark.parametrize("method", ["adaptive", "fast"])
@pytest.mark.parametrize("target", [None, "flag", "count"])
def test_a_model_depends_on_the_rows_through_the_budget_alone(monkeypatch, tmp_path, method, target):
    blind(monkeypatch)
    generator = Private(method=method, target=target)
    files = [saved(generator, Dataset.of(pa.table(rows)), tmp_path / name)
             for name, rows in (("one", odd(80)), ("two", even(50)))]  # fmt: skip
    assert files[0] == files[1]


def test_levels_that_are_told_from_the_rows_are_caught(monkeypatch, tmp_path):
    blind(monkeypatch)
    rows = [Dataset.of(pa.table(rows)) for rows in (odd(80), even(50))]
    genuine = extents.found

    def leaking(column, array, purse, **budget_):
        found = genuine(column, array, purse, **budget_)
        seen = tuple(sorted(set(array.drop_null().to_pylist()))) if found.name == "word" else found.levels
        return replace(found, levels=seen)

    monkeypatch.setattr(extents, "found", leaking)
    one, two = (saved(Private(), real, tmp_path / str(place)) for place, real in enumerate(rows))
    assert one != two


def test_what_one_row_alone_shows_is_in_no_file(tmp_path):
    unique = ("Zanzibar", 987_654_321, "yes")
    files = saved(Private(epsilon=10, delta=1e-6), people(400, unique), tmp_path / "model")
    body = json.loads(files["model.json"])
    text = files["model.json"].decode()
    assert "Zanzibar" not in text
    age = next(column for column in body["schema"]["columns"] if column["name"] == "age")
    assert age["high"] < 200
    assert {"a", "b", "c"} >= set(body["schema"]["columns"][0]["levels"])


# What is declared, found, made and refused


def test_a_grid_of_nanoseconds_is_found_though_no_float_holds_them():
    moments = 1_708_880_115_123_000_000 + 1_000_000 * np.arange(3000)
    data = Dataset.of(pa.table({"seen": pa.array(moments, pa.timestamp("ns"))}))
    sampler = Private(epsilon=20, delta=1e-6).fit(data, rng=rng("fit"))
    assert sampler.learnt.schema["seen"].step == 1_000_000


def test_what_nobody_declares_is_found(mixed_thousands):
    sampler = Private(epsilon=20, delta=1e-6).fit(mixed_thousands, rng=rng("fit"))
    schema = sampler.learnt.schema
    assert set(schema["word"].levels) == {"often", "usual"}
    assert schema["price"].decimals == 2
    assert schema["price"].low <= 1
    assert 8.5 <= schema["price"].high <= 20
    assert schema["when"].step == 60
    assert schema["price"].nullable
    assert not schema["count"].nullable
    made = sampler.sample(2000, rng=rng("a")).table
    assert made["price"].null_count / 2000 == pytest.approx(0.1, abs=0.03)


@pytest.fixture(scope="module")
def mixed_thousands():
    draw, rows = rng("thousands"), 3000
    word = draw.choice(["often", "usual"], rows)
    word[:3] = ["once", "hapax", "alone"]
    return Dataset.of(
        pa.table(
            {
                "word": word,
                "price": pa.array(np.round(draw.uniform(1, 9, rows), 2), mask=draw.random(rows) < 0.1),
                "count": pa.array(draw.integers(0, 30, rows), pa.int64()),
                "when": pa.array(60 * draw.integers(0, 10**6, rows), pa.timestamp("s")),
            }
        )
    )


def test_levels_without_a_row_may_be_declared_and_given():
    sampler = Private(epsilon=5, delta=1e-6, public=COLUMNS).fit(people(500), rng=rng("fit"))
    given = Dataset.of(pa.table({"town": ["rare"] * 50}))
    made = sampler.sample(50, rng=rng("a"), given=given).table
    assert made["town"].to_pylist() == ["rare"] * 50
    with pytest.raises(ConditionError, match="Zanzibar"):
        sampler.sample(1, rng=rng("a"), given=Dataset.of(pa.table({"town": ["Zanzibar"]})))


def test_dependence_survives():
    sampler = Private(epsilon=5, delta=1e-6, public=COLUMNS, target="ill").fit(people(3000), rng=rng("fit"))
    made = sampler.sample(3000, rng=rng("a")).table
    old = made["age"].to_numpy() > 45
    ill = made["ill"].to_numpy(zero_copy_only=False) == "yes"
    assert np.mean(ill[old]) > 0.9
    assert np.mean(ill[~old]) < 0.1


@pytest.mark.parametrize(
    ("public", "message"),
    [
        ({"age": {"min": 9, "max": 1}}, "above the largest"),
        ({"age": {"min": 9}}, "both ends"),
        ({"age": {"levels": []}}, "at least one"),
        ({"town": {"levels": ["a", "a"]}}, "different"),
        ({"town": {"min": 1, "max": 2}}, "of no kind number"),
        ({"town": {"decimals": 1}}, "no `decimals`"),
        ({"age": {"form": "##"}}, "no `form`"),
        ({"age": {"min": "old", "max": "older"}}, "no int64"),
    ],
)
def test_declarations_that_cannot_be_are_refused(public, message):
    with pytest.raises(InputError, match=message):
        Private(public=public).fit(people(50), rng=rng("fit"))


def test_names_that_are_no_columns_are_refused():
    with pytest.raises(UnknownName, match="agee"):
        Private(public={"agee": {"min": 1, "max": 2}}).fit(people(50), rng=rng("fit"))
    with pytest.raises(UnknownName, match="sick"):
        Private(target="sick").fit(people(50), rng=rng("fit"))
    with pytest.raises(InputError, match="public"):
        catalog.build("generators", "tabular.private", {"public": "data"})


def test_dates_are_declared_as_text():
    column = Declared(min="2020-01-01", max="2021-12-31").column("day", pa.date32())
    assert (column.low, column.high) == (18262.0, 18992.0)


def test_keys_have_the_declared_form():
    real = Dataset.of(pa.table({"account": [f"ACC-{n:06d}" for n in range(50)], "n": [1, 2] * 25}))
    form = {"account": {"kind": "key", "form": "ID-####??####"}}
    made = Private(public=form, epsilon=5).fit(real, rng=rng("fit")).sample(20, rng=rng("a")).table
    assert all(key.startswith("ID-") for key in made["account"].to_pylist())


def test_a_model_with_cliques_that_are_no_tree_is_refused(tmp_path):
    generator = Private(epsilon=5, public=COLUMNS)
    sampler = generator.fit(people(200), rng=rng("fit"))
    broken = replace(sampler.joint.tree, parents=tuple(0 for _ in sampler.joint.tree.parents))
    replace(sampler, joint=replace(sampler.joint, tree=broken)).save(tmp_path)
    with pytest.raises(LedgerError, match="cliques"):
        generator.load(tmp_path)


@pytest.mark.parametrize(("rule", "released"), [("privacy.guarantee <= 2", True), ("privacy.guarantee <= 1", False)])
def test_a_run_records_what_is_proved_and_judges_it(tmp_path, rule, released):
    recipe = {
        "name": "people",
        "purpose": {"gap": "privacy", "use": "share", "task": {"target": "ill"}},
        "real": {"from": "memory", "holdout": 0.3},
        "steps": {"rows": {"make": "tabular.private", "count": 300, "with": {"epsilon": 2, "public": COLUMNS},
                           "where": {"town": "a"}}},
        "assay": ["fidelity.marginals"],
        "gate": [rule],
        "release": {},
    }  # fmt: skip
    done = run(recipe, real=people(1500), to=tmp_path / "out", ledger=tmp_path / "ledger")
    assert done.findings["privacy.guarantee"].basis == "proved"
    assert done.decision.released == released
    if released:
        told = json.loads((done.folder / "evidence.json").read_text(encoding="utf-8"))
        proof = next(one for one in told["findings"] if one["metric"] == "privacy.guarantee")
        assert (proof["value"], proof["details"]["neighbours"]) == (2.0, "one row more or one row less")
        assert "(proved)" in (done.folder / "card.md").read_text(encoding="utf-8")


def test_the_guarantee_is_saved_with_the_model(tmp_path):
    generator = Private(epsilon=5, public=COLUMNS)
    sampler = generator.fit(people(200), rng=rng("fit"))
    sampler.save(tmp_path)
    assert generator.load(tmp_path).guarantee == sampler.guarantee
    assert sampler.guarantee.epsilon == 5
    assert sum(share for _, share in sampler.guarantee.spent) <= 1 + 1e-9
