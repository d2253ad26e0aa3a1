"""A table about people, from a first recipe to rows in which none of them stands."""

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

RECIPE = """\
name: people
seed: 7
real: {{from: people.csv, group: customer_id, locale: fr_FR, columns: {columns}}}
steps: {{rows: {{make: tabular.trees}}}}
assay: [validity.schema, privacy.copies]
gate: [privacy.copies <= 0.5]
release: {{}}
"""


def test_personal_columns_are_told_shown_and_made_anew(tmp_path, mintmark, tables):
    real = tables.customers(900, each=3)
    arrow_csv.write_csv(real, tmp_path / "people.csv")
    first = mintmark("init", "people.csv")
    assert first.code == 0
    assert "personal, so replaced by made values and never learnt: name (name), email (email)" in first.err
    written = (tmp_path / "people.yaml").read_text()
    assert "#   iban: iban   # personal: made anew, never learnt or copied" in written
    assert "name (name)" in mintmark("check", "people.yaml").err

    (tmp_path / "people.yaml").write_text(RECIPE.format(columns="{sex: category}"))
    done = mintmark("run", "people.yaml")
    assert done.code == 0, done.err
    (made,) = (tmp_path / "released").glob("*/**/rows.parquet")
    rows = pq.read_table(made)
    for name in (*tables.IDENTIFYING, "customer_id"):
        assert not set(rows[name].to_pylist()) - {None} & set(real[name].to_pylist()), name
    body = rows.to_pylist()
    assert len({(row["customer_id"], row["name"], row["iban"]) for row in body}) == len({r["email"] for r in body})
    # Nor does anything else that was written: neither the report, nor the ledger with its models.
    held = {text.encode() for name in ("email", "iban") for text in real[name].to_pylist()}
    for path in [*(tmp_path / "released").rglob("*"), *(tmp_path / ".mintmark").rglob("*")]:
        if path.is_file():
            text = path.read_bytes()
            assert not [value for value in held if value in text], path


def test_a_person_who_says_that_a_column_is_not_personal_is_believed(tmp_path, mintmark, tables):
    arrow_csv.write_csv(tables.customers(200), tmp_path / "people.csv")
    (tmp_path / "r.yaml").write_text(RECIPE.format(columns="{name: text, phone: text}"))
    said = mintmark("check", "r.yaml")
    assert said.code == 0
    assert "name (name)" not in said.err
    assert "email (email)" in said.err


def test_a_word_that_is_no_kind_and_a_country_that_cannot_be_made_are_refused(tmp_path, mintmark, tables):
    arrow_csv.write_csv(tables.customers(50), tmp_path / "people.csv")
    (tmp_path / "r.yaml").write_text(RECIPE.format(columns="{name: nmae}"))
    done = mintmark("check", "r.yaml")
    assert done.code == 2
    assert "r.yaml:3: real.columns.name: this is no kind; choose from: number, category" in done.err
    assert "first_name" in done.err
    (tmp_path / "r.yaml").write_text(RECIPE.format(columns="{}").replace("fr_FR", "xx_XX"))
    done = mintmark("check", "r.yaml")
    assert done.code == 2
    assert "'fr_FR'" in done.err
