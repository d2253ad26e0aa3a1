"""Filters on real texts: what was planted is found, and nothing is dropped that exact counting would keep."""

import os
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.filters.filter import Sifted
from mintmark.seeds import Seed

pytestmark = pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="needs the real data sets")
ROOT = Path(os.environ.get("MINTMARK_DATA", "."))


def read(file: str) -> pa.Table:
    return mm.read(ROOT / file).table


def sift(name: str, texts: list[str], real: Dataset | None = None, **parameters: object) -> Sifted:
    filter_ = catalog.build("filters", f"filters.{name}", {"column": "text", **parameters})
    return filter_.open(real, rng=Seed(1).rng()).sift(pa.table({"text": texts}))


def news() -> list[str]:
    table = read("ag_news_test/ag_news_test.csv.gz")
    return [f"{a} {b}" for a, b in zip(table["title"].to_pylist(), table["description"].to_pylist(), strict=True)]


def worn(text: str, rng: np.random.Generator) -> str:
    """With up to three words struck out or put in."""
    words = text.split()
    for _ in range(rng.integers(0, 4)):
        place = int(rng.integers(len(words)))
        words[place : place + 1] = [] if rng.random() < 0.5 else [words[place], "quite"]
    return " ".join(words)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def alike(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    """All pairs (earlier, later) of at least that Jaccard similarity, by an inverted index: exact."""
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    pairs, sets = set(), [shingles(text) for text in texts]
    for later, mine in enumerate(sets):
        for earlier, both in Counter(j for each in mine for j in holders[each]).items():
            if both / (len(mine) + len(sets[earlier]) - both) >= threshold:
                pairs.add((earlier, later))
        for each in mine:
            holders[each].append(later)
    return pairs


def test_near_duplicates_are_those_that_exact_counting_finds() -> None:
    """A pair at the threshold is missed with a chance of 2 in 100; most lie above it."""
    rng, originals = np.random.default_rng(0), [text for text in news() if text.isascii()][:2500]
    texts = [*originals, *(worn(text, rng) for text in originals)]
    order = rng.permutation(len(texts))
    texts = [texts[place] for place in order]
    pairs, sifted = alike(texts, 0.8), sift("near_duplicates", texts)
    kept = sifted.keep
    earlier_kept = {later for earlier, later in pairs if kept[earlier]}
    dropped = set(np.flatnonzero(~kept).tolist())
    assert dropped <= earlier_kept  # nothing is dropped without a twin that stayed
    assert len(dropped) >= 0.98 * len(earlier_kept)
    assert len(dropped) > 1000


def test_items_of_a_benchmark_are_found_within_longer_texts_and_other_texts_are_kept() -> None:
    items = read("gsm8k/test.jsonl.gz")["question"].to_pylist()
    clean, rng = news()[:2000], np.random.default_rng(1)
    planted = [f"{clean[i]} {item} {clean[-i]}" for i, item in enumerate(items[:300])]
    pieces = [" ".join(word for word in item.split() if rng.random() > 0.05) for item in items[300:600]]
    benchmarks = {"gsm8k": {"file": str(ROOT / "gsm8k/test.jsonl.gz"), "columns": ("question",)}}
    sifted = sift("decontamination", [*clean, *planted, *pieces], benchmarks=benchmarks)
    assert sifted.keep[:2000].all()
    assert not sifted.keep[2000:2300].any()
    assert (~sifted.keep[2300:]).mean() > 0.95
    words = re.findall(r"\w+", (sifted.shown[2000] or "").lower())
    assert len(words) >= 13


def test_what_self_instruct_calls_novel_is_novel() -> None:
    """Against the whole pool, pair by pair, as the paper's code does."""
    texts = read("alpaca_en_demo/alpaca_en_demo.jsonl.gz")["instruction"].to_pylist()[:250]
    texts += [re.sub(r"\ba\b", "one", text) for text in texts[:50]]
    seeds = Dataset.of({"text": read("self_instruct_seeds/seed_tasks.jsonl")["instruction"].to_pylist()})
    sifted = sift("novelty", texts, seeds, most=0.7)
    pool = [re.findall(r"[a-z0-9]+", text.lower()) for text in seeds.table["text"].to_pylist()]
    for text, keep in zip(texts, sifted.keep, strict=True):
        words = re.findall(r"[a-z0-9]+", text.lower())
        assert keep == all(rouge(words, other) <= 0.7 for other in pool), text
        if keep:
            pool.append(words)


def rouge(one: list[str], other: list[str]) -> float:
    if 2 * min(len(one), len(other)) <= 0.7 * (len(one) + len(other)):
        return 0.0
    row = [0] * (len(other) + 1)
    for x in one:
        last, row = row, [0]
        for j, y in enumerate(other):
            row.append(last[j] + 1 if x == y else max(last[j + 1], row[j]))
    return 2 * row[-1] / (len(one) + len(other))


def test_a_quality_classifier_learns_spam_from_few_labels() -> None:
    table = read("sms_spam/sms_spam.jsonl.gz")
    text, label = (table[name].to_pylist() for name in (text_column(table), "label"))
    real = Dataset.of({"text": text[:300], "label": label[:300]})
    filter_ = catalog.build("filters", "filters.quality", {"column": "text", "label": "label", "good": "ham"})
    sieve = filter_.open(real, rng=Seed(2).rng())
    keep = sieve.sift(pa.table({"text": text[300:2300]})).keep
    ham = np.array(label[300:2300]) == "ham"
    assert keep[ham].mean() > 0.95
    assert keep[~ham].mean() < 0.25
    assert "AUC 0.9" in sieve.notes[0]


def text_column(table: pa.Table) -> str:
    return next(name for name in table.column_names if name != "label")


def test_personal_data_in_real_messages_is_what_one_sees_there() -> None:
    table = read("sms_spam/sms_spam.jsonl.gz")
    sifted = sift("personal", table[text_column(table)].to_pylist())
    assert (~sifted.keep).mean() < 0.02
    assert all("•" in shown for shown in sifted.shown if shown)


def test_duplicates_among_messages_are_counted_exactly() -> None:
    table = read("sms_spam/sms_spam.jsonl.gz")
    texts = [text for text in table[text_column(table)].to_pylist() if re.search(r"\w", text) and text.isascii()]
    different = {tuple(re.findall(r"[a-z0-9]+", text.lower())) for text in texts}
    assert sift("exact_duplicates", texts).keep.sum() == len(different)
