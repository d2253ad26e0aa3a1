"""Own output that comes back as "real" is caught, whatever was done to hide it."""

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

RECIPE = """
name: {name}
purpose: {{gap: volume, use: {use}}}
real: {{from: "{source}", origin: {origin}, holdout: 0.4}}
steps:
  rows: {{make: tabular.independent, count: 150}}
assay: [validity.schema]
gate: ["validity.schema >= 0.5"]
release: {{license: CC0-1.0}}
"""


@pytest.fixture
def run(mintmark, tmp_path):
    def go(name, source, origin="unknown", use="study", more=""):
        (tmp_path / f"{name}.yaml").write_text(RECIPE.format(name=name, source=source, origin=origin, use=use) + more)
        return mintmark("run", f"{name}.yaml")

    return go


@pytest.fixture
def hidden(run, tmp_path):
    """The released rows, renamed, in part and in another order, as a CSV file."""
    assert run("first", "sklearn:wine").code == 0
    rows = pq.read_table(next((tmp_path / "released" / "first").rglob("*.parquet")))
    rows = rows.take(pa.array(list(range(140, 20, -1)))).rename_columns([f"v{n}" for n in range(rows.num_columns)])
    pyarrow.csv.write_csv(rows.select([f"v{n}" for n in range(2, rows.num_columns)]), tmp_path / "found.csv")
    return "found.csv"


def test_it_stops_the_run_with_its_source_named(run, hidden):
    done = run("second", hidden)
    assert done.code == 2
    assert "MM202 what is learnt from is itself generated" in done.err


def test_it_is_refused_at_once_where_it_is_called_real(run, hidden):
    done = run("second", hidden, origin="real")
    assert done.code == 2
    assert "100% of the rows stand in first" in done.err


def test_accepted_it_runs_and_counts_as_the_second_generation(run, hidden, tmp_path):
    accept = "accept: {MM202: a study of what collapse looks like}\n"
    done = run("second", hidden, more=accept)
    assert done.code == 0, done.err
    assert "generations from real data: 2" in (tmp_path / "released" / "second" / "card.md").read_text()


def test_in_place_of_real_data_it_does_not_leave_even_so(run, hidden, tmp_path):
    done = run("second", hidden, use="replace", more="accept: {MM202: a study of what collapse looks like}\n")
    assert done.code == 1, done.err
    page = (tmp_path / "released" / "second.refused" / "report.html").read_text(encoding="utf-8")
    assert "it was generated from what was generated" in page


def test_rows_of_unknown_origin_do_not_take_the_place_of_real_data(run, tmp_path):
    lines = ["x,y", *(f"{place * 1.37:.2f},{place % 7}" for place in range(300))]
    (tmp_path / "some.csv").write_text("\n".join(lines))
    assert run("some", "some.csv", use="replace").code == 1
    assert run("some", "some.csv", origin="real", use="replace").code == 0
