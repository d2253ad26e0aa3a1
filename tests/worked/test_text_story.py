"""Stories from a script: what is drawn, what must be in them, how they may begin."""

import re

import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import ConditionError, GenerationError, InputError, LedgerError, RecipeError
from mintmark.generators.text.story import FEATURES, Story
from mintmark.generators.text.vocabulary import ADJECTIVES, NOUNS, VERBS, holds
from mintmark.generators.workshop import Workshop
from talk import Told, rng, scripted

GOOD = (r"verb “(\w+)”, the noun “(\w+)” and the adjective “(\w+)”",
        r"Long ago a \3 \2 lived here. It wanted to \1. \"Let us go,\" it said.")  # fmt: skip


def teller(*rules, **more):
    return Story(model=scripted(*(rules or (GOOD,))), **more).fit(None, rng=rng())


@pytest.mark.parametrize(("text", "word", "there"), [
    ("He walked home.", "walk", True), ("Two Wolves came", "wolf", True), ("the babies slept", "baby", True),
    ("She hugged him", "hug", True), ("they are baking", "bake", True), ("the happiest day", "happy", True),
    ("a category of things", "cat", False), ("nothing", "thing", False), ("the dog's bone", "dog", True),
    ("He went.", "go", False), ("knives", "knife", True), ("a rainy day", "rain", False), ("so muddy!", "mud", True),
])  # fmt: skip
def test_a_word_is_known_in_its_regular_forms(text, word, there):
    assert holds(text, word) is there


def test_the_lists_hold_single_words_once():
    for words in (VERBS, NOUNS, ADJECTIVES):
        assert len(set(words)) == len(words) > 100
        assert all(word.islower() and word.isalpha() for word in words)


def test_each_story_holds_the_words_that_were_drawn_for_it():
    made = teller().sample(40, rng=rng()).table.to_pylist()
    assert all(holds(row["story"], row[name]) for row in made for name in ("verb", "noun", "adjective"))
    assert len({(row["verb"], row["noun"], row["adjective"]) for row in made}) == 40
    assert all(row["verb"] in VERBS and row["noun"] in NOUNS and row["adjective"] in ADJECTIVES for row in made)


def test_each_feature_comes_as_often_as_it_should():
    # 6 features × 300 stories with a chance of 0.3: 540 ± 4 × 19.4.
    told = [request.messages[-1].content for request in teller(often=0.3).requests(300)]
    assert sum(said in text for text in told for said in FEATURES.values()) == pytest.approx(540, abs=78)
    assert not any(said in request.messages[-1].content for request in teller(often=0).requests(20)
                   for said in FEATURES.values())  # fmt: skip


@pytest.mark.parametrize(("said", "reason", "shown"), [
    ("A story about nothing.", "a word is not in it", "jump, fox, red"),
    ("The red fox was glad.", "a word is not in it", "jump"),
    ("The red fox jumped.", "nobody speaks", "no quotation mark"),
    ("  ", "empty", ""),
    ("The red fox jumped. " * 10 + "“Oh”", "cut off", "after 32 tokens"),
])  # fmt: skip
def test_what_was_not_asked_for_is_put_aside(said, reason, shown):
    heard = Told()
    model = teller(("", said), verbs=["jump"], nouns=["fox"], adjectives=["red"], often=1.0, max_tokens=32)
    with pytest.raises(GenerationError, match=r"text\.story made 0 of 3"):
        model.sample(3, rng=rng(), workshop=heard.workshop)
    assert {(why, how) for why, how, _ in heard.aside} == {(reason, shown)}


def test_no_more_stories_than_allowed_begin_alike():
    tail = r" a \3 \2 came to \1. \"Yes!\""
    begins = ("Once upon a time there was",) * 8 + ("In a far off valley", "Early one morning in May")
    heard = Told()
    model = teller((GOOD[0], tuple(begin + tail for begin in begins)), alike=0.5)
    made = model.sample(60, rng=rng(), workshop=heard.workshop).table["story"].to_pylist()
    alike = sum(story.startswith("Once upon") for story in made)
    # Half of them, but for the last ones: the share holds at every story, so no more than 31 of 60.
    assert 25 <= alike <= 31
    assert set(heard.reasons) == {"too many begin so"}
    assert sum(story.startswith("Once") for story in teller((GOOD[0], tuple(begin + tail for begin in begins))).sample(
        60, rng=rng()).table["story"].to_pylist()) > 40  # fmt: skip


def test_how_they_begin_is_told():
    told = []
    teller().sample(5, rng=rng(), workshop=Workshop(say=lambda what, *_: told.append(what)))
    assert re.match(r"\d+% of stories begin with “long ago a \w+”", told[-1])


def test_how_they_begin_is_tallied_for_the_record():
    found = []
    made = teller().sample(5, rng=rng(), workshop=Workshop(tallied=lambda what, counts: found.append((what, counts))))
    ((what, counts),) = found
    assert what == "how stories begin"
    begun = [" ".join(story.lower().split()[:4]).rstrip(".,!?:;") for story in made.table["story"].to_pylist()]
    assert dict(counts) == {each: begun.count(each) for each in begun}


def test_given_words_are_used_and_other_columns_are_told():
    given = Dataset.of({"noun": ["robot", "whale"], "place": ["Mars", "Rome"]})
    model = teller(("fits these facts: place: Mars", "no robot"), GOOD, tries=2, features={})
    heard = Told()
    made = model.sample(2, rng=rng(), given=given, workshop=heard.workshop).table.to_pylist()
    assert [row["noun"] for row in made] == ["robot", "whale"]
    assert made[0]["story"] is None
    assert "whale" in made[1]["story"]
    assert made[1]["verb"] in VERBS
    assert heard.reasons == ["a word is not in it"] * 2
    with pytest.raises(ConditionError, match="story"):
        model.sample(1, rng=rng(), given=Dataset.of({"story": ["x"]}))


def test_the_same_answers_make_the_same_stories(tmp_path):
    model = teller()
    model.save(tmp_path)
    again = model.recipe.load(tmp_path)
    assert again.sample(9, rng=rng()).digest == model.sample(9, rng=rng()).digest
    assert again.sample(9, rng=rng(2)).digest != model.sample(9, rng=rng()).digest
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(LedgerError):
        model.recipe.load(tmp_path)


def test_mistakes_are_named():
    with pytest.raises((InputError, ValueError)):
        teller(verbs=[])
    with pytest.raises(RecipeError, match="empty"):
        teller(nouns=["fox", " "])
    with pytest.raises(RecipeError, match="leaves out"):
        teller(prompt="Tell me a story with {{verb}}")
    assert "different sets" in teller().notes[0]
