"""Model files: what is written comes back, and what was altered is refused."""

import json

import numpy as np
import pytest

from mintmark import catalog
from mintmark.errors import LedgerError
from mintmark.generators import storage
from mintmark.generators.text import corpus

METHOD = "text.example"


def test_what_is_written_comes_back_with_arrays_and_without(tmp_path):
    storage.write(tmp_path, METHOD, {"words": ["é", 1, None]})
    assert storage.read(tmp_path, METHOD) == ({"format": 1, "method": METHOD, "words": ["é", 1, None]}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]
    storage.write(tmp_path, METHOD, {"words": []}, {"codes": np.arange(3)})
    body, arrays = storage.read(tmp_path, METHOD)
    assert (body["words"], arrays["codes"].tolist()) == ([], [0, 1, 2])


@pytest.mark.parametrize("alter", [
    lambda folder: (folder / "model.json").unlink(),
    lambda folder: (folder / "model.npz").unlink(),
    lambda folder: (folder / "model.npz").write_bytes(b"PK"),
    lambda folder: (folder / "model.json").write_text((folder / "model.json").read_text().replace("one", "two")),
    lambda folder: (folder / "model.json").write_text("[" * 100_000),
    lambda folder: (folder / "model.json").write_text(json.dumps([METHOD])),
])  # fmt: skip
def test_whatever_was_altered_is_refused(tmp_path, alter):
    storage.write(tmp_path, METHOD, {"word": "one"}, {"codes": np.arange(3)})
    alter(tmp_path)
    with pytest.raises(LedgerError):
        storage.read(tmp_path, METHOD)


def test_a_model_of_another_method_and_a_corpus_without_its_texts_are_refused(tmp_path):
    corpus.save(tmp_path, METHOD, "seeds", ["a", "b"])
    assert corpus.load(tmp_path, METHOD, "seeds") == ("a", "b")
    with pytest.raises(LedgerError, match=r"not a model of text\.other"):
        corpus.load(tmp_path, "text.other", "seeds")
    with pytest.raises(LedgerError, match="cannot be read"):
        corpus.load(tmp_path, METHOD, "texts")


def test_what_generators_share_stands_on_no_shelf():
    shelves = {name.partition(".")[0] for name in catalog.names("generators")}
    assert shelves == {"tabular", "text"}
