"""What is disclosed later, from the record or from a folder alone, is what was written when the data was made."""

import base64
import json
import shutil
from pathlib import Path

import pytest

import mintmark as mm
from mintmark import digest
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.ledger.signing import Key
from mintmark.pipeline.recalling import story_of
from mintmark.pipeline.release import STATEMENT
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure.documents import KINDS, document
from mintmark.report.statement import MEDIA_TYPE

RECIPE = """\
name: wine
seed: 3
purpose: {gap: volume, use: study, task: {target: cultivar}}
real: {from: "sklearn:wine", holdout: 0.4, sensitive: [cultivar]}
steps:
  rows: {make: tabular.trees, count: 150}
assay: [validity.schema, fidelity.marginals, privacy.copies, fairness.representation]
gate: ["validity.schema >= 0.5"]
release: {formats: [parquet, csv], documents: [DOCUMENTS], license: MIT}
""".replace("DOCUMENTS", ", ".join(KINDS))


# Steps that do not stand in the order of their names, in which the record keeps them.
PAIR = RECIPE.replace("name: wine", "name: pair").replace(
    "rows: {make: tabular.trees, count: 150}",
    "zeta: {make: tabular.trees, count: 100}\n  alpha: {make: tabular.independent, count: 50}",
)
# Nothing kept back to judge by.
BARE = RECIPE.replace("name: wine", "name: bare").replace("holdout: 0.4", "holdout: null")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wine")
    for name, text, released in (("wine", RECIPE, True), ("pair", PAIR, True), ("bare", BARE, False)):
        (folder / f"{name}.yaml").write_text(text)
        done = mm.run(folder / f"{name}.yaml", to=folder / "released", ledger=folder / ".mintmark")
        assert (done.folder is not None) is released
    return folder


@pytest.mark.parametrize("dataset", ["wine", "pair"])
@pytest.mark.parametrize("name", sorted(KINDS))
def test_what_is_told_later_is_what_was_told_then(place: Path, name: str, dataset: str) -> None:
    from_record = mm.disclose(dataset, name, ledger=place / ".mintmark")
    from_folder = mm.disclose(place / "released" / dataset, name)
    for path in KINDS[name]:
        then = (place / "released" / dataset / path).read_text(encoding="utf-8")
        assert from_record.texts[path] == then
        assert from_folder.texts[path] == then


@pytest.mark.parametrize("name", sorted(KINDS))
def test_data_that_was_not_validated_has_documents_that_say_so(place: Path, name: str) -> None:
    told = mm.disclose("bare", name, ledger=place / ".mintmark")
    assert told.status == "unvalidated"
    assert all("This data is unvalidated" in text for text in told.texts.values())
    assert all("data/rows" not in text for text in told.texts.values())


def test_a_folder_that_was_altered_is_not_told_of(place: Path) -> None:
    path = place / "released" / "wine" / "evidence.json"
    honest = path.read_bytes()
    try:
        path.write_bytes(honest.replace(b'"depth": 1', b'"depth": 0'))
        with pytest.raises(LedgerError, match="not as it was signed"):
            mm.disclose(place / "released" / "wine")
    finally:
        path.write_bytes(honest)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({"methods": 5}, "the papers of this release cannot be understood"),
        ({"inputs": ["train"]}, "the papers of this release cannot be understood"),
        ({"recipe": {"steps": 7}}, "the papers of this release cannot be understood"),
        ({"recipe_digest": "`x`\n# evil", "inputs": {"train": "`\n# evil"}, "descent": "\n# evil"}, ""),
    ],
)
def test_a_stranger_who_signs_nonsense_gets_no_further(
    place: Path, tmp_path: Path, made: dict[str, object], says: str
) -> None:
    folder = shutil.copytree(place / "released" / "wine", tmp_path / "wine")
    told = json.loads((folder / "evidence.json").read_bytes())
    told["provenance"] |= made
    (folder / "evidence.json").write_text(json.dumps(told))
    statement = json.loads(base64.b64decode(json.loads((folder / STATEMENT).read_bytes())["payload"]))
    [subject] = [one for one in statement["subject"] if one["name"] == "evidence.json"]
    subject["digest"]["sha256"] = digest.of_file(folder / "evidence.json").removeprefix("sha256:")
    key = Key.local(place / ".mintmark" / "keys")
    (folder / STATEMENT).write_bytes(key.sign(digest.canonical(statement), MEDIA_TYPE))
    assert mm.verify(folder).ok
    refused = set()
    for name in KINDS:
        try:
            texts = mm.disclose(folder, name).texts.values()
        except LedgerError as error:
            refused.add(str(error).partition("\n")[0].partition(": ")[2])
        else:
            assert all("\n# evil" not in text for text in texts)
    assert refused == ({says} if says else set())


def test_a_release_of_before_is_told_of_as_far_as_it_goes(place: Path) -> None:
    told = json.loads((place / "released" / "wine" / "evidence.json").read_bytes())
    for new in ("methods", "descent", "begun"):
        del told["provenance"][new]
    told["columns"] = {name: [{key: each[key] for key in ("name", "kind", "type")} for each in columns]
                       for name, columns in told["columns"].items()}  # fmt: skip
    del told["keys"]
    before = document("datasheet", story_of(told), DataFiles()).text
    assert "- tabular.trees.\n" in before
    assert "Nobody counted." in before


def test_what_is_not_there_is_one_clear_error(place: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean wine"):
        mm.disclose("wines", ledger=place / ".mintmark")
    with pytest.raises(UnknownName, match="did you mean datasheet"):
        mm.disclose("wine", "data-sheet", ledger=place / ".mintmark")
    with pytest.raises(InputError, match="no release lies here"):
        mm.disclose(tmp_path, ledger=tmp_path / "none")
    with pytest.raises(LedgerError, match="there is no ledger here"):
        mm.disclose("wine", ledger=tmp_path / "none")


def test_the_command_prints_writes_and_answers_in_json(mintmark, place: Path, tmp_path: Path) -> None:
    record = ("--ledger", place / ".mintmark")
    printed = mintmark("disclose", "wine", *record)
    assert printed.code == 0
    assert printed.out.startswith("# Datasheet of wine\n")
    assert "answers are left to the publisher" in printed.err
    assert mintmark("disclose", "wine", *record, "--as", "eu-summary", "--out", tmp_path / "a.json").out == ""
    assert json.loads((tmp_path / "a.json").read_text())["section"] == "2.5 Synthetic data"
    answer = json.loads(mintmark("disclose", place / "released" / "wine", "--as", "croissant", "--json").out)
    assert (answer["document"], answer["dataset"], answer["status"]) == ("croissant", "wine", "passed")
    assert answer["body"]["name"] == "wine"
    wrong = mintmark("disclose", "wine", *record, "--as", "sheet")
    assert wrong.code == 2
    assert "datasheet" in wrong.err
    assert "Traceback" not in wrong.err


def test_a_recipe_that_asks_for_an_unknown_document_is_told_which_there_are(mintmark, tmp_path: Path) -> None:
    (tmp_path / "wine.yaml").write_text(RECIPE.replace("datasheet,", "datashet,"))
    done = mintmark("check", tmp_path / "wine.yaml")
    assert done.code == 2
    assert "release.documents" in done.err
    assert "'datasheet'" in done.err
