"""Which columns of the synthetic data are not compared with the real ones, or not in full, said beside every score."""

import difflib

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import CannotMeasure
from mintmark.metrics.features import Space

NAMED = 10
"""Most columns that are named for one reason."""


def notes(synthetic: Dataset, real: Dataset) -> list[str]:
    """What a score that compares the other columns alone keeps silent about.

    Nothing where the columns are the same and all of them are read in full: what stands in a text, or in the bytes of
    a picture, is read by no metric without an encoder. Both hold one table. A column of another name may be meant where
    the names are near.
    """
    ours, theirs = synthetic.columns.names, real.columns.names
    more = [name for name in ours if name not in real.columns]
    lacking = [name + _near(name, more) for name in theirs if name not in synthetic.columns]
    try:
        space = Space.of(real, synthetic)
        odd, texts = space.left_out, [column.name for column in space.columns if column.kind == Kind.TEXT]
    except CannotMeasure:
        odd, texts = {}, []
    unread = [f"{name} ({why})" for name, why in odd.items() if name in synthetic.columns]
    told = {
        "the synthetic data lack columns, which only validity.schema judges: ": lacking,
        "the real data have no such columns, which only validity.schema judges: ": more,
        "columns that hold other values, which only validity.schema judges: ": unread,
        "text or bytes, compared by length alone, and word for word where copies are sought: ": texts,
    }
    return [reason + _listed(names) for reason, names in told.items() if names]


def _near(name: str, others: list[str]) -> str:
    folded = {other.casefold(): other for other in others}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.8)
    return f" (is it {folded[near[0]]}?)" if near else ""


def _listed(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
