"""Questions about written texts: planted faults are seen, closed forms met, and nothing is said where no text is."""

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Evidence, NoEvidence, Reading
from mintmark.metrics.metric import Case
from mintmark.metrics.shortcuts.style import marks
from mintmark.metrics.variety import Variety
from mintmark.metrics.written import written
from mintmark.seeds import Seed
from mintmark.words import alike, coded
from mintmark.words.kneser_ney import END, KneserNey

TEXTS = (
    "coverage.compression", "coverage.duplicates", "coverage.openings", "coverage.phrases", "coverage.vendi",
    "fidelity.mauve", "fidelity.perplexity", "fidelity.topics", "privacy.memorised", "shortcuts.style",
    "validity.contamination",
)  # fmt: skip
VOCABULARY = [f"w{k}" for k in range(3000)]


def prose(seed: int, n: int = 200, words: int = 15) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(VOCABULARY, words)) + "." for _ in range(n)]


def data(texts: list[str], **more: list[Any]) -> Dataset:
    found = Dataset.of({"note": texts, **more})
    assert found.columns["note"].kind == Kind.TEXT
    return found


def ask(name: str, made: Dataset, train: Dataset | None = None, holdout: Dataset | None = None, **case: Any) -> Reading:
    metric = catalog.build("metrics", name, {})
    return metric.measure(Case(made, train, holdout, **case), rng=Seed(1).rng())


def test_distinct_phrases_are_counted_and_blocks_left_out_exactly() -> None:
    """Of a b a b c the shares are 3 of 5 words and 3 of 4 pairs."""
    words = coded.words(["a b a b c"])
    assert [Variety.of(coded.grams(words, n), 5 - n + 1).share for n in (1, 2)] == [0.6, 0.75]
    many = coded.words(["x same", "y same", "z same"] * 25)
    left = Variety.of(many, 150).left_out
    assert left == pytest.approx(math.log((4 + 0.5) / (144 + 0.5)))  # no block holds a word that no other does


def test_a_model_that_says_the_same_again_and_again_is_seen() -> None:
    real = data(prose(0))
    bland = data([" ".join(["so", "it", "goes"] * 5) + f" {i}" for i in range(200)])
    for name in ("coverage.phrases", "coverage.compression"):
        same, low = ask(name, data(prose(1)), holdout=real), ask(name, bland, holdout=real)
        assert same.value > 0.97
        assert low.details["ratio"] < 0.5
        assert low.interval[1] < same.interval[0]


def test_length_plays_no_part_in_variety() -> None:
    """Texts thrice as long of the same words: at equal length they are as various."""
    long, short = data(prose(0, words=45)), data(prose(1, words=15))
    for name in ("coverage.phrases", "coverage.compression"):
        low, high = ask(name, long, holdout=short).details["ratio_interval"]
        assert low <= 1 <= high, name


def test_openings_are_counted() -> None:
    made = [f"Once upon a time {text}" if i % 2 else text for i, text in enumerate(prose(1))]
    reading = ask("coverage.openings", data(made), holdout=data(prose(0)))
    assert reading.details["ratio"] == pytest.approx(101 / 200)
    assert reading.details["most_common_synthetic"] == 0.5
    assert "once" not in json.dumps(dict(reading.details))


def test_near_duplicates_are_those_beyond_reality() -> None:
    texts = prose(1)
    doubled = [f"{texts[i // 2]} again" if i % 2 else texts[i // 2] for i in range(100)] + texts[100:]
    reading = ask("coverage.duplicates", data(doubled), holdout=data(prose(0)))
    assert reading.value == 0.5
    assert reading.interval[0] > 0.3
    assert reading.details["largest_synthetic"] == 2
    assert ask("coverage.duplicates", data(doubled), holdout=data(doubled)).value == 0


def test_pairs_of_near_duplicates_are_those_of_exact_counting() -> None:
    words = [f"w{i}" for i in range(20)]
    texts = [" ".join(words), "other text", " ".join(words).upper(), " ".join([*words, "end"]), ""]
    later, earlier = alike.pairs(texts, 0.8)
    assert sorted(zip(later.tolist(), earlier.tolist(), strict=True)) == [(2, 0), (3, 0)]


def test_memorised_passages_are_counted_beyond_those_that_everybody_writes() -> None:
    train, fresh, made = prose(0, 400), prose(1), prose(2)
    greeting = "dear sir or madam we thank you for your kind letter"
    train, fresh, made = (
        [f"{greeting} {t}" if i % 4 == 0 else t for i, t in enumerate(side)] for side in (train, fresh, made)
    )
    clean = ask("privacy.memorised", data(made), data(train), data(fresh))
    assert clean.value == 0
    assert clean.details["share"] == 0.25
    stolen = [f"{text} {' '.join(train[i].split()[3:12])}" if i % 2 else text for i, text in enumerate(made)]
    leak = ask("privacy.memorised", data(stolen), data(train), data(fresh))
    assert leak.value == 0.5
    assert leak.interval[0] > 0.4
    assert "About 500" in leak.details["words"]
    copies = ask("privacy.memorised", data(train), data(train), data(fresh))
    assert copies.value == 0.75


def test_contamination_by_the_holdout_is_counted() -> None:
    exam = prose(1)
    made = [exam[i] + " so there" if i < 20 else text for i, text in enumerate(prose(2))]
    reading = ask("validity.contamination", data(made), holdout=data(exam))
    assert reading.value == 0.1
    assert ask("validity.contamination", data(prose(2)), holdout=data(exam)).value == 0


def test_kneser_ney_by_hand() -> None:
    """Two texts, "a b" and "a c", in pairs of words.

    Pairs: <s> a twice, a b, a c, b </s>, c </s> once each: D = 4 / (4 + 2 · 1) = 2/3. Words by the number of words that
    they follow: a 1, b 1, c 1, </s> 2, of 5 in all: D = 3 / (3 + 2 · 1) = 3/5. Unknown: one of 5 words.
    """
    model = KneserNey([["a", "b"], ["a", "c"]], order=2)
    uniform = 1 / 5
    mixed = 3 / 5 * 4 / 5 * uniform
    low_a, low_end = (1 - 3 / 5) / 5 + mixed, (2 - 3 / 5) / 5 + mixed
    assert model.probability("a", []) == pytest.approx((2 - 2 / 3) / 2 + 2 / 3 * 1 / 2 * low_a)
    assert model.probability("b", ["a"]) == pytest.approx((1 - 2 / 3) / 2 + 2 / 3 * 2 / 2 * low_a)
    assert model.probability(END, ["b"]) == pytest.approx((1 - 2 / 3) / 1 + 2 / 3 * 1 / 1 * low_end)
    assert model.probability("z", ["z"]) == pytest.approx(mixed)
    total = math.log(model.probability("a", [])) + math.log(model.probability("b", ["a"]))
    assert model.surprise(["a", "b"]) == pytest.approx(-total - math.log(model.probability(END, ["b"])))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_probabilities_sum_to_one_in_every_context(order: int) -> None:
    rng = np.random.default_rng(order)
    texts = [[str(w) for w in rng.choice(list("abcd"), rng.integers(1, 7))] for _ in range(30)]
    model = KneserNey(texts, order)
    for before in ([], ["a"], ["a", "b"], ["d", "d", "d"], ["z"], ["a", "z"]):
        assert sum(model.probability(word, before) for word in [*"abcd", END, "z"]) == pytest.approx(1)


def test_perplexity_tells_disorder_from_learning_by_heart() -> None:
    rng = np.random.default_rng(0)

    def story(n: int) -> list[str]:
        """Each word decides most of the next."""
        out = []
        for _ in range(n):
            words = [int(rng.integers(50))]
            for _ in range(14):
                words.append((words[-1] * 7 + int(rng.integers(3))) % 50)
            out.append(" ".join(f"w{word}" for word in words))
        return out

    train, fresh, made = data(story(300)), data(story(200)), story(200)
    shuffled = [" ".join(rng.permutation(text.split())) for text in made]
    assert ask("fidelity.perplexity", data(made), train, fresh).value > 0.95
    assert ask("fidelity.perplexity", data(shuffled), train, fresh).details["ratio"] > 3
    assert ask("fidelity.perplexity", train, train, fresh).details["ratio"] < 0.9


def test_topics_that_are_missing_are_seen() -> None:
    rng = np.random.default_rng(0)

    def about(topics: list[int]) -> list[str]:
        return [" ".join(f"t{topic}w{word}" for word in rng.integers(20, size=12)) for topic in topics]

    real, same = (data(about(list(rng.integers(4, size=300)))) for _ in range(2))
    assert ask("fidelity.topics", same, holdout=real).value < 0.2
    half = ask("fidelity.topics", data(about(list(rng.integers(2, size=300)))), holdout=real)
    assert half.value == pytest.approx(0.5, abs=0.1)


def test_style_that_gives_the_class_away_is_a_shortcut() -> None:
    def notes(seed: int, mark: bool) -> Dataset:
        label = ["sick" if i % 2 else "well" for i in range(200)]
        texts = [
            text[:-1] + "!" if mark and cls == "sick" else text for text, cls in zip(prose(seed), label, strict=True)
        ]
        return data(texts, label=label)

    real = notes(0, mark=False)
    found = ask("shortcuts.style", notes(1, mark=True), holdout=real, target="label")
    assert found.value > 0.35
    assert found.interval[0] > 0.25
    low, high = ask("shortcuts.style", notes(1, mark=False), holdout=real, target="label").interval
    assert low <= 0 <= high
    assert ask("shortcuts.style", real, holdout=notes(1, mark=True), target="label").value < -0.35
    with pytest.raises(CannotMeasure, match="predicted"):
        ask("shortcuts.style", real, holdout=real)


def test_marks_of_style_do_not_tell_what_is_said() -> None:
    assert (marks("Call me NOW, Ann!") == marks("Tell us WHY, Bob!")).all()
    assert np.isfinite(marks("")).all()


@pytest.mark.parametrize("name", TEXTS)
def test_where_no_column_holds_text_there_is_no_evidence(name: str) -> None:
    table = Dataset.of({"x": np.arange(100.0), "town": ["here", "there"] * 50})
    with pytest.raises(CannotMeasure, match=r"holds text|classes"):
        ask(name, table, table, table, target="x")


@pytest.mark.parametrize("name", TEXTS)
def test_missing_and_empty_texts_are_left_out(name: str) -> None:
    def holed(seed: int) -> Dataset:
        texts = [None if i % 10 == 0 else "" if i % 10 == 1 else text for i, text in enumerate(prose(seed))]
        return data(texts, label=["sick" if i % 2 else "well" for i in range(200)])

    assert np.isfinite(ask(name, holed(1), holed(2), holed(3), target="label").value)


@pytest.mark.parametrize("name", TEXTS)
def test_a_column_of_text_that_the_synthetic_data_lack_is_named(name: str) -> None:
    label = ["sick" if i % 2 else "well" for i in range(200)]
    train, holdout = (data(prose(seed), story=prose(seed + 9), label=label) for seed in (0, 1))
    made = data(prose(2), label=label)
    assert ask(name, made, train, holdout, target="label").details["left_out"].keys() == {"story"}


def test_several_columns_of_text_are_read_as_one() -> None:
    both = Dataset.of({"note": prose(0), "more": prose(1), "age": list(range(200))})
    found = written(Case(both, holdout=both), Seed(1).rng())
    assert found.columns == ("note", "more")
    assert found.n == 200
    assert "\n" in found.real[0]


def test_an_assay_of_texts_has_ceiling_and_floor() -> None:
    label = ["sick" if i % 2 else "well" for i in range(160)]
    train, holdout, made = (data(prose(seed, 160), label=label) for seed in range(3))
    found = mm.assay(train, made, holdout=holdout, target="label", metrics=list(TEXTS))
    for name in TEXTS:
        each = found[name]
        assert isinstance(each, Evidence), each
        assert each.ceiling is not None, each
        assert each.floor is not None, each
    bare = mm.assay(
        Dataset.of({"x": np.arange(90.0)}), Dataset.of({"x": np.arange(90.0)}), metrics=["coverage.phrases"]
    )
    assert isinstance(bare["coverage.phrases"], NoEvidence)


@pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="needs the real data sets")
def test_real_messages_are_as_good_as_each_other_and_a_parrot_is_caught() -> None:
    root = Path(os.environ["MINTMARK_DATA"])
    sms = mm.read(root / "sms_spam" / "sms_spam.jsonl.gz", kinds={"label": "category"})
    column = next(name for name in sms.columns.names if name != "label")
    assert sms.columns[column].kind == Kind.TEXT
    train, rest = sms.split(0.5, rng=np.random.default_rng(0))
    holdout, fresh = rest.split(0.5, rng=np.random.default_rng(1))
    assert ask("coverage.phrases", fresh, holdout=holdout).value > 0.95
    assert ask("fidelity.perplexity", fresh, train, holdout).value > 0.9
    parrot = train.select(np.random.default_rng(2).integers(len(train), size=len(fresh)))
    assert ask("privacy.memorised", parrot, train, holdout).value > 0.5
    low, high = ask("privacy.memorised", fresh, train, holdout).interval
    assert low <= 0 <= high


def letters(seed: int, n: int = 400, *, wrong: float = 0.0, only: str | None = None) -> Dataset:
    """Of fifteen words three tell the class, unless the letter is filed wrongly; each class has words of its own."""
    rng = np.random.default_rng(seed)
    classes = [only or str(rng.choice(["spam", "ham"])) for _ in range(n)]
    notes = [
        " ".join([*rng.choice(VOCABULARY, 12), *(f"{name}{k}" for k in rng.integers(40, size=3))]) for name in classes
    ]
    filed = [("ham" if name == "spam" else "spam") if rng.random() < wrong else name for name in classes]
    return data(notes, kind=filed)


def test_a_sorter_learns_from_synthetic_letters_what_it_learns_from_real_ones() -> None:
    # A fifth is filed wrongly, so that the best sorter is right for four in five.
    train, holdout = letters(1, wrong=0.2), letters(2, wrong=0.2)
    fresh = ask("utility.texts", letters(3, wrong=0.2), train, holdout, target="kind")
    assert fresh.details["trtr"]["value"] == pytest.approx(0.8, abs=0.07)
    assert fresh.interval[0] < 1 < fresh.interval[1]
    # Filed the other way round they teach as much, the other way round.
    assert ask("utility.texts", letters(3, wrong=0.8), train, holdout, target="kind").value < -0.7


def test_letters_of_one_class_alone_teach_nothing() -> None:
    train, holdout = letters(1), letters(2)
    made = Dataset.of(letters(3, only="spam").table, schema=train.columns)
    assert ask("utility.texts", made, train, holdout, target="kind").value == 0


def test_letters_that_mean_nothing_cannot_transfer_anything() -> None:
    mute = [data(prose(seed), kind=["spam", "ham"] * 100) for seed in (1, 2)]
    with pytest.raises(CannotMeasure, match="do not teach"):
        ask("utility.texts", letters(3), *mute, target="kind")
    with pytest.raises(CannotMeasure, match="no column is named"):
        ask("utility.texts", letters(3), letters(1), letters(2))
