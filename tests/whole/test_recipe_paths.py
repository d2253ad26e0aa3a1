"""Paths in a recipe start from its file, whoever runs it and wherever: sources, filters' files, scripts, synonyms."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

import mintmark as mm
from mintmark.errors import DataError
from mintmark.ledger.versions import open_dataset

RECIPE = """
name: placed
seed: 2
real: {from: real.csv, columns: {text: text}}
models: {writer: {use: models.scripted, with: {file: lists/script.yaml}}}
steps:
  changed:
    make: text.augment
    count: 20
    with: {text: text, synonyms: lists/synonyms.txt}
    keep:
      - filters.word_list: {column: text, file: lists/words.txt}
      - filters.decontamination: {column: text, benchmarks: {exam: ./exam.jsonl}}
      - filters.facts:
          {column: text, file: facts.csv, key: country, patterns: ['capital of (?P<country>\\w+) is (?P<capital>\\w+)']}
  tasks: {make: text.write, count: 20, with: {prompt: Write a task., columns: {text: {}}}}
assay: [validity.schema]
"""
WORDS = ("glad", "boat", "river", "stone", "letter", "garden", "engine", "story")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A recipe in a folder of its own, with its files beside it; whoever runs it is elsewhere."""
    folder, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    (folder / "lists").mkdir(parents=True)
    elsewhere.mkdir()
    texts = [f"The {one} of number {n} was good again" for n, one in enumerate(WORDS * 8)]
    (folder / "real.csv").write_text("text\n" + "\n".join(texts) + "\n")
    (folder / "lists" / "synonyms.txt").write_text("glad, happy\nboat, ship\nriver, stream\nstone, rock\n")
    (folder / "lists" / "words.txt").write_text("rock\n")
    (folder / "lists" / "script.yaml").write_text("- {match: '', reply: [one, two, three, four, five, six]}\n")
    (folder / "exam.jsonl").write_text(json.dumps({"question": "a question that nobody asked " * 4}) + "\n")
    (folder / "facts.csv").write_text("country,capital\nSpain,Madrid\n")
    (folder / "recipe.yaml").write_text(RECIPE)
    monkeypatch.chdir(elsewhere)
    return folder


def test_all_files_are_found_beside_the_recipe_and_named_as_it_names_them(project):
    made = mm.run(project / "recipe.yaml")
    files = _steps(made)["changed"]["files"]
    assert set(files) == {"lists/synonyms.txt", "lists/words.txt", "./exam.jsonl", "facts.csv"}
    assert all(digest.startswith("sha256:") for digest in files.values())
    # Nothing of this machine stands in what is recorded.
    assert str(project) not in json.dumps(_steps(made))


def _steps(made):
    return open_dataset(mm.Ledger.open(Path(".mintmark")), made.name).entry.body["steps"]


def test_the_same_recipe_makes_the_same_rows_wherever_it_lies(project, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(project, other)
    assert mm.run(project / "recipe.yaml").digest == mm.run(other / "recipe.yaml", ledger="second").digest


@pytest.mark.parametrize("gone", ["lists/words.txt", "exam.jsonl", "facts.csv", "lists/synonyms.txt"])
def test_a_file_that_is_not_there_is_said_before_anything_is_made_and_where_it_was_looked_for(project, gone):
    (project / gone).unlink()
    (project.parent / "elsewhere" / "lists").mkdir()
    (project.parent / "elsewhere" / gone).write_text("rock\n")  # the working folder is not where paths start
    with pytest.raises(DataError, match="no such file") as error:
        mm.check(project / "recipe.yaml")
    assert gone in error.value.where
    assert str((project / gone).parent) in str(error.value)


def test_fields_of_a_recipe_start_from_the_base_that_is_named(project):
    fields = yaml.safe_load(RECIPE)
    with pytest.raises(DataError, match="no such file"):
        mm.run(fields)
    assert mm.run(fields, base=project).digest


def test_a_file_that_was_changed_is_a_reason_why_rows_differ(project):
    mm.run(project / "recipe.yaml")
    assert mm.reproduce("placed", base=project).same
    (project / "lists" / "words.txt").write_text("ship\n")
    found = mm.reproduce("placed", base=project)
    assert any(reason.startswith("a file differs: lists/words.txt is sha256:") for reason in found.reasons)
    assert not found.same
