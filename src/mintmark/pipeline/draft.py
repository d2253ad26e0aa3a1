"""Writes a first recipe for a table: commented, with inferred kinds and gates that its size can bear."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from scipy import stats

from mintmark import disk
from mintmark.data import personal, sources
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.data.sources import address
from mintmark.errors import InputError
from mintmark.pipeline import proposals
from mintmark.recipe import json_schema

HOLDOUT = 0.3
_SENSITIVE = re.compile(
    r"(sex|gender|race|ethnic\w*|religion|nationality|native_?country|marital\w*|disab\w*|age|income_group)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Draft:
    """Where the recipe and its schema were written, and what was noticed while reading the table."""

    path: Path
    schema: Path
    notes: tuple[str, ...]


def draft(
    source: str,
    *,
    target: str | None = None,
    table: str | None = None,
    to: Path | None = None,
    force: bool = False,
) -> Draft:
    """Reads a table and writes a recipe for it.

    Raises InputError where the file is there already, UnknownName where the target is no column.
    """
    data, notes = sources.read_with_notes(source, table=table)
    if target is not None:
        data.columns[target]
    name = _name(source)
    path = to or Path(f"{name}.yaml")
    if path.exists() and not force:
        raise InputError(
            "this file is there already", where=str(path), fix="choose another with --to, or replace it with --force"
        )
    written = text(data, source=_seen_from(source, path.parent), name=name, target=target, table=table)
    disk.write(path, written.encode(), drafts=path.parent)
    schema = path.with_name("mintmark.schema.json")
    write_schema(schema)
    return Draft(path, schema, (*notes, *personal.notes(data.columns)))


def write_schema(path: Path) -> None:
    """Writes the JSON Schema of a recipe."""
    disk.write(path, (json.dumps(json_schema(), indent=2) + "\n").encode(), drafts=path.parent)


def text(data: Dataset, *, source: str, name: str, target: str | None, table: str | None = None) -> str:
    """The recipe's YAML."""
    schema, rows = data.columns, len(data)
    task = f"task: {{target: {_quoted(target)}, kind: {_task(schema[target])}}}" if target else ""
    sensitive = [column.name for column in schema.columns if _SENSITIVE.fullmatch(column.name) and column.discrete]
    lines = [
        "# yaml-language-server: $schema=mintmark.schema.json",
        f"# {rows:,} rows and {len(schema.columns)} columns were read. Check what was inferred, then: mintmark run",
        f"name: {name}",
        "seed: 7",
        "",
        "# Which scarcity is filled (annotation, privacy, imbalance, rarity, coverage, bias, volume), and what for",
        "# (augment, replace, share, test, study).",
        "purpose:",
        "  gap: none",
        "  use: study",
        *(
            [f"  {task}"]
            if task
            else ["  # task: {target: COLUMN, kind: classification}   # lets usefulness be measured"]
        ),
        "",
        "real:",
        f"  from: {_quoted(source)}",
        *([f"  table: {_quoted(table)}"] if table else []),
        "  origin: unknown   # real, synthetic or mixed, if you know; the record keeps it as your statement",
        *_described(schema),
        *_constraints(proposals.proposed(data)),
        f"  sensitive: [{', '.join(map(_quoted, sensitive))}]   # columns that name groups of people",
        f"  holdout: {HOLDOUT}   # locked away: no generator ever sees these rows",
        "",
        "steps:",
        "  rows:",
        "    make: tabular.auto   # trees, or a network where that is better; `mintmark browse` lists the methods",
        f"    count: {rows - round(HOLDOUT * rows)}",
        *_where(schema, target),
        "",
        "assay: default",
        "",
        "# All must hold, judged at the worst end of each interval. A small holdout makes wide intervals.",
        "gate:",
        *(f"  - {rule}" for rule in gates(rows, with_target=target is not None)),
        "",
        "release:",
        "  formats: [parquet, csv]",
    ]
    return "\n".join(lines) + "\n"


def gates(rows: int, *, with_target: bool) -> list[str]:
    """Rules that good synthetic data of this size passes: each bound leaves room for the interval of its holdout."""
    unseen = max(20, round(HOLDOUT * rows) // 2)
    # An attack at chance that is off by its 95 % interval must not fail; one at twice the chance must, as n grows.
    chance = float(stats.beta.ppf(0.9975, 0.01 * unseen + 1, 0.99 * unseen))
    detection = 0.65 + 1.0 / unseen**0.5
    out = [
        f"fidelity.detection <= {min(0.99, detection):.2f}   # 0.5: nobody can tell; 1: anybody can",
        f"privacy.membership <= {max(0.03, 1.3 * chance):.3f}   # 0.01: an attacker learns nothing",
        f"privacy.copies <= {max(0.005, 4.0 / unseen):.3f}   # exact copies beyond those that fresh real rows show",
    ]
    if with_target:
        out.insert(1, f"utility.transfer >= {max(0.5, 0.9 - 2.0 / unseen**0.5):.2f}   # 1: as useful as real data")
    return out


def _seen_from(source: str, folder: Path) -> str:
    """A recipe's paths start from its own folder, and the person's from where they stand."""
    if source.startswith(address.SERVERS):
        return address.without_password(source)
    path = Path(source)
    return os.path.relpath(path, folder) if path.exists() and not path.is_absolute() else source


def _described(schema: TableSchema) -> list[str]:
    lines = ["  # Inferred kinds; to override one, move its line out of the comment under `columns:`."]
    lines += [f"  #   {_quoted(column.name)}: {column.told}{_remark(column)}" for column in schema.columns]
    if schema.key:
        lines.append(f"  key: {_quoted(schema.key)}")
    return lines


def _constraints(found: list[str]) -> list[str]:
    if not found:
        return []
    head = "  # Found to hold in all rows; what is moved out of the comment, every synthetic row will meet."
    return [head, "  # constraints:", *(f"  #   - {json.dumps(text, ensure_ascii=False)}" for text in found)]


def _remark(column: Column) -> str:
    said = ["personal: made anew, never learnt or copied"] if column.personal else []
    if column.discrete:
        said.append(f"{len(column.levels)} levels")
    if column.kind in {Kind.NUMBER, Kind.GEO} and column.low is not None:
        said.append(f"{column.low:g} to {column.high:g}")
    if column.specials:
        said.append(f"codes {', '.join(f'{code:g}' for code in column.specials)}")
    if column.nullable:
        said.append("some missing")
    return f"   # {', '.join(said)}" if said else ""


def _where(schema: TableSchema, target: str | None) -> list[str]:
    if not target or not schema[target].discrete or not schema[target].levels:
        return []
    rare = schema[target].levels[-1]
    return [f"    # where: {{{_quoted(target)}: {{{_quoted(rare)}: 0.5}}}}   # any class share, any value, any range"]


def _task(column: Column) -> str:
    return "regression" if column.numeric else "classification"


def _name(source: str) -> str:
    base = re.split(r"[/\\:]", source.rstrip("/"))[-1].split(".")[0].lower()
    return re.sub(r"[^a-z0-9_-]+", "-", base).strip("-_")[:60] or "data"


def _quoted(word: str | None) -> str:
    """A YAML scalar: plain where that is safe, else quoted."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]*", word or "") and (word or "").lower() not in {
        "true",
        "false",
        "null",
        "no",
        "yes",
    }
    return word or "" if plain else json.dumps(word, ensure_ascii=False)
