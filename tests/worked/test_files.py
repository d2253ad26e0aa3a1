"""Files that are written whole or not at all, and read back as they were."""

import datetime as dt
import errno
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mintmark import digest
from mintmark.data import content, files, sources
from mintmark.errors import DataError, StorageError, UnknownName

TABLE = pa.table({
    "n": pa.array([1, None, 2**63 - 1], pa.int64()),
    "part": pa.array([0.1, -1e300, None]),
    "word": ["=1+1", "", None],
    "text": ['say "hi", twice', "two\nlines", "plain"],
    "true": [True, False, None],
    "day": [dt.date(1912, 6, 23), dt.date(9999, 12, 31), None],
    "moment": pa.array([-5_000_000, 10**16, None], pa.timestamp("us")),
    "clock": pa.array([0, 86399, None], pa.time32("s")),
    "lasted": pa.array([-1_500_000, 90_000_000, None], pa.duration("us")),
})  # fmt: skip
RICH = pa.table({
    **{name: TABLE[name] for name in TABLE.schema.names},
    "level": pa.array(["a", None, "b"]).dictionary_encode(),
    "money": pa.array([Decimal("1.50"), Decimal("-2.00"), None], pa.decimal128(9, 2)),
    "byte": pa.array([1, None, 255], pa.uint8()),
    "zoned": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
    "list": [[1, 2], None, []],
})  # fmt: skip


def save(folder: Path, table: pa.Table, form: str, **wanted: bool) -> files.Written:
    batches = (table.slice(start, 2) for start in range(0, table.num_rows, 2))
    return files.write(batches, table.schema, folder / f"rows.{form}", form=form, **wanted)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_typed_forms_bring_every_type_back_exactly(tmp_path: Path, form: str) -> None:
    written = save(tmp_path, RICH.drop_columns(["list"]), form)
    back = sources.read(written.path).table
    assert content.of_tables([back], back.schema) == content.of_tables([RICH.drop_columns(["list"])], back.schema)
    assert (written.rows, written.guarded) == (3, {})
    assert written.digest == digest.of_file(written.path)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_text_forms_bring_the_same_values_back(tmp_path: Path, form: str) -> None:
    back = sources.read(save(tmp_path, TABLE, form, raw=True).path).table
    assert back.to_pylist() == TABLE.to_pylist()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_text_forms_write_what_has_no_text_form_plainly(tmp_path: Path, form: str) -> None:
    back = sources.read(save(tmp_path, RICH, form).path).table
    assert back["level"].to_pylist() == ["a", None, "b"]
    assert back["list"].to_pylist() == ["[1, 2]", None, "[]"]
    assert back["zoned"].type == pa.timestamp("us", "UTC")


def test_missing_and_empty_differ_in_a_csv(tmp_path: Path) -> None:
    written = save(tmp_path, pa.table({"a": ["", None, "x"]}), "csv")
    assert written.path.read_bytes() == b'a\n""\n\n"x"\n'
    assert sources.read(written.path).table["a"].to_pylist() == ["", None, "x"]


def test_formulas_in_a_csv_are_guarded_and_counted(tmp_path: Path) -> None:
    words = ["=1+1", "+1 555", "-cmd", "@x", "\tx", "\rx", "plain", "a=b", None, "-5", "+1.5e3"]
    table = pa.table({"word": words, "n": [-5] * 11, "=name": ["x"] * 11})
    written = save(tmp_path, table, "csv")
    back = sources.read(written.path).table
    assert written.guarded == {"word": 6, "=name": 1}
    assert back["word"].to_pylist()[:8] == ["'=1+1", "'+1 555", "'-cmd", "'@x", "'\tx", "'\rx", "plain", "a=b"]
    assert back["word"].to_pylist()[9:] == ["-5", "+1.5e3"]
    assert back["n"].to_pylist() == [-5] * 11
    assert back.schema.names == ["word", "n", "'=name"]


def test_raw_leaves_formulas_as_they_are(tmp_path: Path) -> None:
    written = save(tmp_path, pa.table({"=word": ["=1+1", "x"]}), "csv", raw=True)
    assert written.path.read_bytes() == b'=word\n"=1+1"\n"x"\n'
    assert written.guarded == {}


def test_names_are_quoted_where_they_must_be(tmp_path: Path) -> None:
    names = ["a,b", 'say "hi"', "two\nlines", "semi;colon"]
    written = save(tmp_path, pa.table({name: [1, 2] for name in names}), "csv")
    assert sources.read(written.path).table.schema.names == names


def test_the_cut_into_batches_does_not_show(tmp_path: Path) -> None:
    whole = files.write([TABLE], TABLE.schema, tmp_path / "whole.csv", form="csv")
    assert save(tmp_path, TABLE, "csv").digest == whole.digest


def test_no_rows_are_a_file_too(tmp_path: Path) -> None:
    for form in files.WRITERS:
        written = files.write([], TABLE.schema, tmp_path / f"rows.{form}", form=form)
        assert (written.rows, written.path.exists()) == (0, True)


@pytest.mark.parametrize("name", ["../up.csv", ".hidden", "Rows.csv", "a b.csv", "x" * 65, "-rf.csv", "naïve.csv"])
def test_unsafe_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="not safe") if "/" not in name else pytest.raises(DataError):
        files.write([TABLE], TABLE.schema, tmp_path / name.rpartition("/")[2].replace("up", "Up"), form="csv")


def test_an_unknown_form_brings_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean parquet"):
        files.write([TABLE], TABLE.schema, tmp_path / "rows.parket", form="parket")


def test_batches_of_another_schema_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not hold the columns"):
        files.write([TABLE, TABLE.select(["n"])], TABLE.schema, tmp_path / "rows.csv", form="csv")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_clear_error_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("old")

    def batches() -> Iterator[pa.Table]:
        yield TABLE
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageError, match="No space left"):
        files.write(batches(), TABLE.schema, path, form="csv")
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.csv"]
    assert path.read_text() == "old"


def test_a_really_full_device_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    true_open = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode="r": true_open(Path("/dev/full"), mode))
    with pytest.raises(StorageError, match="No space left"):
        files.write([TABLE], TABLE.schema, tmp_path / "rows.csv", form="csv")


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    def batches() -> Iterator[pa.Table]:
        yield TABLE
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.write(batches(), TABLE.schema, tmp_path / "rows.parquet", form="parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv", "jsonl"])
def test_batches_are_written_as_they_come(tmp_path: Path, form: str) -> None:
    alive: list[int] = []

    def batches() -> Iterator[pa.Table]:
        for _ in range(20):
            alive.append(pa.total_allocated_bytes())
            yield pa.table({"x": np.zeros(50_000)})

    files.write(batches(), pa.schema([("x", pa.float64())]), tmp_path / f"rows.{form}", form=form)
    # Twenty batches are 8 MB; what is held when the last is asked for is not.
    assert max(alive) - alive[0] < 4e6
