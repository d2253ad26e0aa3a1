"""Hugging Face's and OpenML's own clients, without a network."""

import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.data.schema import Kind
from mintmark.data.sources import read_with_notes
from mintmark.errors import DataError, UnknownName

pytestmark = pytest.mark.hub

OFFLINE = """
import json, sys, time
import mintmark as mm
begun = time.monotonic()
try:
    mm.read(sys.argv[1])
except mm.MintmarkError as error:
    print(json.dumps([type(error).__name__, str(error), time.monotonic() - begun]))
"""


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    package = pytest.importorskip("datasets", reason="the extra `hub` is not installed")
    # What the client keeps of what it read lies in a folder of its own.
    monkeypatch.setattr(package.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    return package


@pytest.fixture
def openml() -> ModuleType:
    return pytest.importorskip("openml", reason="the extra `hub` is not installed")


def test_a_table_goes_to_the_hubs_form_and_comes_back(datasets: ModuleType, mixed: mm.Dataset) -> None:
    there = mixed.to_datasets()
    assert isinstance(there, datasets.Dataset)
    assert there.column_names == mixed.columns.names
    back = mm.Dataset.of(there)
    assert back.table.to_pylist() == mixed.table.to_pylist()
    assert [column.kind for column in back.columns.columns] == [column.kind for column in mixed.columns.columns]


def test_types_come_back_as_they_went_but_for_dictionaries(datasets: ModuleType, mixed: mm.Dataset) -> None:
    back = mm.Dataset.of(mixed.to_datasets()).table.schema
    for field in mixed.table.schema:
        decoded = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        assert back.field(field.name).type == decoded, field.name


def test_only_the_rows_that_were_picked_are_read(datasets: ModuleType) -> None:
    picked = datasets.Dataset.from_dict({"n": [1, 2, 3, 4]}).filter(lambda row: row["n"] > 2).select([1, 0])
    assert mm.Dataset.of(picked).table.to_pylist() == [{"n": 4}, {"n": 3}]


def test_a_dataset_in_a_folder_is_read_by_split(datasets: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "wine").mkdir()
    (tmp_path / "wine" / "train.csv").write_text("n,word\n1,x\n2,\n")
    (tmp_path / "wine" / "test.csv").write_text("n,word\n3,z\n")
    assert mm.read(f"hf:{tmp_path}/wine").table.to_pylist() == [{"n": 1, "word": "x"}, {"n": 2, "word": None}]
    assert mm.read(f"hf:{tmp_path}/wine@test").table.to_pylist() == [{"n": 3, "word": "z"}]
    with pytest.raises(UnknownName, match="did you mean test"):
        mm.read(f"hf:{tmp_path}/wine@tset")


def test_a_configuration_is_picked_as_a_table(datasets: ModuleType, tmp_path: Path) -> None:
    card = "---\nconfigs:\n- config_name: a\n  data_files: a.csv\n- config_name: b\n  data_files: b.csv\n---\n"
    (tmp_path / "pair").mkdir()
    (tmp_path / "pair" / "README.md").write_text(card)
    (tmp_path / "pair" / "a.csv").write_text("n\n1\n")
    (tmp_path / "pair" / "b.csv").write_text("n\n2\n")
    assert mm.read(f"hf:{tmp_path}/pair", table="b").table.to_pylist() == [{"n": 2}]
    with pytest.raises(DataError, match="Config name is missing"):
        mm.read(f"hf:{tmp_path}/pair")


def test_classes_bear_their_names_and_lists_become_json(datasets: ModuleType, tmp_path: Path) -> None:
    features = datasets.Features({
        "label": datasets.ClassLabel(names=["neg", "pos"]),
        "tags": datasets.List(datasets.Value("string")),
    })  # fmt: skip
    rows = {"label": [1, 0, -1, None], "tags": [["a", "ü"], [], None, ["b"]]}
    (tmp_path / "mood").mkdir()
    datasets.Dataset.from_dict(rows, features=features).to_parquet(str(tmp_path / "mood" / "train.parquet"))
    data, notes = read_with_notes(f"hf:{tmp_path}/mood")
    assert data.table["label"].to_pylist() == ["pos", "neg", None, None]
    assert data.columns["label"].kind == Kind.CATEGORY
    assert data.table["tags"].to_pylist() == ['["a", "ü"]', "[]", None, '["b"]']
    assert notes == ("nested columns were read as JSON text: tags",)


def test_a_broken_file_is_one_clear_error(datasets: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "train.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(DataError, match="this could not be fetched\n  found: "):
        mm.read(f"hf:{tmp_path}/broken")


def test_no_code_that_a_dataset_brings_is_run(datasets: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "trap").mkdir()
    (tmp_path / "trap" / "trap.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\nraise SystemExit\n")
    with pytest.raises(DataError, match="could not be fetched"):
        mm.read(f"hf:{tmp_path}/trap")
    with pytest.raises(DataError, match="could not be fetched"):
        mm.read(f"hf:{tmp_path}/trap/trap.py")
    assert not (tmp_path / "sprung").exists()


def test_without_a_network_a_dataset_of_the_hub_is_one_clear_error(
    datasets: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The client looks at this variable when it is imported, so that another process is asked.
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    ran = subprocess.run([sys.executable, "-c", OFFLINE, "hf:some/name"], capture_output=True, text=True, check=True)
    kind, said, seconds = json.loads(ran.stdout)
    assert kind == "DataError"
    assert "hf:some/name: this could not be fetched\n  found: Couldn't reach 'some/name' on the Hub" in said
    assert "Traceback" not in ran.stderr
    assert seconds < 20


@pytest.mark.parametrize("name", ["adult", "61"])
def test_without_a_network_openml_is_one_clear_error(
    openml: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    # A port where nobody listens refuses at once; the client would ask it five times, with pauses.
    monkeypatch.setattr(openml.config, "server", "http://127.0.0.1:9/api/v1/xml")
    monkeypatch.setattr(openml.config, "connection_n_retries", 1)
    monkeypatch.setattr(openml.config, "_root_cache_directory", tmp_path)
    begun = time.monotonic()
    with pytest.raises(DataError, match=f"openml:{name}: this could not be fetched\n  found: .*(?s:.*)the network"):
        mm.read(f"openml:{name}")
    assert time.monotonic() - begun < 10


def test_what_openml_itself_refuses_is_a_data_error(openml: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: object) -> None:
        raise openml.exceptions.OpenMLServerException("Unknown dataset", code=111)

    monkeypatch.setattr(openml.datasets, "get_dataset", unknown)
    with pytest.raises(DataError, match=r"openml:nope: this could not be fetched\n  found: .*Unknown dataset"):
        mm.read("openml:nope")


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl", "arrow"])
def test_a_released_folder_loads_as_it_lies_there(
    datasets: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    cards = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    real = pa.table(
        {
            '=sum, "x" | #': [1 + n % 7 for n in range(60)],
            "kind": ["a" if n % 3 else "b" for n in range(60)],
            "born": pa.array([7000 + 9 * n if n % 5 else None for n in range(60)], pa.int32()).cast(pa.date32()),
            "well": [n % 2 == 0 if n % 4 else None for n in range(60)],
        }
    )
    recipe = {
        "name": "hub",
        "purpose": {"use": "test"},
        "real": {"from": "given", "holdout": 0.4},
        "steps": {"rows": {"make": "tabular.independent", "count": 40}},
        "assay": ["validity.schema"],
        "gate": ["validity.schema >= 0.1"],
        "release": {"formats": [form], "documents": ["huggingface"], "license": "my own: terms"},
    }
    done = mm.run(recipe, real=real, to=tmp_path / "released", ledger=tmp_path / "ledger")
    assert done.folder is not None
    card = cards.DatasetCard.load(done.folder / "README.md")
    assert (card.data.license, card.data.license_name) == ("other", "my own: terms")
    assert card.data.tags == ["synthetic", "tabular", "mintmark"]
    loaded = datasets.load_dataset(str(done.folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.num_rows == 40
    title = '\'=sum, "x" | #' if form == "csv" else '=sum, "x" | #'
    assert {name: feature.dtype for name, feature in loaded.features.items()} == {
        title: "int64", "kind": "string", "born": "date32", "well": "bool"}  # fmt: skip
    [written] = (done.folder / "data").iterdir()
    assert loaded["born"][:] == mm.read(written).table["born"].to_pylist()
    assert None in loaded["well"][:]
