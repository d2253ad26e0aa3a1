"""The neural methods: what they learn, what stops them, what a kill costs, and what privacy takes."""

import math
import sys

import numpy as np
import pyarrow as pa
import pytest
import scipy.stats

import mintmark as mm
from mintmark import catalog
from mintmark.errors import GenerationError, InputError, MissingExtra, UnknownName
from mintmark.generators import workshop
from mintmark.generators.generator import Sampler
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.seeds import Seed

torch = pytest.importorskip("torch", reason="the extra `deep` is not installed")
from mintmark.generators.deep import checkpoints, machine, privacy  # noqa: E402
from mintmark.generators.deep.training import Rows  # noqa: E402
from mintmark.generators.tabular import columns, diffusion, vae  # noqa: E402
from mintmark.generators.tabular.deep import blocks, collapse, decay, heads, latent, lesson  # noqa: E402
from mintmark.generators.tabular.deep.duel import Duel  # noqa: E402

pytestmark = pytest.mark.deep

LEARNERS = {"tabular.gan": Duel, "tabular.vae": vae._Learner, "tabular.diffusion": diffusion._Learner}
METHODS = tuple(LEARNERS)
SMALL = {"epochs": 6, "width": 32, "batch": 64}


def rng(*path):
    return Seed(11).child(*path).rng()


def make(name, **more):
    return catalog.build("generators", name, {**SMALL, **more})


def rows(count=600):
    """Two groups that differ in everything: what a network must learn is plain."""
    draw = rng("rows")
    group = draw.random(count) < 0.3
    size = np.where(group, draw.normal(9, 1, count), draw.normal(2, 1, count)).round(2)
    age = np.where(group, draw.integers(60, 90, count), draw.integers(18, 40, count))
    spent = np.where(draw.random(count) < 0.5, 0.0, draw.exponential(100, count).round(2))
    word = np.where(group, draw.choice(["a", "b"], count), draw.choice(["c", "d"], count))
    columns_ = {"group": np.where(group, "old", "young"), "size": size, "age": age, "spent": spent, "word": word}
    return mm.Dataset.of(pa.table(columns_))


@pytest.fixture(scope="module")
def real():
    return rows()


@pytest.mark.parametrize("seed", [0, 1])
def test_blocks_give_back_the_tokens_that_went_in_and_places_are_even(mixed, seed):
    learnt = columns.learn(mixed, rare=5)
    for runs in (1, 10, 64):
        for name, block in blocks.learn(learnt.alphabets, runs=runs).items():
            tokens = learnt.alphabets[name].encode(mixed.table[name])
            kept = tokens[learnt.alphabets[name].mass[tokens] > 0]
            classes, places = block.encode(kept, rng(seed).random(len(kept)))
            assert (block.decode(classes, places) == kept).all(), name
            wide = block.wide[classes]
            if wide.sum() > 50:  # one-sample test at level 1e-4, over 2 seeds × 3 × 23 columns: false alarm 1 in 70
                assert scipy.stats.kstest(places[wide], "uniform").pvalue > 1e-4, name


def test_a_level_that_nobody_kept_is_coded_as_its_neighbour():
    table = mm.Dataset.of(pa.table({"word": ["a"] * 50 + ["b"] * 40 + ["c"]}))
    learnt = columns.learn(table, rare=5)
    block = blocks.learn(learnt.alphabets, runs=1)["word"]
    classes, _ = block.encode(np.array([0, 1, 2], np.int32), np.full(3, 0.5))
    assert block.classes == 2
    assert classes.tolist() == [0, 1, 1]


def test_drawn_classes_have_the_frequencies_of_their_logits():
    share = torch.tensor([0.1, 0.2, 0.7])
    drawn = heads.Heads((3,)).draw(share.log().repeat(20_000, 1), torch.Generator().manual_seed(1))
    # χ² with 2 degrees of freedom at level 1e-4, one seed.
    assert scipy.stats.chisquare(torch.bincount(drawn[:, 0]).numpy(), 20_000 * share.numpy()).pvalue > 1e-4


def test_surprise_is_the_cross_entropy_of_each_column():
    logits, classes = torch.randn(7, 5, generator=torch.Generator().manual_seed(1)), torch.tensor([[0, 2]] * 7)
    found = heads.Heads((2, 3)).surprise(logits, classes)
    assert torch.allclose(
        found[:, 0], torch.nn.functional.cross_entropy(logits[:, :2], classes[:, 0], reduction="none")
    )
    assert torch.allclose(
        found[:, 1], torch.nn.functional.cross_entropy(logits[:, 2:], classes[:, 1], reduction="none")
    )


def test_one_stride_of_the_multinomial_walk_is_bayes_rule():
    share, clean = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.2, 0.7, 0.1])
    before, after = torch.tensor(0.3), torch.tensor(0.6)
    step = before / after
    for earlier in range(3):
        found = decay.clearer(heads.Heads((3,)), share, clean.log()[None], torch.tensor([[earlier]]), before, after)[0]
        joint = torch.zeros(3)
        for c in range(3):
            late = after * torch.eye(3)[c] + (1 - after) * share
            back = step * torch.eye(3)[:, earlier] + (1 - step) * share[earlier]
            joint += clean[c] * late * back / (late * back).sum()
        assert torch.allclose(found / found.sum(), joint, atol=1e-6)


def test_one_stride_of_the_gaussian_walk_keeps_the_law_of_the_noise():
    draw = torch.Generator().manual_seed(2)
    clean, noise = torch.full((200_000,), 1.5), torch.randn(200_000, generator=draw)
    before, after = torch.tensor(0.3), torch.tensor(0.6)
    scores, velocity = before.sqrt() * clean + (1 - before).sqrt() * noise, before.sqrt() * noise - 0.7**0.5 * clean
    moved = decay.moved(scores, velocity, before, after, torch.randn(200_000, generator=draw))
    # Where the velocity is right: mean √ᾱ x and variance 1 − ᾱ; five standard errors, false alarm 1e-6.
    assert float(moved.mean()) == pytest.approx(0.6**0.5 * 1.5, abs=5 * (0.4 / 200_000) ** 0.5)
    assert float(moved.var()) == pytest.approx(0.4, abs=5 * 0.4 * (2 / 200_000) ** 0.5)


def test_a_mixture_is_found_again():
    draw = rng("mixture")
    points = np.concatenate([draw.normal(-5, 1, (500, 2)), draw.normal(5, 0.5, (1500, 2))])
    found = latent.learn(points, 2, 1)
    order = np.argsort(found.means[:, 0])
    assert np.allclose(found.shares[order], [0.25, 0.75], atol=0.01)
    assert np.allclose(found.means[order], [[-5, -5], [5, 5]], atol=0.2)
    made = found.draw(20_000, draw)
    assert np.allclose(np.cov(made.T), np.cov(points.T), atol=0.8)


@pytest.fixture(scope="module")
def learnt(real):
    how = {
        "tabular.gan": {"epochs": 40, "rate": 3e-3},
        "tabular.vae": {"epochs": 30},
        "tabular.diffusion": {"epochs": 80, "strides": 20, "target": "group", "rate": 3e-3, "width": 64},
    }
    return {name: make(name, **how[name]).fit(real, rng=rng("fit")) for name in METHODS}


@pytest.mark.parametrize("name", METHODS)
def test_what_goes_together_is_learnt(learnt, real, name):
    """Independent columns would put 30 % of the rows of each group among the ages of the other."""
    made = learnt[name].sample(1000, rng=rng("sample")).table
    old = np.array(made["group"].to_pylist()) == "old"
    assert np.mean(old) == pytest.approx(0.3, abs=0.08)
    assert np.mean((made["age"].to_numpy() > 50) != old) < 0.15
    assert np.mean(np.isin(made["word"].to_pylist(), ["a", "b"]) != old) < 0.15
    assert np.mean(made["spent"].to_numpy() == 0) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("name", METHODS)
def test_what_is_given_bends_the_rest(learnt, real, name):
    given = mm.Dataset.of(
        pa.table({"word": ["a"] * 200 + ["d"] * 200}), schema=real.columns.only(["word"]), name=real.name
    )
    made = learnt[name].sample(400, rng=rng("given"), given=given).table
    assert made["word"].equals(given.table["word"])
    old = np.array(made["group"].to_pylist()) == "old"
    assert old[:200].mean() > 0.8
    assert old[200:].mean() < 0.2


def test_where_gives_the_shares_that_were_asked(real):
    made = mm.generate(real, "tabular.diffusion", count=200, where={"group": {"old": 0.5}}, target="group",
                       strides=5, **SMALL)  # fmt: skip
    assert made.table["group"].to_pylist().count("old") == 100


@pytest.mark.parametrize("name", METHODS)
def test_a_killed_fit_goes_on_to_the_same_bytes(real, tmp_path, name):
    """Killed after the third epoch, at a checkpoint: what is learnt is what an unkilled fit learns."""

    class Killed(Exception):
        pass

    def kill(how, done, total):
        if done == 4:
            raise Killed(how)

    begun = []
    whole = make(name).fit(real, rng=rng("fit"))
    with pytest.raises(Killed):
        make(name).fit(real, rng=rng("fit"), workshop=Workshop(kill, tmp_path, every_s=0))
    assert (tmp_path / checkpoints.FILE).is_file()
    place = Workshop(lambda how, done, total: begun.append(done), tmp_path)
    again = make(name).fit(real, rng=rng("fit"), workshop=place)
    assert begun[0] == 4  # three epochs were not done again
    assert again.sample(50, rng=rng("a")).digest == whole.sample(50, rng=rng("a")).digest
    for sampler, folder in ((whole, "whole"), (again, "again")):
        (tmp_path / folder).mkdir()
        sampler.save(tmp_path / folder)
    for path in (tmp_path / "whole").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_checkpoint_of_another_fit_or_a_damaged_one_is_not_taken(real, tmp_path):
    done = []
    make("tabular.vae").fit(real, rng=rng("other"), workshop=Workshop(folder=tmp_path))
    place = Workshop(lambda how, at, total: done.append(at), tmp_path)
    make("tabular.vae").fit(real, rng=rng("fit"), workshop=place)
    assert done[0] == 1
    path = tmp_path / checkpoints.FILE
    path.write_bytes(path.read_bytes()[:1000])
    done.clear()
    make("tabular.vae").fit(real, rng=rng("fit"), workshop=place)
    assert done[0] == 1


def test_a_method_without_a_workshop_learns_as_ever(real):
    made = workshop.fit(catalog.build("generators", "tabular.independent", {}), real, rng=rng("fit"), workshop=ALONE)
    assert isinstance(made, Sampler)


@pytest.mark.parametrize("name", METHODS)
def test_a_rate_at_which_the_loss_explodes_is_an_error_and_leaves_nothing(real, name):
    with pytest.raises(GenerationError, match="diverged"):
        make(name, rate=100.0, epochs=40).fit(real, rng=rng("fit"))


def test_a_recipe_whose_training_diverges_releases_nothing(real, tmp_path):
    recipe = {
        "name": "wild", "purpose": {"gap": "volume", "use": "share"}, "real": {"from": "nowhere.csv", "holdout": 0.5},
        "steps": {"rows": {"make": "tabular.vae", "count": 50, "with": {**SMALL, "rate": 100.0, "epochs": 40}}},
        "assay": "quick", "gate": ["validity.schema >= 0.9"], "release": {"formats": ["csv"]},
    }  # fmt: skip
    with pytest.raises(GenerationError, match="diverged"):
        mm.run(recipe, real=real, to=tmp_path / "out", ledger=tmp_path / "ledger")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", METHODS)
def test_memory_that_does_not_suffice_halves_the_batches_and_says_so(real, monkeypatch, name):
    learner = LEARNERS[name]
    step, sizes = learner.step, []

    def heavy(self, rows, which, source):
        if len(which) > 20:
            torch.randn(3, generator=source)  # what a failed step has drawn is drawn again
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        sizes.append(len(which))
        return step(self, rows, which, source)

    monkeypatch.setattr(learner, "step", heavy)
    sampler = make(name, epochs=2).fit(real, rng=rng("fit"))
    assert 8 <= max(sizes) <= 20
    told = [note for note in sampler.notes if "did not hold batches" in note]
    assert len(told) == 2  # 54 or 52 rows, then half of them, then half of these
    assert all("from epoch 1 on" in note for note in told)
    again = make(name, epochs=2).fit(real, rng=rng("fit"))
    assert again.sample(50, rng=rng("a")).digest == sampler.sample(50, rng=rng("a")).digest


def test_memory_that_never_suffices_is_an_error(real, monkeypatch):
    def never(self, rows, which, source):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(LEARNERS["tabular.vae"], "step", never)
    with pytest.raises(GenerationError, match="small batches"):
        make("tabular.vae").fit(real, rng=rng("fit"))


def test_a_generator_that_is_made_to_collapse_warns_and_the_warning_stays_with_it(real, monkeypatch, tmp_path):
    """The critic's advice is replaced by one that likes a single class of each column."""

    def improve(self, rows, count, source):
        condition, _ = self.asked.draw(count, source)
        logits, _ = self._fake(condition, source)
        loss = sum(part[:, 1:].logsumexp(-1).mean() - part[:, 0].mean() for part in self.asked.heads.split(logits))
        self.optimisers[0].zero_grad()
        loss.backward()
        self.optimisers[0].step()

    monkeypatch.setattr(Duel, "_improve", improve)
    monkeypatch.setattr(
        Duel, "judge", lambda self, rows, source: -float(self.optimisers[0].state_dict()["state"][0]["step"])
    )
    sampler = make("tabular.gan", epochs=30, rate=3e-3).fit(real, rng=rng("fit"))
    assert any("mode collapse" in note and "group" in note for note in sampler.notes)
    assert any("differ" in note for note in sampler.notes)
    sampler.save(tmp_path)
    assert make("tabular.gan").load(tmp_path).notes == sampler.notes
    with pytest.warns(UserWarning, match="mode collapse"):
        mm.generate(real, "tabular.gan", count=10, **{**SMALL, "epochs": 30, "rate": 3e-3})


def test_a_decoder_that_is_made_to_forget_says_so(real, monkeypatch):
    def loss(self, rows, source):
        noise = machine.normal((len(rows), self.nets.hidden), source, rows.classes.device)
        logits = self.nets.heads.split(self.nets.decoder(noise))
        return sum(part[:, 1:].logsumexp(-1).mean() - part[:, 0].mean() for part in logits)

    monkeypatch.setattr(LEARNERS["tabular.vae"], "_loss", loss)
    notes = make("tabular.vae", epochs=20).fit(real, rng=rng("fit")).notes
    assert any("mode collapse" in note and "group" in note for note in notes)
    monkeypatch.undo()
    assert make("tabular.vae", epochs=20).fit(real, rng=rng("fit")).notes == ()


def test_a_diffusion_that_is_made_to_forget_says_so_of_classes_and_of_numbers(real, monkeypatch, tmp_path, learnt):
    """It is shown one kind of row alone, whose numbers are all alike; and says nothing where it learnt well."""

    def shown(self, which):
        return Rows(torch.zeros_like(self.classes[which]), torch.full_like(self.scores[which], 2.0))

    monkeypatch.setattr(Rows, "__getitem__", shown)
    sampler = make("tabular.diffusion", epochs=60, rate=3e-3, strides=20).fit(real, rng=rng("fit"))
    monkeypatch.undo()
    lost = next(note for note in sampler.notes if "frequent values" in note)
    assert "group" in lost
    assert "size" in lost
    assert "set right" not in lost
    sampler.save(tmp_path)
    assert make("tabular.diffusion").load(tmp_path).notes == sampler.notes
    assert learnt["tabular.diffusion"].notes == ()


def test_no_collapse_is_claimed_of_the_rows_themselves(real):
    learning = lesson.prepare(real, rare=5, runs=10, rng=rng("prepare"))
    assert collapse.notes("x", learning.blocks, learning.rows.classes[:300], learning.rows.classes[300:]) == ()
    both = torch.from_numpy(learning.rows.classes)
    assert collapse.gap(heads.Heads.of(learning.blocks), both, both) == pytest.approx(0, abs=1e-6)


def test_a_target_that_is_not_there_is_refused_with_those_that_are(real):
    with pytest.raises(UnknownName, match="group"):
        make("tabular.diffusion", target="grup").fit(real, rng=rng("fit"))


def test_an_accelerator_is_taken_only_where_there_is_one(real):
    if torch.accelerator.is_available():
        assert machine.chosen("auto").type != "cpu"
    else:
        assert machine.chosen("auto").type == "cpu"
        with pytest.raises(InputError, match="no accelerator"):
            make("tabular.vae", device="accelerator").fit(real, rng=rng("fit"))


@pytest.mark.parametrize("name", METHODS)
def test_hard_tables_are_learnt_and_sampled(name):
    count = 12
    hard = {
        "empty": pa.nulls(count, pa.float64()),
        "same": pa.array(["x"] * count),
        "key": pa.array([f"K-{n:04d}" for n in range(count)]),
        "one": pa.array([None] * (count - 1) + [3.5]),
    }
    for table in (pa.table(hard), pa.table({"key": hard["key"]}), pa.table({"empty": hard["empty"]})):
        made = make(name, **({"strides": 3} if name.endswith("diffusion") else {})).fit(
            mm.Dataset.of(table), rng=rng(0)
        )
        assert made.sample(9, rng=rng("a")).table.schema.equals(table.schema)


@pytest.mark.parametrize("name", ["tabular.gan", "tabular.vae"])
def test_a_public_domain_that_no_guarantee_asks_for_is_refused(real, name):
    with pytest.raises(InputError, match="none is asked for"):
        make(name, public={"age": {"min": 0, "max": 100}}).fit(real, rng=rng("fit"))


@pytest.mark.parametrize("name", ["tabular.gan", "tabular.vae"])
def test_a_guarantee_needs_the_extra_that_counts_its_cost(real, name, monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    for module in [module for module in sys.modules if module.startswith("mintmark.generators.tabular.")]:
        if module.rpartition(".")[2] in ("account", "margins", "budget", "extents", "counting"):
            monkeypatch.delitem(sys.modules, module)
    with pytest.raises(MissingExtra, match=r"mintmark\[private\]"):
        make(name, private={"epsilon": 1, "delta": 1e-6}).fit(real, rng=rng("fit"))


def test_blurred_gradients_are_clipped_row_by_row_and_the_noise_has_its_size():
    net = torch.nn.Linear(3, 1, bias=False)
    x = torch.tensor([[3.0, 4.0, 0.0], [0.3, 0.0, 0.4], [0.0, 0.0, 0.0], [math.nan, 1.0, 0.0], [3e38, 3e38, 0.0]])

    def loss(call, row):
        return call(row[None])[0, 0]  # its gradient is the row

    privacy.blurred(net, loss, (x,), noise=0.0, source=torch.Generator())
    assert torch.allclose(net.weight.grad, torch.tensor([[0.6 + 0.3, 0.8, 0.4]]))
    wide = torch.nn.Linear(10_000, 1, bias=False)
    source = torch.Generator().manual_seed(1)
    privacy.blurred(wide, loss, (torch.zeros(0, 10_000),), noise=4.0, source=source)
    # A standard deviation from 10,000 draws: five standard errors, false alarm 1e-6.
    assert float(wide.weight.grad.std()) == pytest.approx(4.0, abs=5 * 4 / 20_000**0.5)
    assert scipy.stats.kstest(wide.weight.grad[0].numpy() / 4, "norm").pvalue > 1e-4  # one seed


def test_the_clip_binds_all_weights_of_a_row_together():
    found = {"a": torch.tensor([[[3.0]], [[0.1]]]), "b": torch.tensor([[4.0, 0.0], [0.0, 0.1]])}
    made = privacy.clipped(found)
    assert torch.allclose(made["a"], torch.tensor([[0.7]]))
    assert torch.allclose(made["b"], torch.tensor([0.8, 0.1]))


def test_secret_chance_repeats_nothing_and_its_state_is_filled_whole():
    one, two = (privacy.secret() for _ in range(2))
    assert not torch.equal(torch.randn(8, generator=one), torch.randn(8, generator=two))
    known = torch.Generator().manual_seed(1)
    where = slice(privacy.WORDS_AT, privacy.WORDS_AT + 8 * privacy.WORDS)
    words = one.get_state().numpy()[where].view(np.uint64)
    assert words.max() < 2**32  # the layout is torch's own: 32 of 64 bits of each word
    assert known.get_state().numpy()[where].view(np.uint64).max() < 2**32
    # Uniform draws of it are uniform: one-sample test at level 1e-6, for no seed can fix them.
    assert scipy.stats.kstest(torch.rand(5000, generator=one).numpy(), "uniform").pvalue > 1e-6


def test_each_row_is_drawn_with_the_chance_that_is_accounted():
    source, hits = torch.Generator().manual_seed(3), np.zeros(200)
    for _ in range(3000):
        hits[privacy.drawn(200, source).numpy()] += 1
    # χ² of 200 binomial counts at level 1e-4, one seed.
    share = 1 / privacy.ROUNDS
    deviation = (hits - 3000 * share) ** 2 / (3000 * share * (1 - share))
    assert 1e-4 < scipy.stats.chi2.sf(deviation.sum(), 200) < 1 - 1e-4
