"""What does this data lack, and would synthetic data help? Asked of tables as users have them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mintmark import disk
from mintmark.advice import diagnosis
from mintmark.advice.diagnosis import Diagnosis
from mintmark.advice.symptom import Patient
from mintmark.data import sources
from mintmark.data.dataset import Dataset
from mintmark.errors import UnknownName
from mintmark.metrics.metric import Task
from mintmark.pipeline.progress import Progress, silent
from mintmark.report import diagnosis_page


def diagnose(
    data: Any,
    *,
    target: str | None = None,
    task: Task | None = None,
    sensitive: Sequence[str] = (),
    other: Any = None,
    made_by: str | None = None,
    drop: Sequence[str] = (),
    report: Path | str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Diagnosis:
    """Reads real data and says which scarcity it shows, how surely, and what would help.

    `data` and `other`, a second sample, are datasets, tables or what `read` takes. `made_by` declares how the data came
    about ("measured", "simulator", "llm" …). `report` is where a page with pictures is written.

    Raises UnknownName for a column that is not there, and what `read` raises.
    """
    real = _read(data, drop)
    for column in (*sensitive, *((target,) if target else ())):
        if column not in real.columns:
            raise UnknownName("column", column, real.columns.names)
    second = _read(other, drop) if other is not None else None
    patient = Patient(real, target, task, tuple(sensitive), second)
    found = diagnosis.diagnose(patient, made_by=made_by, seed=seed, progress=progress or silent)
    if report is not None:
        disk.write(
            Path(report), diagnosis_page.render(found, name=_name(data, real)).encode(), drafts=Path(report).parent
        )
    return found


def _read(data: Any, drop: Sequence[str]) -> Dataset:
    found = sources.read(data) if isinstance(data, str | Path) else Dataset.of(data)
    return found.only([name for name in found.columns.names if name not in drop]) if drop else found


def _name(data: Any, read: Dataset) -> str:
    """What the page calls the data: the last part of its address."""
    return Path(str(data)).name if isinstance(data, str | Path) else read.name
