"""Bad input: one clear message, exit code 2, no traceback, and nothing lost."""

import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import mintmark as mm

HEAD = "name: t\nseed: 1\nsteps:\n  rows: {make: tabular.independent, count: 20}\n"


def recipe(folder: Path, *, source: str = "a.csv", extra: str = "", steps: str | None = None, real: str = "") -> Path:
    head = HEAD if steps is None else f"name: t\nseed: 1\nsteps:\n  rows: {steps}\n"
    (folder / "t.yaml").write_text(f"{head}real: {{from: '{source}'{real}}}\n{extra}")
    return folder / "t.yaml"


def table(folder: Path, rows: int = 60, name: str = "a.csv") -> Path:
    lines = (f"{i % 17},{'xyz'[i % 3]},{i / 4}" for i in range(rows))
    (folder / name).write_text("n,c,x\n" + "\n".join(lines) + "\n")
    return folder / name


def refused(done, *words: str) -> None:
    assert done.code == 2, (done.out, done.err)
    assert "Traceback" not in done.err
    assert "\nerror: " in "\n" + done.err
    for word in words:
        assert word in done.err, done.err


FILES = {
    "a missing file": (None, ["a.csv"]),
    "an empty file": (b"", ["a.csv"]),
    "a header and no rows": (b"a,b\n", ["a.csv"]),
    "duplicate column names": (b"a,a\n1,2\n3,4\n", ["twice", "a"]),
    "a PNG that is called .csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ["a.csv"]),
    "a cut gzip": (gzip.compress(b"a,b\n1,2\n" * 999)[:-30], ["a.csv"]),
    "a row with too many cells": (b"a,b\n1,2\n1,2,3\n", ["a.csv"]),
    "an infinity": (b"a,b\n1,2\ninf,3\n4,5\n", ["a"]),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_read_is_said_so(mintmark, tmp_path, case):
    content, words = FILES[case]
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    refused(mintmark("run", recipe(tmp_path)), *words)
    assert not (tmp_path / "released").exists()


def test_one_row_is_too_few_to_part_off_a_holdout(mintmark, tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,x\n")
    refused(mintmark("run", recipe(tmp_path)), "too few rows")


@pytest.mark.parametrize(
    "text",
    [
        "a\n" + "\n".join(str(i % 9) for i in range(60)),
        "a,b\n" + "\n".join(f"{i % 9}," for i in range(60)),
        "a,b\n" + "\n".join(f"{i % 9},same" for i in range(60)),
        "a,b\n" + "\n".join(f'{i % 9},"{{""k"": {i}}}"' for i in range(60)),
        "a,b\n" + "\n".join(f"{2**53 + i},{i % 5}" for i in range(60)),
        "when,b\n" + "\n".join(f"19{10 + i}-01-0{1 + i % 9},{i % 5}" for i in range(60)),
        "when,b\n" + "\n".join(f"{2262 + i}-12-3{i % 2},{i % 5}" for i in range(60)),
    ],
    ids=[
        "one column",
        "an all-missing column",
        "a constant column",
        "JSON",
        "beyond 2^53",
        "before 1970",
        "after 2262",
    ],
)
def test_odd_tables_are_learnt_and_judged_all_the_same(mintmark, tmp_path, text):
    (tmp_path / "a.csv").write_text(text + "\n")
    for method in ("tabular.independent", "tabular.trees", "tabular.copula"):
        steps = f"{{make: {method}, count: 30}}"
        done = mintmark("run", recipe(tmp_path, steps=steps, extra="assay: quick\n"), "--json")
        assert done.code == 0, done.err
        assert json.loads(done.out)["rows"] == {"rows": 30}


@pytest.mark.slow
def test_ten_thousand_categories_are_learnt(mintmark, tmp_path):
    lines = (f"c{i % 10_000},{i % 7}" for i in range(30_000))
    (tmp_path / "a.csv").write_text("c,n\n" + "\n".join(lines) + "\n")
    steps = "{make: tabular.trees, count: 5000}"
    done = mintmark("run", recipe(tmp_path, steps=steps, extra="assay: [fidelity.marginals]\n"), "--json")
    assert done.code == 0, done.err


def test_a_password_in_a_recipe_is_refused_and_never_shown(mintmark, tmp_path):
    done = mintmark("run", recipe(tmp_path, source="postgresql://me:s3cret@127.0.0.1:1/db"))
    refused(done, "holds no password", "PGPASSWORD")
    assert "s3cret" not in done.err + done.out


def test_a_query_on_a_file_is_refused(mintmark, tmp_path):
    table(tmp_path)
    refused(mintmark("check", recipe(tmp_path, real=", query: select 1")), "no database", "select 1")


def test_an_empty_condition_is_refused(mintmark, tmp_path):
    table(tmp_path)
    refused(
        mintmark("check", recipe(tmp_path, steps="{make: tabular.trees, where: {c: []}}")), "condition on c is empty"
    )


def test_a_fault_of_the_programs_own_is_neither_a_refusal_nor_bad_input(mintmark, tmp_path, monkeypatch):
    import mintmark as mm

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(mm, "run", broken)
    table(tmp_path)
    done = mintmark("run", recipe(tmp_path))
    assert done.code == 70
    assert "ZeroDivisionError: oh" in done.err
    assert "Traceback" not in done.err


BAD_RECIPES = {
    "an unknown field": (HEAD + "relase: {}\n", ["t.yaml:5", "relase", "release"]),
    "an unknown generator": (HEAD.replace("independent", "tres"), ["tabular.tres", "tabular.trees"]),
    "an unknown parameter": (HEAD.replace("count: 20", "with: {bin: 3}"), ["bin", "steps.rows.with"]),
    "a bad rule": (HEAD + "gate: ['detection < x']\n", ["t.yaml:5", "privacy.membership <= 0.02"]),
    "a rule on an unknown metric": (HEAD + "gate: ['privacy.member <= 1']\n", ["privacy.membership"]),
    "a rule that is not asked": (HEAD + "assay: [validity.schema]\ngate: ['privacy.copies <= 1']\n", ["not asked"]),
    "a duplicate key": (HEAD + "name: u\n", ["t.yaml:5", "twice", "line 1"]),
    "an alias": (HEAD + "purpose: &a {}\nassay: *a\n", ["t.yaml:5", "aliases"]),
    "a tag": ("name: !!python/object/apply:os.system [ls]\n", ["t.yaml:1"]),
    "a number of 5,000 digits": (HEAD.replace("count: 20", "count: " + "9" * 5000), ["t.yaml:4", "steps.rows.count"]),
    "a first step that is given": (HEAD.replace("count: 20", "given: rows"), ["no step before it", "it is the first"]),
    "a step given what comes later": (HEAD.replace("count: 20", "given: more"), ["more"]),
    "no steps": ("name: t\nsteps: {}\n", ["steps"]),
    "a name that leaves its folder": (HEAD.replace("name: t", "name: ../t"), ["t.yaml:1", "name"]),
    "a boolean for a number": (HEAD.replace("count: 20", "count: true"), ["t.yaml:4", "true"]),
    "a bound that is not finite": (HEAD + "gate: ['privacy.copies <= 1e999']\n", ["t.yaml:5", "finite"]),
    "no YAML": ("name: [t\n", ["t.yaml"]),
}


@pytest.mark.parametrize("case", BAD_RECIPES)
def test_a_recipe_that_is_wrong_is_said_to_be_so_with_file_and_line(mintmark, tmp_path, case):
    text, words = BAD_RECIPES[case]
    table(tmp_path)
    real = "" if "real" in text else "real: {from: a.csv}\n"
    (tmp_path / "t.yaml").write_text(text + real)
    refused(mintmark("run", "t.yaml"), *words)


@pytest.mark.parametrize(
    ("real", "extra", "words"),
    [
        (", constraints: ['n + 1']", "", ["n + 1", "true or false", "a number"]),
        (", constraints: ['c > 5']", "", ["c > 5", "text", "a number"]),
        (", constraints: ['n >']", "", ["real.constraints", "not an expression"]),
        (", key: c", "", ["real.key", "c is no key", "group"]),
        ("", "purpose: {task: {target: c, kind: regression}}\n", ["purpose.task", "c is of kind category"]),
    ],
)
def test_what_a_recipe_says_of_its_columns_is_checked_against_them(mintmark, tmp_path, real, extra, words):
    table(tmp_path)
    refused(mintmark("check", recipe(tmp_path, real=real, extra=extra)), *words)


def test_an_unknown_target_offers_the_nearest_column(mintmark, tmp_path):
    table(tmp_path)
    extra = "purpose: {task: {target: cc}}\n"
    refused(mintmark("check", recipe(tmp_path, extra=extra)), "purpose.task.target", "cc", "did you mean c?")


def test_a_class_of_the_target_that_is_too_rare_to_be_made_is_told(mintmark, tmp_path):
    (tmp_path / "a.csv").write_text(
        "n,c\n" + "\n".join(f"{i % 17},{'seldom' if i < 3 else 'often'}" for i in range(200))
    )
    extra = "purpose: {task: {target: c}}\n"
    told = mintmark("check", recipe(tmp_path, extra=extra, real=", holdout: null"))
    assert "never made: seldom (3 training rows)" in " ".join((told.out + told.err).split())
    kept = mintmark("check", recipe(tmp_path, extra=extra, real=", holdout: null", steps="{make: tabular.trees, "
                                    "count: 9, with: {rare: 3}}"))  # fmt: skip
    assert "never made" not in kept.out + kept.err


def test_a_target_of_one_class_is_refused(mintmark, tmp_path):
    (tmp_path / "a.csv").write_text("n,c\n" + "\n".join(f"{i},same" for i in range(60)) + "\n")
    extra = "purpose: {task: {target: c}}\n"
    refused(mintmark("check", recipe(tmp_path, extra=extra)), "one class", "same")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{c: w}", ["no value of c 'w'", "x, y, z"]),
        ("{c: {x: 0.5, y: 0.6}}", ["shares of c", "1.1"]),
        ("{c: {x: 0.5, y: 0.1, z: 0.1}}", ["shares of c", "0.7"]),
        ("{n: {min: 90}}", ["n", "0 to 16"]),
        ("{m: 1}", ["no column 'm'"]),
        ("{c: {min: 3}}", ["c has no range", "category"]),
        ("{c: {x: -0.5}}", ["a share of c", "-0.5"]),
        ("{c: {x: half}}", ["a share of c", "half"]),
        ("{n: {min: few}}", ["no value of n", "few"]),
    ],
)
def test_a_condition_that_cannot_be_met_is_refused_before_anything_is_made(mintmark, tmp_path, condition, words):
    table(tmp_path)
    steps = f"{{make: tabular.independent, count: 20, where: {condition}}}"
    refused(mintmark("check", recipe(tmp_path, steps=steps)), *words)


def test_conditions_that_no_row_meets_together_are_said_in_python_and_in_a_run(mintmark, tmp_path):
    """c is x, y, z by the row's number and n counts to 16: d follows from c, so that no row is x and of z's."""
    lines = (f"{i % 17},{'xyz'[i % 3]},{'pqr'[i % 3]}" for i in range(90))
    (tmp_path / "a.csv").write_text("n,c,d\n" + "\n".join(lines) + "\n")
    conditions = {"c": "x", "d": "r"}
    with pytest.warns(UserWarning, match=r"20 of 20 rows combine .* such as c x and d r"):
        mm.generate(tmp_path / "a.csv", "tabular.trees", count=20, where=conditions)
    steps = "{make: tabular.trees, count: 20, where: {c: x, d: r}}"
    done = mintmark("run", recipe(tmp_path, steps=steps, extra="assay: [validity.schema]\n"), "--json")
    assert done.code == 0, done.err
    assert any("20 of 20 rows combine" in note for note in json.loads(done.out)["notes"]), done.out


def test_a_holdout_too_small_for_a_metric_is_no_evidence_and_fails_the_gate(mintmark, tmp_path):
    table(tmp_path, rows=40)
    extra = "assay: [privacy.membership]\ngate: ['privacy.membership <= 1']\n"
    done = mintmark("run", recipe(tmp_path, extra=extra), "--json")
    answer = json.loads(done.out)
    assert done.code == 1
    assert answer["findings"][0]["reason"]
    assert answer["decision"]["verdicts"][0]["passed"] is False


def test_a_holdout_file_without_the_columns_is_refused(mintmark, tmp_path):
    table(tmp_path)
    (tmp_path / "h.csv").write_text("n\n1\n2\n")
    refused(mintmark("run", recipe(tmp_path, real=", holdout: h.csv")), "h.csv", "no column 'c'")


def test_a_missing_package_names_the_pip_command(mintmark, tmp_path):
    refused(mintmark("run", recipe(tmp_path, source="openml:adult")), "pip install 'mintmark[hub]'")


def test_formula_like_text_is_guarded_and_recorded_unless_raw(mintmark, tmp_path):
    rows = (f"{['=1+1', '@x', 'plain'][i % 3]},{i % 5}" for i in range(90))
    (tmp_path / "a.csv").write_text("c,n\n" + "\n".join(rows) + "\n")
    extra = "assay: [validity.schema]\ngate: ['validity.schema >= 0']\nrelease: {formats: [csv]}\n"
    path = recipe(tmp_path, extra=extra, steps="{make: tabular.independent, count: 300}")
    assert mintmark("run", path).code == 0
    released = tmp_path / "released" / "t"
    text = next(released.rglob("*.csv")).read_text()
    assert "'=1+1" in text
    assert "as a formula" in (released / "card.md").read_text()
    assert mintmark("run", path, "--raw").code == 0
    assert "'=1+1" not in next(released.rglob("*.csv")).read_text()


def test_a_ledger_file_altered_by_one_byte_is_found_and_named(mintmark, tmp_path):
    table(tmp_path)
    assert mintmark("run", recipe(tmp_path, extra="assay: [validity.schema]\n")).code == 0
    manifest = sorted((tmp_path / ".mintmark" / "manifests").iterdir())[1]
    data = bytearray(manifest.read_bytes())
    data[40] ^= 1
    manifest.chmod(0o644)
    manifest.write_bytes(data)
    done = mintmark("verify", ".mintmark")
    assert done.code in (1, 2)
    assert manifest.name in done.out + done.err


def test_a_folder_that_is_no_release_is_never_replaced(mintmark, tmp_path):
    table(tmp_path)
    mine = tmp_path / "released" / "t" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("precious")
    done = mintmark("run", recipe(tmp_path, extra="gate: ['validity.schema >= 0']\nrelease: {}\n"))
    refused(done, "something lies here already")
    assert mine.read_text() == "precious"
    assert not (tmp_path / ".mintmark").exists()


def test_a_json_answer_carries_the_error_too(mintmark, tmp_path):
    done = mintmark("run", "nowhere.yaml", "--json")
    assert done.code == 2
    assert json.loads(done.out)["error"]["kind"] == "RecipeError"


def test_verify_of_a_folder_that_is_no_release_says_so(mintmark, tmp_path):
    (tmp_path / "x").mkdir()
    done = mintmark("verify", "x")
    assert done.code in (1, 2)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("method", "room"), [("independent", 400_000), ("trees", 20_000)], ids=["shards", "sampler"])
def test_a_full_disk_is_said_and_what_was_finished_is_kept(tmp_path, method, room):
    table(tmp_path, rows=20_000)
    path = recipe(tmp_path, steps=f"{{make: tabular.{method}, count: 200000}}", extra="assay: [validity.schema]\n")
    command = [sys.executable, "-c", "from mintmark.cli import main; main()", "run", str(path)]

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, preexec_fn=small_files, env=environment, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("columns", [{"a": [1, "x", 2]}, {"a": [1, 2], "b": [1]}])
def test_columns_that_are_no_table_are_refused_in_python(columns):
    with pytest.raises(mm.MintmarkError, match="cannot be read as a table"):
        mm.Dataset.of(columns)
