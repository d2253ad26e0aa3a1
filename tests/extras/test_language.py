"""The language of texts, by a model that comes with its package."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.errors import InputError, UnknownName

pytest.importorskip("py3langid")
pytestmark = pytest.mark.text

TEXTS = ["The weather is fine today.", "Das Wetter ist heute schön.", "Il fait beau aujourd'hui.", "ok", None]


def reasons(texts, **parameters):
    filter_ = catalog.build("filters", "filters.language", {"column": "text", **parameters})
    return list(filter_.open(None, rng=np.random.default_rng(0)).sift(pa.table({"text": texts})).reasons)


def test_texts_in_other_languages_are_left_out_and_short_ones_are_not_judged():
    other = "in another language"
    assert reasons(TEXTS, languages="en") == [None, other, other, None, "no text"]
    assert reasons(TEXTS, languages=("de", "fr")) == [other, None, None, None, "no text"]


def test_a_language_of_which_the_model_is_not_sure_is_left_out_where_that_was_asked():
    assert reasons(["Der Hund runs schnell over the Wiese"], languages=("de", "en"), least=1.0) == [
        "language not clear"
    ]


def test_an_unknown_language_is_named_with_near_ones():
    with pytest.raises(UnknownName, match="'eng'"):
        reasons(TEXTS, languages="eng")
    with pytest.raises(InputError):
        reasons(TEXTS, languages=())


@pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="needs the real data sets")
def test_news_in_four_languages_are_told_apart():
    root = Path(os.environ["MINTMARK_DATA"]) / "lafand_mt"
    for file, language, code in (("fr-wol.dev", "fr", "fr"), ("en-yor.dev", "en", "en"), ("en-yor.dev", "yor", "yo")):
        texts = mm.read(root / f"{file}.jsonl.gz").table[language].to_pylist()[:300]
        kept = [reason is None for reason in reasons(texts, languages=code)]
        assert np.mean(kept) > 0.85, language
