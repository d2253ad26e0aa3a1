"""Every document says what the story says, in all its sections, and no name of a stranger acts upon it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mintmark import digest
from mintmark.data import files as written
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, Link, Personal, Schema, TableSchema
from mintmark.errors import UnknownName
from mintmark.gate import Gate
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.recipe import DocumentName
from mintmark.report.croissant import croissant
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure.documents import KINDS, document
from mintmark.report.markdown import BLANK
from mintmark.report.numerals import numeral
from mintmark.report.story import Provenance, Story

MARKDOWN = ("card", "datasheet", "huggingface", "model-card", "eu-summary", "technical-file")
PARSER = MarkdownIt("commonmark").enable("table")


def evidence(metric: str, value: float, interval: tuple[float, float], n: int = 1000, **more: Any) -> Evidence:
    basis = more.pop("basis", "measured")
    beside = {name: Reading(score, (score, score), n) for name, score in more.items()}
    return Evidence(metric, Claim(metric.split(".")[0]), "lower", Reading(value, interval, n), basis=basis, **beside)


FOUND = (
    evidence("privacy.membership", 0.0113, (0.0082, 0.0151), 24_421, ceiling=0.01, floor=0.0099),
    evidence("fidelity.detection", 0.5713, (0.55, 0.59), ceiling=0.5, floor=0.99),
    evidence("coverage.cells", 0.91, (0.88, 0.93)),
    evidence("fairness.parity", 0.0827, (0.0, 0.225)),
    NoEvidence("utility.transfer", Claim.UTILITY, "there is no target\n  found: none"),
    NoEvidence("utility.curve", Claim.UTILITY, "there is no target\n  found: none"),
)
COLUMNS = (
    Column("age", Kind.NUMBER, pa.int16()),
    Column("sex", Kind.CATEGORY, pa.string(), levels=("secret level",)),
    Column("mail", Kind.KEY, pa.string(), personal=Personal.EMAIL),
    Column("ill", Kind.BOOLEAN, pa.bool_()),
)
RECIPE = {
    "name": "patients",
    "real": {"from": "/home/me/clinic.csv", "origin": "real", "sensitive": ["sex"], "drop": ["insurer"]},
    "steps": {"rows": {"make": "tabular.trees", "where": {"sex": "f"}}},
    "accept": {"MM401": "groups are looked at elsewhere"},
    "release": {"license": "CC-BY-4.0"},
}
MADE = Provenance(
    recipe=RECIPE,
    recipe_digest=digest.of_json("recipe"),
    seed=7,
    generator="tabular.trees",
    methods={"tabular.trees": "Trees, one column after the other."},
    assumes=("rows mean nothing to each other",),
    inputs={"train": digest.of_json("train"), "holdout": digest.of_json("holdout")},
    versions={"mintmark": "0.1.0", "numpy": "2.4.6"},
    depth=1,
    real_share=0.0,
    descent="the writer of the recipe states that the rows are real",
    created="2026-11-21T02:00:07+00:00",
    begun="2026-11-21T02:00:00+00:00",
)
FILES = DataFiles(
    {"data/rows.parquet": digest.of_bytes(b"p"), "data/rows.csv": digest.of_bytes(b"c")},
    {"data/rows.parquet": 1234, "data/rows.csv": 5678},
    {"data/rows.csv": {"sex": 3}},
)


def story(columns: tuple[Column, ...] = COLUMNS, **more: Any) -> Story:
    schema = Schema({"rows": TableSchema(columns)})
    rules = more.pop("rules", ("privacy.membership <= 0.05",))
    validated = more.pop("validated", True)
    empty = Dataset(schema, {name: table.arrow().empty_table() for name, table in schema.tables.items()})
    facts = {"name": "patients", "schema": schema, "rows": {"rows": 2000}, "digest": digest.of_json("data"),
             "findings": FOUND, "decision": Gate.of(*rules).decide(FOUND, validated=validated) if rules else None,
             "provenance": MADE, "synthetic": empty, "target": "ill", "sensitive": ("sex",),
             "left_out": {"privacy.shadow": "asked by the profile thorough"}, "missing": {"rows": {"age": 0.125}},
             "purpose": {"gap": "privacy", "use": "share", "task": {"target": "ill"}}}  # fmt: skip
    return Story(**{**facts, **more})


def told(name: str, of: Story | None = None, files: DataFiles = FILES) -> str:
    return document(name, of or story(), files).text


def body(text: str) -> str:
    """A document without its front matter."""
    return text.split("\n---\n", 1)[1] if text.startswith("---\n") else text


ACTIVE = {"html_block", "html_inline", "link_open", "image", "hr"}


def shown(name: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def headings(text: str) -> list[str]:
    tokens = PARSER.parse(text)
    return [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]


def tables(text: str) -> list[list[str]]:
    """The cells of every row of every table, as a reader sees them."""
    rows: list[list[str]] = []
    for token in PARSER.parse(text):
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and rows and token.level == 4:  # a cell's
            rows[-1].append("".join(child.content for child in token.children or ()))
    return rows


def walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from walk(token.children or [])


HEADINGS = {
    "card": ["What this is", "How it was made", "What the generator takes for granted", "The evidence",
             "What was not measured", "Privacy", "What it is for, and what not", "Where it comes from"],
    "datasheet": ["Motivation", "Composition", "Collection process", "Preprocessing, cleaning, labelling", "Uses",
                  "Distribution", "Maintenance"],
    "huggingface": ["Dataset Details", "Dataset Description", "Uses", "Direct Use", "Out-of-Scope Use",
                    "Dataset Structure", "Dataset Creation", "Curation Rationale", "Source Data",
                    "Data Collection and Processing", "Who are the source data producers?", "Annotations",
                    "Annotation process", "Who are the annotators?", "Personal and Sensitive Information",
                    "Bias, Risks, and Limitations", "Recommendations", "More Information", "Dataset Card Contact"],
    "model-card": ["Training Details", "Training Data", "Preprocessing",
                   "What this means for the evaluation of the model"],
    "eu-summary": ["2.5 Synthetic data: patients"],
    "technical-file": ["1 Device and intended purpose", "2 Purpose of the synthetic data", "3 Method",
                       "4 Validation of the synthetic data", "5 Representation of the intended patients",
                       "6 Independent test with real data", "7 Limitations and residual risks",
                       "8 Changes and monitoring", "9 Traceability"],
}  # fmt: skip


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_section_is_there_and_none_is_empty(name: str) -> None:
    text = body(told(name))
    found = re.findall(r"^(#+) (.+)\n+(?=(.))", text, re.MULTILINE)
    assert [title for _, title, _ in found if title in HEADINGS[name]] == HEADINGS[name]
    for (level, title, next_), following in zip(found, [*found[1:], ("", "", "")], strict=True):
        # Under a heading stands text, or a heading beneath it.
        assert next_ != "#" or len(following[0]) > len(level), title


def test_a_recipe_may_ask_for_each_document_and_no_other() -> None:
    assert set(get_args(DocumentName)) == set(KINDS)
    with pytest.raises(UnknownName, match="did you mean datasheet"):
        document("datashet", story(), FILES)


@pytest.mark.parametrize("name", ["huggingface", "model-card", "technical-file"])
def test_the_numbers_shown_are_those_of_the_evidence(name: str) -> None:
    rows = {row[1]: row for row in tables(body(told(name)))}
    for one in FOUND:
        if isinstance(one, Evidence):
            low, high = one.interval
            assert rows[one.metric][2:] == [
                numeral(one.value),
                f"{numeral(low)} to {numeral(high)}",
                numeral(one.ceiling.value) if one.ceiling else "none",
                numeral(one.floor.value) if one.floor else "none",
                "lower",
                f"{one.reading.n:,}",
            ]
    assert "utility.transfer" not in rows


def test_the_other_numbers_are_those_of_the_story() -> None:
    text = told("datasheet")
    assert "- rows: 2,000 rows, 4 columns." in text
    assert ["age", "number", "12.5 %", ""] in tables(text)
    assert ["mail", "key", "none", "email"] in tables(text)
    assert "- age: 12.5 % of the rows." in text
    assert "`data/rows.parquet`: 1,234 bytes" in text
    assert "apostrophe that is not data; cells: 3." in text
    assert "Seed: 7" in text
    assert "utility.transfer and utility.curve were not measured: there is no target; found: none." in text
    assert "MM401: groups are looked at elsewhere." in text
    assert "Step rows made rows under conditions on: sex." in text
    assert "The generator learnt from rows of clinic.csv." in text


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_folder_and_no_level_is_told(name: str) -> None:
    for text in document(name, story(), FILES).texts.values():
        assert "/home/me" not in text
        assert "secret level" not in text


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"validated": False}, "This data is unvalidated"),
        ({"rules": ("privacy.membership <= 0.001",)}, "This data was not let out"),
        ({"rules": ()}, "This data was not let out"),
    ],
)
def test_what_did_not_pass_says_so_first(name: str, more: dict[str, Any], says: str) -> None:
    document_ = document(name, story(**more), DataFiles())
    for path, text in document_.texts.items():
        top = body(text)[:700] if path.endswith(".md") else text
        assert says in top, path
    assert document_.status != "passed"
    assert all(says not in text for text in document(name, story(), FILES).texts.values())


def test_a_card_that_did_not_pass_is_tagged_where_people_filter() -> None:
    front = yaml.safe_load(told("huggingface", story(validated=False)).split("\n---\n")[0])
    assert front["tags"] == ["synthetic", "tabular", "mintmark", "unvalidated"]


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TEXT, pa.string()) for name in names)


_LABEL = Column("label", Kind.CATEGORY, pa.string(), levels=("ham", "spam"))
_MARK = Column("rationalised", Kind.BOOLEAN, pa.bool_())
_LENGTH = Column("length", Kind.NUMBER, pa.int64())
_PLACE = Column("latitude", Kind.GEO, pa.float64())


@pytest.mark.parametrize(
    ("columns", "target", "form", "tags", "tasks"),
    [
        (COLUMNS, "ill", "", ["tabular"], ["tabular-classification"]),
        ((_LABEL, _LENGTH), "length", "", ["tabular"], ["tabular-regression"]),
        ((_LABEL, _LENGTH), None, "", ["tabular"], None),
        ((_LENGTH, _PLACE), None, "", ["tabular", "geospatial"], None),
        (_texts("story"), None, "", ["text"], ["text-generation"]),
        ((*_texts("text"), _LABEL), "label", "", ["text"], ["text-classification"]),
        ((*_texts("text"), _LENGTH), "length", "", ["text", "tabular"], ["tabular-regression"]),
        ((*_texts("text"), _LABEL, _LENGTH), "label", "", ["text", "tabular"],
         ["tabular-classification", "text-classification"]),
        (_texts("question", "answer"), None, "", ["text", "chat"], ["question-answering", "text-generation"]),
        ((*_texts("instruction", "input", "output"), _MARK), None, "", ["text", "chat"], ["text-generation"]),
        (_texts("messages"), None, "", ["text", "chat"], ["text-generation"]),
        (_texts("prompt", "reply"), None, "", ["text"], ["text-generation"]),
        (_texts("prompt", "reply"), None, "chat-openai", ["text", "chat"], ["text-generation"]),
    ],
)  # fmt: skip
def test_tags_and_tasks_are_told_from_the_columns(
    columns: tuple[Column, ...], target: str | None, form: str, tags: list[str], tasks: list[str] | None
) -> None:
    purpose = {"gap": "volume", "use": "study"} | ({"task": {"target": target}} if target else {})
    made = story(columns, target=target, sensitive=(), missing={}, purpose=purpose)
    name = f"data/rows.{form}.jsonl" if form else "data/rows.parquet"
    files = DataFiles({name: digest.of_bytes(b"p")}, {name: 12})
    front = yaml.safe_load(told("huggingface", made, files).split("\n---\n")[0])
    assert front["tags"] == ["synthetic", *tags, "mintmark"]
    assert front.get("task_categories") == tasks
    assert croissant(made, files)["keywords"] == ["synthetic", *tags, "mintmark"]


def test_what_only_a_person_knows_is_left_blank_and_never_made_up() -> None:
    text = told("datasheet")
    for asks in (
        "Who paid for it?",
        "Was there an ethical review?",
        "Who looks after it, and how can they be reached?",
    ):
        assert f"**{asks}**\n\n{BLANK}\n" in text
    assert document("datasheet", story(), FILES).blanks == text.count("▢") > 10
    standards = document("provenance-standards", story(), FILES).body
    assert standards["source"]["issuer"] is None
    assert "source.issuer" in standards["to-be-filled-in"]
    assert "provenance.date" not in standards["to-be-filled-in"]


def test_the_fields_of_the_provenance_standards_bear_their_names() -> None:
    found = document("provenance-standards", story(), FILES).body
    assert list(found["source"]) == ["version", "title", "id", "location", "issuer", "description"]
    assert list(found["provenance"]) == [
        "source", "origin", "origin-geography", "date", "previous-date", "generation-period", "generation-method",
        "format", "sub-provenance"]  # fmt: skip
    assert list(found["use"]) == [
        "classification", "consents", "privacy-enhancing", "processing-included", "processing-excluded",
        "storage-allowed", "storage-forbidden", "license", "intended-purpose", "copyright", "patent", "trademark",
    ]  # fmt: skip
    assert found["provenance"]["generation-period"] == {"start": MADE.begun, "end": MADE.created}
    assert found["provenance"]["generation-method"][0]["code"] == "machine-generated-mlops-synthetic"
    assert found["provenance"]["format"] == ["text/csv", "application/x-parquet"]
    synthesis, masking = found["use"]["privacy-enhancing"]
    assert synthesis["result"] == ["privacy.membership = 0.0113 (0.0082 to 0.0151; lower is better)"]
    assert masking["parameters"] == ["column=mail"]


def test_a_proof_is_told_as_a_proof() -> None:
    details = {"epsilon": 1.0, "delta": 1e-6, "neighbours": "one row more or less", "words": "It is proved."}
    proof = Evidence("privacy.guarantee", Claim.PRIVACY, "lower", Reading(1.0, (1.0, 1.0), 0, details), basis="proved")
    found = document("provenance-standards", story(findings=(*FOUND, proof)), FILES).body
    [private] = [one for one in found["use"]["privacy-enhancing"] if "differential-privacy" in json.dumps(one)]
    assert private["parameters"] == ["epsilon=1.0", "delta=1e-06", "neighbours=one row more or less"]
    assert "These are attacks that were tried, not a proof" not in told("datasheet", story(findings=(*FOUND, proof)))
    assert "These are attacks that were tried, not a proof" in told("datasheet")


def test_the_summary_s_fields_leave_the_model_to_its_provider() -> None:
    found = document("eu-summary", story(), FILES).body
    assert found["used_to_train_the_model"] is None
    assert found["modalities"] == {"text": False, "image": False, "audio": False, "video": False, "other": True}
    assert found["other_ai_models"][0] == "tabular.trees: Trees, one column after the other."
    assert "claims no compliance" in found["notice"]
    assert "claims no compliance" in told("eu-summary")
    assert "claims no compliance" in told("technical-file")


def test_croissant_tells_how_it_was_made_and_by_what() -> None:
    found = json.loads(told("croissant"))
    act = found["prov:wasGeneratedBy"]
    assert (act["prov:startedAtTime"], act["prov:endedAtTime"]) == (MADE.begun, MADE.created)
    assert [used["prov:label"] for used in act["prov:used"]] == ["train"]
    assert found["prov:wasAttributedTo"]["prov:label"] == "mintmark 0.1.0"
    [association] = act["prov:qualifiedAssociation"]
    assert association["prov:hadPlan"]["@id"] == f"urn:{MADE.recipe_digest}"
    assert [agent["prov:label"] for agent in act["prov:wasAssociatedWith"]] == ["numpy 2.4.6"]
    assert found["rai:dataCollection"].startswith("Synthetic data: its rows were generated, not collected.")
    assert found["rai:dataCollectionMissingData"] == "Values are missing in age: 12.5\u00a0% of the rows."
    assert found["rai:personalSensitiveInformation"][:2] == [
        "Columns that name groups of people: sex.",
        "mail (email): made anew, not taken from the real data.",
    ]
    assert found["rai:dataAnnotationProtocol"].startswith("No row was labelled by a person: the values of ill")


def test_without_anything_known_every_document_still_reads() -> None:
    bare = story(provenance=Provenance(), findings=(), rules=(), sensitive=(), purpose={}, target=None, missing=None,
                 left_out={})  # fmt: skip
    for name in KINDS:
        for text in document(name, bare, DataFiles()).texts.values():
            assert "None" not in re.sub(r"\| none", "", text), name
            assert "nan" not in text.split()


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.sampled_from(
    ["a|b", "<script>alert(1)</script>", "'\"`", "# x", "- x", "1. x", "---", "x: {y: [z", "!!python/object:os.system",
     "&a *a", "\u202eevil\u202c", "👩‍⚕️ 🇩🇪", "شماره", "\u2028", "\x85", "\ufeff", "a\nb\r\n---\nc", "%YAML 1.2",
     "{{ 7*7 }}", "{% for %}", "[x](http://evil.example)", "![x](y)", "x" * 5000, "\\", "=1+1", "~~x~~",
     "@me", "$x$", "&amp;"]
)  # fmt: skip


PLAIN = {name: headings(body(told(name))) for name in MARKDOWN}


@settings(max_examples=25, deadline=None)
@given(st.lists(HOSTILE, min_size=2, max_size=4, unique=True), HOSTILE)
def test_names_of_strangers_act_upon_nothing(names: list[str], word: str) -> None:
    columns = tuple(Column(name, Kind.NUMBER, pa.float64()) for name in names)
    made = replace(MADE, recipe={**RECIPE, "release": {"license": word}, "accept": {"MM401": word}}, assumes=(word,),
                   methods={"other.method": word})  # fmt: skip
    hostile = story(columns, provenance=made, sensitive=tuple(names[:1]), target=names[-1],
                    purpose={"gap": "none", "use": "share", "task": {"target": names[-1]}},
                    missing={"rows": {names[0]: 0.5}})  # fmt: skip
    for name in MARKDOWN:
        text = told(name, hostile)
        assert headings(body(text)) == PLAIN[name]
        assert {token.type for token in walk(PARSER.parse(body(text)))} & ACTIVE == set()
    for name in ("datasheet", "huggingface"):
        text = told(name, hostile)
        cells = [row[0].replace("\u200b", "") for row in tables(body(text)) if row[1:2] == ["number"]]
        assert cells == [shown(name) for name in names]
    front = yaml.safe_load(told("huggingface", hostile).split("\n---\n")[0])
    assert [each["name"] for each in front["dataset_info"][0]["features"]] == names
    assert front.get("license_name", word) == word
    fields = json.loads(told("croissant", hostile))["recordSet"][0]["field"]
    assert [field["name"] for field in fields] == names
    assert len({field["@id"] for field in fields}) == len(names)
    assert json.loads(told("provenance-standards", hostile))["source"]["title"] == "patients"


@pytest.mark.filterwarnings("ignore")
def test_several_tables_are_described_and_read_back_with_what_they_refer_to(tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    people = pa.table({"id": ["a", "b"], "born": pa.array(["1970-01-01", None]).cast(pa.date32())})
    visits = pa.table({"who": ["a", "a", "b"], "well": [True, None, False], "cost": [1.5, None, 2.0]})
    shape = {
        "people": TableSchema((Column("id", Kind.KEY, pa.string()), Column("born", Kind.DATE, pa.date32())), key="id"),
        "visits": TableSchema(
            (
                Column("who", Kind.KEY, pa.string()),
                Column("well", Kind.BOOLEAN, pa.bool_()),
                Column("cost", Kind.NUMBER, pa.float64()),
            ),
            parents=(Link("who", "people"),),
        ),
    }
    (tmp_path / "data").mkdir()
    for name, table in (("people", people), ("visits", visits)):
        written.write([table], table.schema, tmp_path / "data" / f"{name}.parquet", form="parquet")
    names = [f"data/{name}.parquet" for name in shape]
    digests = {name: digest.of_file(tmp_path / name) for name in names}
    files = DataFiles(digests, {name: (tmp_path / name).stat().st_size for name in names})
    both = story(schema=Schema(shape), rows={"people": 2, "visits": 3}, missing=None)
    (tmp_path / "croissant.json").write_text(told("croissant", both, files))
    described = mlcroissant.Dataset(jsonld=tmp_path / "croissant.json")
    assert not described.metadata.ctx.issues.errors
    assert [record["people/id"] for record in described.records("people")] == [b"a", b"b"]
    found = list(described.records("visits"))
    assert [record["visits/who"] for record in found] == [b"a", b"a", b"b"]
    assert [record["visits/well"] for record in found] == [True, None, False]
    assert json.loads(told("croissant", both, files))["recordSet"][1]["field"][0]["references"] == {
        "field": {"@id": "people/id"}
    }
    front = yaml.safe_load(told("huggingface", both, files).split("\n---\n")[0])
    assert [one["config_name"] for one in front["configs"]] == ["people", "visits"]
    assert "the column who names the row of people that it belongs to" in told("datasheet", both, files)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("validated", "files"), [(True, FILES), (False, DataFiles())])
def test_croissant_s_reader_finds_what_a_responsible_user_asks_for(
    tmp_path: Path, validated: bool, files: DataFiles
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    (tmp_path / "croissant.json").write_text(told("croissant", story(validated=validated), files))
    found = mlcroissant.Dataset(jsonld=tmp_path / "croissant.json").metadata
    assert not found.ctx.issues.errors
    assert found.data_collection_type == ["Others", "Synthetic data"]
    assert found.personal_sensitive_information[0] == "Columns that name groups of people: sex."
    assert found.data_limitations[0] == "rows mean nothing to each other"
    assert found.data_use_cases[0] == "It was made because the real rows cannot be handed on (gap: privacy)."
    assert found.annotations_per_item == "0"
    assert found.description.startswith("Synthetic data" if validated else "This data is unvalidated")


MIXED = ("card", "croissant", "datasheet", "huggingface", "model-card", "provenance-standards")


@pytest.mark.parametrize("name", MIXED)
def test_real_rows_among_the_made_ones_are_told(name: str) -> None:
    mixed = replace(story(), provenance=replace(MADE, origins={"real": 0.25, "synthetic": 0.75}))
    text = "\n".join(document(name, mixed, FILES).texts.values())
    assert f"{mixed.outside_rows:,} of" in text.replace("\\", "")
    assert "generated, not collected" not in text


def test_language_models_that_wrote_rows_are_named_and_not_called_none() -> None:
    model = {"use": "models.endpoint", "parameters": {"model": "some-model", "url": "http://localhost"}}
    written_by = replace(MADE, parameters={"letters": {"model": model, "prompt": "Write"}, "rows": {"leaf": 5}})
    text = told("eu-summary", story((*COLUMNS, Column("note", Kind.TEXT, pa.string())), provenance=written_by))
    assert "Step letters was written by the language model some-model." in text.replace("\\", "")
    assert "The record names none" not in text
    assert "☒ text" in text
    assert "☐ text" in told("eu-summary")
