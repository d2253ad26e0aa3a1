"""Data that are not alike, too few or too odd to judge: one clear error, or a finding that says so."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.errors import CannotMeasure, DataError
from mintmark.metrics.metric import Case
from mintmark.seeds import Seed

NAMES = catalog.names("metrics")
OF_TEXT = {
    "coverage.compression", "coverage.duplicates", "coverage.openings", "coverage.phrases", "coverage.vendi",
    "fidelity.mauve", "fidelity.perplexity", "fidelity.topics", "privacy.canaries", "privacy.memorised",
    "shortcuts.style", "validity.accuracy", "validity.contamination", "validity.following",
}  # fmt: skip
"""Metrics that read columns of text alone: see tests/worked/test_metrics_texts.py."""
WITHOUT_COLUMNS = {"validity.constraints", *OF_TEXT}
"""Metrics that compare no column with the real data's, or none of these."""


def visits(n, seed):
    """A bit of everything; the age decides the outcome."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, n)
    start = dt.datetime(2024, 1, 1)
    return pa.table(
        {
            "age": age,
            "ward": rng.choice(["north", "south", "isle"], n, p=[0.5, 0.4, 0.1]),
            "dose": np.round(rng.lognormal(1, 0.5, n), 2),
            "smokes": rng.random(n) < 0.3,
            "seen": pa.array([start + dt.timedelta(minutes=int(m)) for m in rng.integers(0, 10**5, n)]),
            "note": [f"felt {'very ' * (a % 4)}well on visit {k} of {seed}" for k, a in enumerate(age)],
            "outcome": np.where(age + rng.normal(0, 15, n) > 54, "ill", "well"),
        }
    )


REAL, HOLDOUT, MADE = visits(400, 1), visits(240, 2), visits(240, 3)
CASE = Case(*(Dataset.of(table) for table in (MADE, REAL, HOLDOUT)), target="outcome", sensitive=("ward",))


def put(name, values, table=MADE):
    return table.set_column(table.schema.names.index(name), name, values)


def judged(synthetic, *metrics, real=REAL, holdout=HOLDOUT):
    found = mm.judge(real, synthetic, holdout=holdout, target="outcome", metrics=metrics or ["validity.schema"])
    return found, found.findings[0]


def in_zone(name, table=MADE):
    return put("seen", table["seen"].cast(pa.timestamp("us", name)), table)


ANOTHER_FORM = {
    "a column of another name": (MADE.rename_columns(["Age", *MADE.schema.names[1:]]), "age (is it Age?)"),
    "a column less": (MADE.drop_columns(["dose"]), "lack columns, which only validity.schema judges: dose"),
    "a column more": (MADE.append_column("extra", pa.array(range(240))), "no such columns"),
    "words for numbers": (put("age", pa.array(["old"] * 240)), "age (string cannot be read as number)"),
    "a time zone where there is none": (in_zone("UTC"), "seen (timestamp[us, tz=UTC] cannot be read"),
    "the target missing": (MADE.drop_columns(["outcome"]), "lack columns, which only validity.schema judges: outcome"),
}


@pytest.mark.parametrize("form", ANOTHER_FORM)
def test_columns_that_cannot_be_compared_are_told_beside_every_score_and_fail_the_schema(form):
    synthetic, words = ANOTHER_FORM[form]
    found, schema = judged(synthetic, "validity.schema", "fidelity.marginals")
    assert schema.value == 0
    assert schema.ceiling.value > 0.9
    assert any(words in note for note in found.notes)
    assert all(any(words in note for note in finding.notes) for finding in found.findings)


SAME_VALUES = {
    "another order": (MADE.select(MADE.schema.names[::-1]), "the columns stand in another order"),
    "numbers as text": (put("age", MADE["age"].cast(pa.string())), "age is stored as string"),
    "whole numbers with a point": (put("age", MADE["age"].cast(pa.float64())), "age is stored as double"),
    "text under codes": (put("ward", MADE["ward"].dictionary_encode()), "ward is stored as dictionary"),
    "moments to the second": (put("seen", MADE["seen"].cast(pa.timestamp("s"))), "seen is stored as timestamp[s]"),
}


@pytest.mark.parametrize("form", SAME_VALUES)
def test_the_same_values_in_another_form_score_the_same_and_the_form_is_told(form):
    synthetic, words = SAME_VALUES[form]
    found, schema = judged(synthetic, "validity.schema", "fidelity.marginals", "fidelity.detection")
    plain = judged(MADE, "validity.schema", "fidelity.marginals", "fidelity.detection")[0]
    assert [finding.value for finding in found.findings] == [finding.value for finding in plain.findings]
    assert any(words in note for note in schema.reading.details["notes"])


OTHER_VALUES = {
    "truth as 0 and 1": (put("smokes", MADE["smokes"].cast(pa.int64())), "smokes", "not a known level"),
    "an unseen level": (put("ward", pa.array(["moon"] * 240)), "ward", "not a known level"),
    "six decimals for two": (put("dose", pa.array(np.arange(240) / 7e1)), "dose", "finer than the observed decimals"),
    "halves of whole numbers": (put("age", pa.array(np.arange(240) % 50 + 18.5)), "age", "finer"),
    "missing where nothing is": (put("dose", pa.nulls(240, pa.float64())), "dose", "missing"),
}


@pytest.mark.parametrize("form", OTHER_VALUES)
def test_values_that_the_real_column_never_holds_are_faults_of_their_rows(form):
    synthetic, column, fault = OTHER_VALUES[form]
    schema = judged(synthetic)[1]
    assert schema.value < 0.2
    assert any(fault in name for name in schema.reading.details["faults"][column])


def test_dates_for_moments_are_told():
    schema = judged(put("seen", MADE["seen"].cast(pa.date32())))[1]
    assert "seen is stored as date32[day], in the real data as timestamp[us]" in schema.reading.details["notes"]


def test_moments_for_dates_are_a_fault_or_cannot_be_compared():
    dates = [put("seen", table["seen"].cast(pa.date32()), table) for table in (REAL, HOLDOUT)]
    found, schema = judged(MADE, "validity.schema", "fidelity.marginals", real=dates[0], holdout=dates[1])
    assert schema.value < 0.05
    assert any("seen (timestamp[us] cannot be read as date32[day])" in note for note in found.notes)


def test_the_same_moments_in_another_zone_are_the_same():
    """Both files tell where their clock stands, so that no hour is lost."""
    real, holdout = (in_zone("UTC", table) for table in (REAL, HOLDOUT))
    values = [
        [
            f.value
            for f in judged(in_zone(zone), "validity.schema", "fidelity.marginals", real=real, holdout=holdout)[
                0
            ].findings
        ]
        for zone in ("UTC", "Asia/Karachi")
    ]
    assert values[0] == values[1]


OTHER_HOLDOUTS = {
    "a column less": (HOLDOUT.drop_columns(["age"]), "lacks columns of the training data"),
    "words for numbers": (put("age", pa.array(["old"] * 240), HOLDOUT), "column age holds other values"),
    "halves of whole numbers": (put("age", pa.array(np.arange(240) / 2), HOLDOUT), "column age holds other values"),
    "a time zone where there is none": (in_zone("UTC", HOLDOUT), "column seen holds other values"),
    "dates for moments": (put("seen", HOLDOUT["seen"].cast(pa.date32()), HOLDOUT), "column seen holds other values"),
    "numbers for truth": (put("smokes", pa.array(range(240)), HOLDOUT), "column smokes holds other values"),
    "the training data again": (REAL, "the training data again"),
    "training rows among them": (pa.concat_tables([HOLDOUT, REAL.slice(20, 40)]), "40 of the 280 holdout rows"),
}


@pytest.mark.parametrize("form", OTHER_HOLDOUTS)
def test_a_holdout_that_cannot_stand_beside_the_training_data_is_refused(form):
    holdout, words = OTHER_HOLDOUTS[form]
    with pytest.raises(DataError, match=words):
        judged(MADE, holdout=holdout)


def test_a_holdout_of_the_same_values_in_another_form_is_read_as_the_training_data_are():
    forms = {"age": pa.float64(), "smokes": pa.int8(), "seen": pa.timestamp("ns"), "dose": pa.string()}
    holdout = HOLDOUT
    for name, type_ in forms.items():
        holdout = put(name, holdout[name].cast(type_), holdout)
    told, plain = (judged(MADE, "fidelity.marginals", holdout=each)[1] for each in (holdout, HOLDOUT))
    assert (told.value, told.ceiling) == (plain.value, plain.ceiling)


def test_data_of_which_no_column_is_shared_are_refused():
    with pytest.raises(DataError, match="share no column"):
        judged(pa.table({"q": [1, 2, 3]}))


def test_an_infinity_is_refused_with_its_column_and_row():
    with pytest.raises(DataError, match=r"row 3: column dose holds an infinite value"):
        judged(put("dose", pa.array([1.0, 2.0, np.inf] + [3.0] * 237)))


def answers(case, name):
    """The reason of NoEvidence, or "" where there is a sound reading."""
    try:
        reading = catalog.build("metrics", name, {}).measure(case, rng=Seed(1).rng())
    except CannotMeasure as error:
        return str(error)
    assert np.isfinite([reading.value, *reading.interval]).all()
    json.dumps(dict(reading.details), allow_nan=False)
    return ""


@pytest.mark.parametrize("n", [1, 2, 5, 20])
@pytest.mark.parametrize("name", NAMES)
def test_a_few_synthetic_rows_give_a_reason_with_the_rows_needed_or_an_interval_as_wide_as_they_deserve(name, n):
    """Twenty rows, all of them right, leave Clopper and Pearson an interval of 0.17 at 95 %."""
    case = replace(CASE, synthetic=CASE.synthetic.select(np.arange(n)))
    reason = answers(case, name)
    if reason:
        assert any(letter.isdigit() for letter in reason) or " one " in reason or "no " in reason, reason
        return
    low, high = catalog.build("metrics", name, {}).measure(case, rng=Seed(1).rng()).interval
    assert high - low > 1.3 / (n + 3), (low, high)


@pytest.mark.parametrize("role", ["train", "holdout"])
@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("name", NAMES)
def test_a_few_real_rows_give_a_reason_or_a_sound_reading(name, n, role):
    answers(replace(CASE, **{role: getattr(CASE, role).select(np.arange(n))}), name)


@pytest.mark.parametrize("name", sorted(set(NAMES) - WITHOUT_COLUMNS))
def test_a_column_that_the_synthetic_data_lack_is_named_in_the_details_or_the_reason(name):
    case = replace(CASE, synthetic=CASE.synthetic.only([c for c in MADE.schema.names if c != "dose"]))
    try:
        told = catalog.build("metrics", name, {}).measure(case, rng=Seed(1).rng()).details
    except CannotMeasure:
        return
    assert "dose" in json.dumps(dict(told))


NOTHING_IN_IT = {
    "every column missing": lambda table: pa.table(
        {name: pa.nulls(len(table), pa.string()) for name in table.schema.names}
    ),
    "one number missing": lambda table: put("dose", pa.nulls(len(table), pa.float64()), table),
    "a constant target": lambda table: put("outcome", pa.array(["ill"] * len(table)), table),
    "text alone": lambda table: table.select(["note"]),
}


@pytest.mark.parametrize("oddity", NOTHING_IN_IT)
@pytest.mark.parametrize("name", NAMES)
def test_columns_with_nothing_in_them_on_all_sides_give_a_reason_or_a_sound_reading(name, oddity):
    made, train, holdout = (Dataset.of(NOTHING_IN_IT[oddity](table)) for table in (MADE, REAL, HOLDOUT))
    answers(Case(made, train, holdout, target="outcome", sensitive=("ward",)), name)


def test_text_and_the_bytes_of_pictures_are_compared_by_their_length_and_this_is_told():
    """No encoder reads them yet: every score and the terminal say so."""
    found = judged(MADE, "fidelity.marginals", "fidelity.detection", "fidelity.pairs")[0]
    words = "text or bytes, compared by length alone, and word for word where copies are sought: note"
    assert words in found.notes
    assert all(words in finding.notes for finding in found.findings)
    pictures = [table.append_column("picture", pa.array([bytes([k % 7]) * (k % 90) for k in range(len(table))]))
                for table in (REAL, HOLDOUT, MADE)]  # fmt: skip
    seen = judged(pictures[2], "fidelity.marginals", real=pictures[0], holdout=pictures[1])[0]
    assert any("note, picture" in note for note in seen.notes)
    assert all(finding.reading.details["texts_by_length"] == ["note"] for finding in found.findings)


def test_groups_on_both_sides_are_refused_through_a_recipe_too(mintmark, tmp_path):
    for name, first in (("a", 0), ("h", 15)):
        lines = (f"p{first + k // 3},{k % 7},{k / 3:.3f}" for k in range(60))
        (tmp_path / f"{name}.csv").write_text("patient,n,x\n" + "\n".join(lines) + "\n")
    head = "name: t\nseed: 1\nsteps:\n  rows: {make: tabular.independent, count: 20}\n"
    (tmp_path / "t.yaml").write_text(head + "real: {from: a.csv, holdout: h.csv, group: patient}\n")
    done = mintmark("run", "t.yaml")
    assert done.code == 2
    assert "error: real.holdout: 5 groups of patient have rows in both" in done.err
    assert "holdout row 1 and training row 46" in done.err
    assert not (tmp_path / ".mintmark").exists()


def test_a_holdout_that_overlaps_is_refused_on_the_command_line_with_its_rows(mintmark, tmp_path):
    rng = np.random.default_rng(0)
    lines = [f"{x:.6f},{y:.6f}" for x, y in rng.normal(size=(200, 2))]
    for name, some in (("a", lines[:120]), ("h", lines[90:]), ("s", lines[:50])):
        (tmp_path / f"{name}.csv").write_text("x,y\n" + "\n".join(some) + "\n")
    done = mintmark("assay", "a.csv", "s.csv", "--holdout", "h.csv", "--profile", "quick")
    assert done.code == 2
    assert done.err.startswith("error: holdout: 30 of the 110 holdout rows equal a training row")
    assert "holdout row 1 and training row 91" in done.err
    assert "Traceback" not in done.err


def test_a_schema_with_groups_keeps_its_word():
    """In Python a group is declared in the schema of the data."""

    def grouped(table, first):
        people = [f"p{first + k // 2}" for k in range(len(table))]
        data = Dataset.of(table.append_column("patient", pa.array(people)))
        return Dataset(Schema({data.name: replace(data.columns, group="patient")}), data.tables)

    with pytest.raises(DataError, match="a group of patient has rows in both"):
        judged(MADE, real=grouped(REAL, 0), holdout=grouped(HOLDOUT, 199))


def wide(n, seed, columns=10_000):
    """So many columns that reading them would be most of the work: they all have the form of two."""
    rng = np.random.default_rng(seed)
    first = Dataset.of(
        {"x": rng.normal(size=n).round(3), "level": rng.choice(["a", "b"], n), "y": rng.choice(list("pq"), n)}
    )
    x, level, y = (replace(column, low=None, high=None) for column in first.columns.columns)
    kinds = [replace(x if place % 2 else level, name=f"c{place}") for place in range(columns)]
    numbers, words = rng.normal(size=(columns, n)).round(3), rng.choice(["a", "b"], (columns, n))
    values = [pa.array(numbers[place] if place % 2 else words[place]) for place in range(columns)]
    table = pa.table([*values, first.table["y"]], names=[*(kind.name for kind in kinds), "y"])
    return Dataset.of(table, schema=replace(first.columns, columns=(*kinds, y)))


@pytest.fixture(scope="module")
def widest():
    return Case(*(wide(60, seed) for seed in (3, 1, 2)), target="y", sensitive=("c0",))


WIDE = ("validity.schema", "fidelity.marginals", "fidelity.pairs", "fidelity.detection", "coverage.cells",
        "privacy.copies", "privacy.membership", "utility.transfer", "shortcuts.rounding")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", WIDE)
def test_ten_thousand_columns_give_a_reason_or_a_reading_that_tells_how_many_were_compared(name, widest):
    reason = answers(widest, name)
    assert not reason or "rows" in reason or "teach" in reason
    if name in ("fidelity.detection", "privacy.membership"):
        details = catalog.build("metrics", name, {}).measure(widest, rng=Seed(1).rng()).details
        assert "columns_compared" in details
