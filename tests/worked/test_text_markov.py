"""The counting model: probabilities worked by hand, lengths, temperature, and what it may not say again."""

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, DataError, LedgerError, MintmarkError, UnknownName
from mintmark.generators.text.markov import Markov
from mintmark.words import pieces
from mintmark.words.kneser_ney import KneserNey
from mintmark.words.successors import BEGIN, END, Successors
from talk import rng

STORY = [
    "The cat sat on the mat and looked at the moon.",
    "The dog sat on the step and looked at the cat.",
    "A cat and a dog sat on the moon and looked at the mat.",
    "The moon looked at the dog and the cat.",
]


def learnt(texts, **more):
    return Markov(**more).fit(Dataset.of({"text": texts}), rng=rng())


def spoken(speaker, count, seed=1):
    return speaker.sample(count, rng=rng(seed)).table["text"].to_pylist()


def folded(text):
    return [piece.strip().lower() for piece in pieces.words(text)]


@pytest.mark.parametrize("text", ["", "a", "  Don't stop, now!  ", "naïve café—3.5\n\nx ", "日本語、です", "''’"])
def test_pieces_give_the_text_back(text):
    assert "".join(pieces.words(text)) == text
    assert "".join(pieces.characters(text)) == text


def test_accents_that_stand_alone_part_no_word():
    assert pieces.words("o\u0301 wa\u0300, नमस्ते!") == ["o\u0301", " wa\u0300", ",", " नमस्ते", "!"]


def test_probabilities_by_hand():
    # Of "a b" and "a c", order 2: pairs (^a) 2, (ab), (ac), (b$), (c$) 1 each: D = 4 / (4 + 2) = 2/3. Single pieces by
    # how many stand before them: a 1, b 1, c 1, $ 2: D = 3/5, of 5, and an unknown fifth beside four known.
    a, b, c = 2, 3, 4
    model = Successors.of([[a, b], [a, c]], 2)
    once = 0.4 / 5 + 0.6 * 4 / 5 / 5
    assert model.common[[a, b, c, END]] == pytest.approx([once, once, once, 1.4 / 5 + 0.096])
    assert model.unknown == pytest.approx(0.096)
    assert model.probability(b, [a]) == pytest.approx((1 - 2 / 3) / 2 + 2 / 3 * once)
    assert model.probability(a, []) == pytest.approx((2 - 2 / 3) / 2 + 1 / 3 * once)
    assert model.probability(a, [b]) == pytest.approx(2 / 3 * once)
    assert model.probability(9, [a]) == pytest.approx(2 / 3 * 0.096)


def test_perplexity_by_hand():
    once = 0.176
    chances = (4 / 3 / 2 + once / 3) * (1 / 3 / 2 + 2 / 3 * once) * (1 / 3 + 2 / 3 * 0.376)
    assert learnt(["a b", "a c"], order=2, rare=1).perplexity(["a b"]) == pytest.approx(chances ** (-1 / 3))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_arrays_say_what_the_plain_model_says(order):
    draw = rng(order)
    texts = [draw.integers(2, 9, draw.integers(0, 9)).tolist() for _ in range(40)]
    plain, ours = KneserNey(texts, order), Successors.of(texts, order)
    for _ in range(20):
        text = draw.integers(2, 12, 6).tolist()
        assert ours.surprise(text) == pytest.approx(plain.surprise(text))
    known, share, factor = ours.following([3, 4])
    others = np.setdiff1d(np.arange(len(ours.common)), known)
    assert share.sum() + factor * (ours.common[others].sum() + ours.unknown) == pytest.approx(1)
    assert ours.common[BEGIN] == 0


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_pieces_are_drawn_by_their_probabilities(temperature):
    # All texts have two words, so that nothing but the second word after "a" is left to chance there. 4 standard
    # deviations: a false alarm once in 16,000 seeds.
    speaker = learnt(["a b", "a b", "a b", "a c", "a d", "b c"], order=2, rare=1, temperature=temperature, longest=9)
    first = speaker.vocabulary.index(" a") + 3
    chances = np.array([speaker.model.probability(place, [first]) for place in range(3, 7)]) ** (1 / temperature)
    expected = chances[speaker.vocabulary.index(" b")] / chances.sum()
    seconds = [text[2:] for text in spoken(speaker, 4000) if text.startswith("a ")]
    assert np.mean([second == "b" for second in seconds]) == pytest.approx(
        expected, abs=4 * np.sqrt(expected * (1 - expected) / len(seconds))
    )


def runs(texts, size):
    return {tuple(words[i : i + size]) for words in map(folded, texts) for i in range(len(words) - size + 1)}


def test_no_passage_longer_than_stated_is_told_again():
    held = spoken(learnt(STORY, longest=4, temperature=0.3), 100)
    assert not runs(held, 5) & runs(STORY, 5)
    assert runs(held, 4) & runs(STORY, 4)
    # Without the guard the same model does tell them again.
    assert runs(spoken(learnt(STORY, longest=1000, temperature=0.3), 100), 5) & runs(STORY, 5)


def test_capitals_and_space_do_not_hide_a_passage():
    shouted = [text.upper().replace(" ", "  ") for text in STORY]
    held = spoken(learnt([*STORY, *shouted], longest=4, rare=1), 100)
    assert not runs(held, 5) & runs(STORY, 5)


def test_pieces_that_meet_make_no_passage_either():
    # " any" and "thing", which stands behind a bracket, are two pieces that read as the one word before "goes".
    texts = ["anything goes", "any (thing)", "goes any"] * 2
    speaker, draw = learnt(texts, longest=1, order=2, temperature=5.0), rng()
    assert any(("anything", "goes") in runs([speaker._speak(draw)], 2) for _ in range(2000))
    assert not runs(spoken(speaker, 500), 2) & runs(texts, 2)


def test_a_text_that_can_go_nowhere_else_ends_early():
    # With one word, the third would make a passage of three.
    assert set(spoken(learnt(["a a a a"] * 2, longest=2, rare=2), 20)) == {"a a"}


def test_lengths_are_those_of_the_corpus():
    texts = [" ".join(rng(i).choice(list("abcdefgh"), 5 if i % 4 else 40)) for i in range(80)]
    lengths = np.array([len(folded(text)) for text in spoken(learnt(texts, longest=1000), 300)])
    assert set(lengths[lengths < 20]) <= {4, 5, 6}
    assert set(lengths[lengths >= 20]) <= set(range(32, 49))
    # A quarter is long; 4 standard deviations.
    assert np.mean(lengths > 20) == pytest.approx(0.25, abs=0.1)


def test_what_too_few_texts_hold_is_never_made():
    texts = ["call me on 555123 now", "call me on the phone now", "call me now on the phone"]
    speaker = learnt(texts)
    assert not any("555123" in text for text in spoken(speaker, 200))
    assert "555123" not in " ".join(speaker.vocabulary)
    assert any("555123" in text for text in spoken(learnt(texts, rare=1), 200))


def test_characters_make_words_that_nobody_wrote():
    held = spoken(learnt(STORY * 2, pieces="character", order=3, longest=30), 50)
    assert {word for text in held for word in text.split()} - {word for text in STORY for word in text.split()}
    assert not any(text in STORY for text in held)


def test_notes_say_what_may_come_back_whole():
    assert "of more than 12 words" in learnt(STORY).notes[1]
    assert "1 of these are" in learnt([*STORY, "The cat sat."], longest=5).notes[1]


def test_it_is_kept_in_plain_files_and_altered_ones_are_refused(tmp_path):
    speaker = learnt(STORY)
    speaker.save(tmp_path)
    again = Markov().load(tmp_path)
    assert spoken(again, 30) == spoken(speaker, 30) == spoken(learnt(STORY), 30)
    assert spoken(speaker, 30) != spoken(speaker, 30, seed=2)
    assert again.perplexity(STORY) == speaker.perplexity(STORY)
    draw = rng(5)
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        for _ in range(20):
            place = int(draw.integers(len(whole)))
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
            with pytest.raises(MintmarkError):
                Markov().load(tmp_path)
        path.unlink()
        with pytest.raises(LedgerError):
            Markov().load(tmp_path)
        path.write_bytes(whole)


def test_what_it_cannot_serve_is_said():
    with pytest.raises(UnknownName, match="text"):
        Markov().fit(Dataset.of({"body": STORY}), rng=rng())
    with pytest.raises(DataError, match="no real data"):
        Markov().fit(None, rng=rng())
    with pytest.raises(DataError, match="2 texts"):
        learnt(["one", "two", "three"])
    with pytest.raises(ConditionError, match="completes no rows"):
        learnt(STORY).sample(1, rng=rng(), given=Dataset.of({"text": ["The cat"]}))
    with pytest.raises(DataError, match="no text"):
        learnt(STORY).perplexity([])
    assert learnt(STORY).sample(0, rng=rng()).table.num_rows == 0
