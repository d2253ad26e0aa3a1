"""Judges data from any source, without a recipe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from mintmark import catalog, disk
from mintmark.data import sources
from mintmark.data.dataset import ROWS, Dataset
from mintmark.data.schema import Schema
from mintmark.errors import DataError, UnknownName
from mintmark.gate import Decision, Gate
from mintmark.ledger import naming
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import open_dataset
from mintmark.metrics import unlike
from mintmark.metrics.assay import assay as ask
from mintmark.metrics.assay import profile
from mintmark.metrics.findings import Findings
from mintmark.metrics.metric import Case, Metric
from mintmark.pipeline.holdout import unseen
from mintmark.pipeline.progress import Progress, judging, silent
from mintmark.report import page
from mintmark.report.story import Provenance, Story, missing_of
from mintmark.seeds import Seed


@dataclass(frozen=True)
class Judgement:
    """What was found, and what the rules say of it where there were rules."""

    findings: Findings
    decision: Decision | None
    story: Story
    notes: tuple[str, ...] = ()
    """Which columns no score compares, or none but by length."""

    def to_json(self) -> dict[str, Any]:
        """What `mintmark assay --json` answers."""
        decision = self.decision.to_json() if self.decision else None
        return {
            "findings": self.findings.to_json(),
            "left_out": dict(self.findings.left_out),
            "notes": list(self.notes),
            "decision": decision,
        }

    def write(self, path: Path) -> None:
        """Writes the report (HTML)."""
        disk.write(path, page.render(self.story).encode(), drafts=path.parent)


def assay(
    real: Any,
    synthetic: Any,
    *,
    holdout: Any = None,
    target: str | None = None,
    sensitive: Sequence[str] = (),
    metrics: str | Mapping[str, Mapping[str, Any]] | Sequence[str] = "default",
    seed: int = 0,
    ledger: Path | str = ".mintmark",
) -> Findings:
    """What the metrics find; each finding shows itself in a notebook.

    `real` is what the generator saw and `holdout` real data that it did not see: without it there is no ceiling, and
    what needs unseen data is answered by NoEvidence. `synthetic` may be a list of datasets from the same sampler: each
    score is then their mean, and its interval holds the spread between them. `ledger:wine@2` is a version in `ledger`.
    """
    judged = judge(real, synthetic, holdout=holdout, target=target, sensitive=sensitive, metrics=metrics, seed=seed,
                   ledger=ledger)  # fmt: skip
    return judged.findings


def judge(
    real: Any,
    synthetic: Any,
    *,
    holdout: Any = None,
    target: str | None = None,
    sensitive: Sequence[str] = (),
    drop: Sequence[str] = (),
    metrics: str | Mapping[str, Mapping[str, Any]] | Sequence[str] = "default",
    rules: Sequence[str] = (),
    seed: int = 0,
    ledger: Path | str = ".mintmark",
    progress: Progress | None = None,
) -> Judgement:
    """What the metrics find, what the rules say of it, and the story for a report."""
    train = _read(real, drop, ledger)
    fresh = unseen(_read(holdout, drop, ledger), train) if holdout is not None else None
    made, *draws = (
        _read(each, drop, ledger) for each in (synthetic if isinstance(synthetic, list | tuple) else [synthetic])
    )
    for column in (*sensitive, *((target,) if target else ())):
        if column not in train.columns.names:
            raise UnknownName("column", column, train.columns.names)
    notes = dict.fromkeys(note for each in (made, *draws) for note in _unlike(each, train))
    gate = Gate.of(*rules)
    case = Case(made, train, fresh, target, tuple(sensitive))
    findings = ask(case, _metrics(metrics), seed=Seed(seed), draws=draws, progress=judging(progress or silent))
    decision = gate.decide(findings, validated=fresh is not None) if rules else None
    return Judgement(findings, decision, _story(case, draws, findings, decision, seed), tuple(notes))


def _unlike(synthetic: Dataset, real: Dataset) -> list[str]:
    """Which columns cannot be compared; DataError where none can."""
    if not any(name in real.columns for name in synthetic.columns.names):
        found = f"{_some(synthetic.columns.names)}; in the real data {_some(real.columns.names)}"
        fix = "is this the right file?"
        raise DataError("the synthetic data share no column with the real data", found=found, fix=fix)
    return unlike.notes(synthetic, real)


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (" …" if len(names) > 10 else "")


def _story(case: Case, draws: Sequence[Dataset], findings: Findings, decision: Decision | None, seed: int) -> Story:
    """The story of the first draw; the others, on which the scores stand as well, are named among the inputs."""
    inputs = {"train": case.train.digest} if case.train else {}
    if case.holdout is not None:
        inputs["holdout"] = case.holdout.digest
    inputs |= {f"draw {place}": draw.digest for place, draw in enumerate(draws, 2)}
    made = case.synthetic
    return Story(
        name="assay",
        schema=made.schema,
        rows={made.name: len(made)},
        digest=made.digest,
        findings=tuple(findings),
        decision=decision,
        provenance=Provenance(seed=seed, inputs=inputs),
        synthetic=made,
        real=case.reference,
        target=case.target,
        sensitive=case.sensitive,
        left_out=findings.left_out,
        missing=missing_of(made.tables),
    )


def _read(data: Any, drop: Sequence[str], ledger: Path | str) -> Dataset:
    if isinstance(data, str) and data.startswith(naming.PLACE):
        found = _recorded(data, Ledger.open(Path(ledger), create=False))
    else:
        found = sources.read(data) if isinstance(data, str) or hasattr(data, "__fspath__") else Dataset.of(data)
    return found.only([name for name in found.columns.names if name not in drop]) if drop else found


def _recorded(ref: str, record: Ledger) -> Dataset:
    """A version of the record, as one that was read from a file would be named."""
    version = open_dataset(record, ref)
    if len(version.schema.tables) != 1:
        raise DataError("only datasets of one table are judged", where=ref, found=", ".join(version.schema.tables))
    [(table, columns)] = version.schema.tables.items()
    return Dataset(Schema({ROWS: columns}), {ROWS: pa.concat_tables(version.shards(table))})


def _metrics(asked: str | Mapping[str, Mapping[str, Any]] | Sequence[str]) -> Mapping[str, Metric]:
    if isinstance(asked, str):
        return profile(asked)
    named = asked if isinstance(asked, Mapping) else {name: {} for name in asked}
    return {name: catalog.build("metrics", name, body) for name, body in named.items()}
