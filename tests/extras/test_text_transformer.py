"""The language model that is trained here: what it learns, what a kill costs, what it may not say again."""

import math

import numpy as np
import pytest

import mintmark as mm
from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, DataError, GenerationError, InputError, LedgerError
from mintmark.generators.workshop import ALONE, Workshop

torch = pytest.importorskip("torch", reason="the extra `deep` is not installed")
from mintmark.generators.text import gpt  # noqa: E402
from mintmark.generators.text.transformer import Transformer  # noqa: E402

pytestmark = pytest.mark.deep

TEXTS = [f"{who} {does} {where}." for who in ("the cat", "a dog", "my aunt", "nobody") for does in
         ("sleeps", "sings", "waits", "reads") for where in ("at home", "in rain", "by night", "up there")]  # fmt: skip
SMALL = {"vocabulary": 60, "window": 16, "layers": 1, "heads": 2, "width": 32, "epochs": 30, "batch": 8, "rate": 5e-3,
         "dropout": 0.0}  # fmt: skip


def rng(seed=1):
    return np.random.default_rng(seed)


def learnt(texts=TEXTS, workshop=ALONE, seed=1, **more):
    return Transformer(**{**SMALL, **more}).fit(Dataset.of({"text": list(texts)}), rng=rng(seed), workshop=workshop)


def spoken(writer, count, seed=1):
    return writer.sample(count, rng=rng(seed)).table["text"].to_pylist()


@pytest.fixture(scope="module")
def writer():
    return learnt()


def test_windows_share_a_token_and_end_with_nothing():
    windows = gpt.windows_of([[1, 2, 3, 4], [5]], 3, 9)
    assert windows.tolist() == [[9, 1, 2, 3], [3, 4, 9, -1], [9, 5, 9, -1]]


def test_an_untrained_net_finds_all_tokens_alike():
    net = gpt.Net(50, 8, 16, 1, 2)
    with torch.no_grad():
        net.tokens.weight.zero_()
    windows = torch.from_numpy(gpt.windows_of([[1, 2, 3], list(range(20))], 8, 49))
    assert gpt.mean_surprise(net, windows) == pytest.approx(math.log(50), rel=1e-5)


def test_what_comes_next_depends_on_nothing_that_comes_later(writer):
    read = torch.tensor([[1, 2, 3, 4], [1, 2, 3, 99]])
    with torch.no_grad():
        logits, _ = writer.net(read)
    assert torch.allclose(logits[0, :3], logits[1, :3], atol=1e-6)
    assert not torch.allclose(logits[0, 3], logits[1, 3])


def test_reading_on_is_reading_it_all(writer):
    read = torch.tensor([[5, 6, 7, 8, 9]])
    with torch.no_grad():
        whole, _ = writer.net(read)
        _, past = writer.net(read[:, :3])
        _, past = writer.net(read[:, 3:4], past)
        last, _ = writer.net(read[:, 4:5], past)
    assert torch.allclose(whole[:, -1], last[:, -1], atol=1e-5)


def test_it_learns_how_the_corpus_is_spelt(writer):
    words = {word.strip(".") for text in TEXTS for word in text.split()}
    made = [word.strip(".") for text in spoken(writer, 60) for word in text.split()]
    assert np.mean([word in words for word in made]) > 0.8
    fresh = learnt(epochs=1, rate=1e-6)
    assert writer.bits_per_byte(TEXTS) < 0.5 * fresh.bits_per_byte(TEXTS)


def test_the_same_seed_makes_the_same_texts_and_files_are_plain(writer, tmp_path):
    writer.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npz"}
    again = writer.recipe.load(tmp_path)
    assert spoken(again, 70) == spoken(writer, 70)
    assert spoken(writer, 20) != spoken(writer, 20, seed=2)
    assert again.notes == writer.notes
    short = {"epochs": 2}
    one, two = learnt(**short), learnt(**short)
    assert all(torch.equal(a, b) for a, b in zip(one.net.parameters(), two.net.parameters(), strict=True))
    draw = rng(3)
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        for _ in range(10):
            place = int(draw.integers(len(whole)))
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
            with pytest.raises(LedgerError):
                writer.recipe.load(tmp_path)
        path.write_bytes(whole)
    (tmp_path / "model.npz").unlink()
    with pytest.raises(LedgerError):
        writer.recipe.load(tmp_path)


class Killed(Exception):
    pass


def test_a_killed_training_goes_on_where_it_was(tmp_path):
    def say(what, done, total):
        if done == 4:
            raise Killed

    more = {"epochs": 6, "dropout": 0.1}
    with pytest.raises(Killed):
        learnt(workshop=Workshop(folder=tmp_path, every_s=0, say=say), **more)
    told = []
    resumed = learnt(workshop=Workshop(folder=tmp_path, every_s=0, say=lambda *each: told.append(each[1])), **more)
    assert told == [4, 5, 6]
    straight = learnt(**more)
    assert all(torch.equal(a, b) for a, b in zip(resumed.net.parameters(), straight.net.parameters(), strict=True))


def test_texts_longer_than_the_window_go_on():
    long = [" ".join(rng(i).choice(["la", "li", "lo"], 40)) for i in range(30)]
    made = spoken(learnt(long, epochs=3, window=8, longest=1000, vocabulary=0), 5)
    assert max(map(len, made)) > 8


def test_no_passage_longer_than_stated_is_told_again(writer):
    def runs(texts, size):
        cut = [text.strip(".").split() for text in texts]
        return {tuple(words[i : i + size]) for words in cut for i in range(len(words) - size + 1)}

    held = spoken(learnt(longest=3, epochs=10), 40)
    assert not runs(held, 4) & runs(TEXTS, 4)
    # The guard is what does it: without one the same texts are told again.
    assert runs(spoken(writer, 60), 4) & runs(TEXTS, 4)
    with pytest.raises(GenerationError, match="quote"):
        learnt(["always the same words here"] * 30 + TEXTS[:20], longest=1, epochs=30).sample(30, rng=rng())


def test_nothing_is_seeded_for_the_whole_program():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    learnt(epochs=1, dropout=0.1)
    assert torch.equal(before, torch.get_rng_state())


def test_mistakes_are_named(writer):
    with pytest.raises(InputError, match="heads"):
        Transformer(width=30, heads=4)
    with pytest.raises(DataError, match="too few"):
        learnt(TEXTS[:5])
    with pytest.raises(DataError, match="no real data"):
        Transformer().fit(None, rng=rng())
    with pytest.raises(ConditionError, match="completes no rows"):
        writer.sample(1, rng=rng(), given=Dataset.of({"text": ["a"]}))


def test_a_recipe_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "said.csv").write_text("text\n" + "\n".join(TEXTS))
    body = {"name": "small", "seed": 3, "real": {"from": "said.csv", "columns": {"text": "text"}},
            "steps": {"rows": {"make": "text.transformer", "count": 10, "with": {**SMALL, "epochs": 2}}},
            "assay": ["validity.schema"]}  # fmt: skip
    made = mm.run(body)
    assert made.rows == {"rows": 10}
    assert any("no passage of more than 12 words" in note for note in made.notes)
