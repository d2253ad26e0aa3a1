"""Changing a few words of real texts: each operation by hand, where synonyms come from, what is copied beside."""

import gzip
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, DataError, GenerationError, LedgerError, RecipeError, UnknownName
from mintmark.generators.text.augment import Augment
from mintmark.words import pieces, synonyms
from talk import rng

TEXT = "The big dog ran to the small house, and it was glad."
OFF = {"replace": 0, "insert": 0, "swap": 0, "delete": 0}

DATA = """\
  1 This software and database is being provided to you, the LICENSEE, by
00001740 03 n 02 dog 0 domestic_dog 0 000 | a pet
00002137 03 n 02 dog 1 frump 0 001 @ 00001740 n 0000 | an unkind word
00003000 03 n 01 house 0 000 | a building
"""
INDEX = """\
  1 This software and database is being provided to you, the LICENSEE, by
dog n 2 1 @ 2 1 00001740 00002137
domestic_dog n 1 0 1 0 00001740
house n 1 0 1 0 00003000
"""
LEXICON = """<?xml version="1.0" encoding="UTF-8"?>
<LexicalResource><Lexicon id="x" label="x" language="en" email="x" license="x" version="1">
<LexicalEntry id="a"><Lemma writtenForm="glad" partOfSpeech="a"/><Sense id="1" synset="s1"/></LexicalEntry>
<LexicalEntry id="b"><Lemma writtenForm="happy" partOfSpeech="a"/><Sense id="2" synset="s1"/></LexicalEntry>
<Synset id="s1" ili="i1" partOfSpeech="a"/></Lexicon></LexicalResource>"""


def wordnet(folder):
    for part in synonyms.PARTS:
        (folder / f"data.{part}").write_text(DATA if part == "noun" else "")
        (folder / f"index.{part}").write_text(INDEX if part == "noun" else "")
    return folder


@pytest.fixture
def listed(tmp_path):
    (tmp_path / "own.txt").write_text("big, large\nsmall,little\ttiny\nglad, happy\nthe, that\n")
    return tmp_path / "own.txt"


def changed(count=60, texts=(TEXT,), seed=1, **more):
    learnt = Augment(**{**OFF, **more}).fit(Dataset.of({"text": list(texts)}), rng=rng())
    return learnt.sample(count, rng=rng(seed)).table["text"].to_pylist()


def bag(text):
    return Counter(piece.strip() for piece in pieces.words(text))


def test_wordnet_gives_the_first_meanings(tmp_path):
    assert synonyms.read(wordnet(tmp_path), senses=1) == {"dog": ("domestic dog",)}
    assert synonyms.read(tmp_path)["dog"] == synonyms.read(tmp_path, senses=2)["dog"] == ("domestic dog", "frump")


def test_a_lexicon_and_a_list_are_read(tmp_path, listed):
    (tmp_path / "w.xml").write_text(LEXICON)
    with gzip.open(tmp_path / "w.xml.gz", "wt") as file:
        file.write(LEXICON)
    assert synonyms.read(tmp_path / "w.xml") == synonyms.read(tmp_path / "w.xml.gz") == {
        "glad": ("happy",), "happy": ("glad",)}  # fmt: skip
    assert synonyms.read(listed)["small"] == ("little", "tiny")


@pytest.mark.parametrize(("name", "body"), [
    ("missing.txt", None), ("empty.txt", ""), ("broken.xml", "<LexicalResource><Lexicon>"), ("bad.xml.gz", "no gzip"),
    ("latin.txt", b"na\xefve, simple"),
])  # fmt: skip
def test_what_cannot_be_read_is_said(tmp_path, name, body):
    if body is not None:
        (tmp_path / name).write_bytes(body if isinstance(body, bytes) else body.encode())
    with pytest.raises(DataError, match="synonyms"):
        synonyms.read(tmp_path / name)


def test_a_folder_that_is_no_wordnet_is_said(tmp_path):
    with pytest.raises(DataError, match="synonyms"):
        synonyms.read(tmp_path)
    wordnet(tmp_path)
    (tmp_path / "index.noun").write_text("dog n 2 1 @ 2 1 00009999 00002137\n")
    with pytest.raises(DataError, match="synonyms"):
        synonyms.read(tmp_path)


def test_words_are_replaced_by_synonyms_and_stop_words_are_not(listed):
    made = set(changed(replace=0.1, synonyms=str(listed)))
    # 12 words and a rate of 0.1: one word each.
    assert made == {TEXT.replace("big", "large"), TEXT.replace("small", "little"), TEXT.replace("small", "tiny"),
                    TEXT.replace("glad", "happy")}  # fmt: skip
    both = changed(replace=1.0, synonyms=str(listed))
    assert all("large" in text and "happy" in text and "the" in text for text in both)
    assert changed(1, texts=["Glad tidings"], replace=0.1, synonyms=str(listed)) == ["Happy tidings"]


def test_synonyms_are_put_in(listed):
    for text in changed(insert=0.2, synonyms=str(listed)):
        new = bag(text) - bag(TEXT)
        assert not bag(TEXT) - bag(text)
        assert sum(new.values()) == 2  # 0.2 of 12 words
        assert set(new) <= {"large", "little", "tiny", "happy"}


def test_words_change_places_and_marks_stay():
    for text in changed(swap=0.1):
        assert bag(text) == bag(TEXT)
        assert sum(a != b for a, b in zip(pieces.words(text), pieces.words(TEXT), strict=True)) == 2
        assert text.endswith(".")
        assert ", " in text


def test_each_word_is_left_out_with_its_rate():
    texts = changed(1500, delete=0.25)
    gone = [sum((bag(TEXT) - bag(text)).values()) for text in texts]
    # 12 words of which at least one goes: 12 × 0.25 / (1 − 0.75¹²) = 3.10; 4 standard deviations of the mean.
    assert np.mean(gone) == pytest.approx(3 / (1 - 0.75**12), abs=4 * 1.4 / np.sqrt(1500))
    assert all(not bag(text) - bag(TEXT) for text in texts)
    assert set(changed(20, texts=["one two"], delete=1.0)) == {"one", "two"}


def test_all_texts_are_used_alike_and_none_comes_back_as_it_was():
    texts = [f"word{i} and more words follow here" for i in range(7)]
    made = changed(70, texts=texts, swap=0.2)
    whose = Counter(next(i for i in range(7) if f"word{i}" in text) for text in made)
    assert set(whose.values()) == {10}
    assert not set(made) & set(texts)


def test_a_text_that_cannot_be_changed_gives_way_to_one_that_can():
    assert set(changed(9, texts=["Yes", "go on"], swap=0.1)) == {"on go"}
    with pytest.raises(GenerationError, match="can change none"):
        changed(1, texts=["Yes", "No"], swap=0.1)


def table():
    return Dataset.of(pa.table({
        "text": ["buy it now please", "see you at eight", None, "win a car today"], "label": [True, False, False, True],
        "id": ["x1", "x2", "x3", "x4"], "size": [1, 2, 3, 4],
    }))  # fmt: skip


def test_classes_and_what_is_asked_for_are_copied_and_nothing_else():
    learnt = Augment(target="label", beside=("size",)).fit(table(), rng=rng())
    made = learnt.sample(30, rng=rng()).table
    assert made.column_names == ["text", "label", "size"]
    assert made.schema.field("label").type == pa.bool_()
    words = {1: "buy", 2: "eight", 4: "today"}
    for row in made.to_pylist():
        source = next(each for each in table().table.to_pylist() if each["size"] == row["size"])
        assert set(row["text"].split()) <= set(source["text"].split())
        assert row["label"] == source["label"]
        assert row["size"] in words
    assert Augment.origin == "augmented"


def test_given_classes_are_kept_in_their_order():
    learnt = Augment(target="label").fit(table(), rng=rng())
    given = Dataset.of(pa.table({"label": [True, True, False]}))
    made = learnt.sample(3, rng=rng(), given=given).table
    assert made["label"].to_pylist() == [True, True, False]
    assert set(made["text"][2].as_py().split()) <= {"see", "you", "at", "eight"}
    with pytest.raises(ConditionError, match="copies no column id"):
        learnt.sample(1, rng=rng(), given=Dataset.of({"id": ["x1"]}))
    few = Augment(target="label").fit(Dataset.of({"text": ["a b"], "label": ["x"]}), rng=rng())
    with pytest.raises(ConditionError, match="no real text"):
        few.sample(1, rng=rng(), given=Dataset.of({"label": ["y"]}))


def test_it_is_kept_in_a_plain_file(tmp_path, listed):
    made = Augment(target="label", synonyms=str(listed))
    learnt = made.fit(table(), rng=rng())
    (tmp_path / "m").mkdir()
    learnt.save(tmp_path / "m")
    listed.unlink()
    again = made.load(tmp_path / "m")
    assert again == learnt
    assert again.sample(9, rng=rng()).digest == learnt.sample(9, rng=rng()).digest
    assert again.sample(9, rng=rng()).digest != learnt.sample(9, rng=rng(2)).digest
    path = tmp_path / "m" / "model.json"
    path.write_text(path.read_text().replace("eight", "seven"))
    with pytest.raises(LedgerError):
        made.load(tmp_path / "m")


def test_mistakes_are_named(listed):
    with pytest.raises(RecipeError, match="nothing is to be changed"):
        Augment(**{**OFF, "replace": 0.1})
    with pytest.raises(UnknownName, match="lable"):
        Augment(target="lable").fit(table(), rng=rng())
    with pytest.raises(DataError, match="no real data"):
        Augment().fit(None, rng=rng())
    assert "have a synonym" in Augment(synonyms=str(listed)).fit(table(), rng=rng()).notes[0]
    assert "no synonyms" in Augment().fit(table(), rng=rng()).notes[0]
