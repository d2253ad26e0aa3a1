"""Every filter on the shelf keeps the contract: it repeats itself, gives reasons, and streams where it says so."""

import dataclasses
import importlib.util
import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.errors import MintmarkError
from mintmark.filters.filter import Filter, Sieve, Sifted
from mintmark.seeds import Seed

NAMES = catalog.names("filters")
NEEDS_EXTRA = {
    "filters.language": "py3langid",
    "filters.judge": "jsonschema",
    "filters.preference": "jsonschema",
}
NUMBERS = {"filters.keep_top"}
"""Those whose column holds numbers."""

BAD = "Call 555-123-4567 now, you bastard"
ITEM = "how many apples does the farmer have left after he sold half of them to each of his three neighbours"
HARD = [
    None,
    "",
    "   ",
    "…",
    "🙂🙂",
    "你好,世界。今天天气很好",
    "ÅNGSTRÖM ångström",
    "a\x00b",
    "\ud800",
    "İstanbul",
    "x" * 5000,
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filters")
    (folder / "benchmark.jsonl").write_text(json.dumps({"question": ITEM}) + "\n" + json.dumps({"question": "Why?"}))
    (folder / "capitals.csv").write_text("country,capital\nFrance,Paris\nSpain,Madrid\n")
    return folder


def parameters(name: str, files: Path) -> dict[str, Any]:
    more: Mapping[str, dict[str, Any]] = {
        "filters.length": {"least": 3, "most": 200},
        "filters.format": {"must": ("sentence", "printable", "brackets")},
        "filters.decontamination": {"benchmarks": {"apples": str(files / "benchmark.jsonl")}},
        "filters.facts": {
            "file": str(files / "capitals.csv"),
            "key": "country",
            "patterns": (r"The capital of (?P<country>\w+) is (?P<capital>\w+)",),
        },
        "filters.keep_top": {"column": "score", "share": 0.5},
        "filters.quality": {"label": "label", "good": "ham"},
        "filters.similarity": {"least": 0.2, "most": 0.95},
        "filters.language": {"languages": "en"},
        "filters.judge": {"rubric": "It is about fruit.", "model": model("<text>[^<]*apples", "score", 5, 2)},
        "filters.reward": {"least": 0.5, "model": rewarding("apples", "2.25", "-1e-3")},
        "filters.preference": {
            "rubric": "It is about fruit.",
            "against": "label",
            "model": model("<first>[^<]*apples", "better", "first", "second"),
        },
    }
    return {"column": "text", **more.get(name, {})}


def rewarding(match: str, good: str, bad: str) -> dict[str, Any]:
    """A model that gives one reward to a text that matches, and another to all others."""
    return {"use": "models.scripted", "with": {"rules": [{"match": match, "reply": good}, {"match": "", "reply": bad}]}}


def model(match: str, name: str, good: Any, bad: Any) -> dict[str, Any]:
    """A judge that says one thing of a text that matches, and another of all others."""
    said = [
        {"match": each, "reply": json.dumps({"reason": "so", name: value})}
        for each, value in ((match, good), (".", bad))
    ]
    return {"use": "models.scripted", "with": {"rules": said}}


def sentence(rng: np.random.Generator) -> str:
    subjects = ["the farmer", "a nurse", "my sister", "the old captain", "one student", "our neighbour"]
    verbs = ["sells", "finds", "paints", "remembers", "repairs", "describes"]
    objects = ["apples", "a boat", "three letters", "the garden", "an engine", "every story"]
    words = [str(rng.choice(each)) for each in (subjects, verbs, objects, subjects, verbs, objects)]
    return f"{' '.join(words[:3])} while {' '.join(words[3:])} for the {rng.integers(30)}th time.".capitalize()


def rows(count: int, seed: int) -> pa.Table:
    """Sentences of few words, some of them again, with what each filter looks for and with what is hard to read."""
    rng = np.random.default_rng(seed)
    texts: list[str | None] = [sentence(rng) for _ in range(count)]
    for place in range(0, count, 7):
        texts[place] = texts[place // 2]
    for place, odd in enumerate(
        [*HARD, BAD, f"So tell me, {ITEM}?", "The capital of Spain is Paris.", "Why?", "no end ("]
    ):
        texts[(place * 5 + 3) % count] = odd
    label = ["ham" if text and "apples" in text else "spam" for text in texts]
    # Arrow holds no lone surrogate: the row that would bear one has a replacement character.
    safe = [text if text is None else text.encode("utf-8", "replace").decode() for text in texts]
    return pa.table(
        {"text": safe, "label": label, "score": rng.integers(0, 9, count).astype(float), "age": range(count)}
    )


REAL = Dataset.of(rows(300, 1).drop_columns(["age"]))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    package = NEEDS_EXTRA.get(request.param)
    if package and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    return request.param


@pytest.fixture
def filter_(name: str, files: Path) -> Filter:
    return catalog.build("filters", name, parameters(name, files))


def opened(filter_: Filter) -> Sieve:
    return filter_.open(REAL, rng=Seed(3).rng())


def test_its_class_says_what_it_does_and_its_fields_are_its_parameters(filter_: Filter) -> None:
    kind = type(filter_)
    assert isinstance(filter_.streams, bool)
    assert (kind.__doc__ or "").strip().count("\n") >= 1
    again = kind(**catalog.parameters(filter_))
    assert again == filter_
    assert dataclasses.is_dataclass(filter_)


def test_it_refuses_a_parameter_that_it_does_not_have(name: str, files: Path) -> None:
    with pytest.raises(MintmarkError, match="tempo"):
        catalog.build("filters", name, {**parameters(name, files), "tempo": 1})


def test_it_drops_something_and_keeps_something_each_with_a_reason(filter_: Filter) -> None:
    table = rows(200, 2)
    sifted = opened(filter_).sift(table)
    sound(sifted, len(table))
    assert 0 < sifted.keep.sum() < len(table)


def sound(sifted: Sifted, count: int) -> None:
    assert sifted.keep.shape == (count,)
    assert sifted.keep.dtype == bool
    assert len(sifted.reasons) == len(sifted.shown) == count
    for keep, reason, shown in zip(sifted.keep, sifted.reasons, sifted.shown, strict=True):
        assert (reason is None) == bool(keep) == (shown is None)
        assert keep or (reason and reason == reason.strip() and "\n" not in reason)


def test_the_same_rows_get_the_same_answer(filter_: Filter) -> None:
    table = rows(150, 4)
    assert_same(opened(filter_).sift(table), opened(filter_).sift(table))


def assert_same(one: Sifted, other: Sifted) -> None:
    assert one.keep.tolist() == other.keep.tolist()
    assert one.reasons == other.reasons
    assert one.shown == other.shown


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 200), max_size=6))
@pytest.mark.parametrize("name", NAMES)
def test_rows_get_the_same_answer_in_runs_of_any_length(name: str, files: Path, cuts: list[int]) -> None:
    if name in NEEDS_EXTRA and importlib.util.find_spec(NEEDS_EXTRA[name]) is None:
        pytest.skip(f"{NEEDS_EXTRA[name]} is not installed")
    filter_: Filter = catalog.build("filters", name, parameters(name, files))
    if not filter_.streams:
        pytest.skip("it judges each run as a whole, and says so")
    table = rows(40 if getattr(filter_, "talks", False) else 200, 5)
    borders = [0, *sorted(min(cut, len(table)) for cut in cuts), len(table)]
    sieve = opened(filter_)
    parts = [sieve.sift(table.slice(low, high - low)) for low, high in pairwise(borders)]
    joined = Sifted(
        np.concatenate([part.keep for part in parts]),
        tuple(reason for part in parts for reason in part.reasons),
        tuple(shown for part in parts for shown in part.shown),
    )
    assert_same(joined, opened(filter_).sift(table))


def test_what_was_kept_is_kept_again_so_that_a_killed_run_can_go_on(filter_: Filter) -> None:
    """A sieve is made again by sifting what it let through."""
    if not filter_.streams:
        pytest.skip("it judges each run as a whole, and says so")
    table, more = rows(150, 6), rows(80, 7)
    first = opened(filter_)
    kept = table.filter(pa.array(first.sift(table).keep))
    again = opened(filter_)
    assert again.sift(kept).keep.all()
    assert first.sift(more).keep.tolist() == again.sift(more).keep.tolist()


def test_no_rows_are_no_trouble(filter_: Filter) -> None:
    sound(opened(filter_).sift(rows(30, 8).slice(0, 0)), 0)


def test_missing_empty_and_odd_texts_get_an_answer(filter_: Filter, name: str) -> None:
    safe = [text if text is None else text.encode("utf-8", "replace").decode() for text in HARD]
    table = pa.table({"text": safe, "label": safe, "score": [None, np.nan, *range(len(safe) - 2)]})
    sound(opened(filter_).sift(table), len(table))
    nothing = pa.nulls(5, pa.string())
    everything = pa.table({"text": nothing, "label": nothing, "score": pa.nulls(5, pa.float64())})
    sound(opened(filter_).sift(everything), 5)


@pytest.mark.parametrize("type_", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_text_is_read_however_it_is_stored(filter_: Filter, name: str, type_: pa.DataType) -> None:
    table = rows(60, 9)
    other = table.set_column(0, "text", table["text"].cast(type_))
    assert_same(opened(filter_).sift(table), opened(filter_).sift(other))


def test_a_column_that_is_not_there_is_named_with_those_that_are(name: str, files: Path) -> None:
    wrong = {**parameters(name, files), "column": "body"}
    if name == "filters.similarity":
        wrong["seeds"] = "text"
    real = Dataset.of(REAL.table.append_column("body", REAL.table["text"])) if name == "filters.quality" else REAL
    with pytest.raises(MintmarkError) as error:
        catalog.build("filters", name, wrong).open(real, rng=Seed(3).rng()).sift(rows(30, 8))
    assert "'body'" in str(error.value)
    assert "text" in str(error.value)


def test_a_column_of_another_kind_is_refused(name: str, files: Path) -> None:
    wrong = {**parameters(name, files), "column": "label" if name in NUMBERS else "age"}
    more = Dataset.of(REAL.table.append_column("age", REAL.table["text"]))
    with pytest.raises(MintmarkError, match="holds no"):
        catalog.build("filters", name, wrong).open(more, rng=Seed(3).rng()).sift(rows(30, 8))
