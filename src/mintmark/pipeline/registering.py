"""Enters a model in the record that somebody trained on its datasets, so that its data are known for what they are."""

import re
from collections.abc import Sequence
from pathlib import Path

from mintmark import digest, disk
from mintmark.errors import InputError
from mintmark.ledger import models
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.models import Model
from mintmark.mistakes import NAME


def record_model(
    name: str,
    *,
    trained_on: Sequence[str],
    file: Path | str | None = None,
    identifier: str | None = None,
    ledger: Path | str = ".mintmark",
) -> Model:
    """Records the statement that a model was trained on these datasets of the record, or goes on from these models.

    It is named after the digest of its `file`, or after an `identifier` of your own; the file is read, and neither
    copied nor opened as a model. A recipe then says `real: {model: NAME}` of rows that it made: they lie a generation
    beyond what it learnt from. Raises InputError where it cannot be named, UnknownName for a dataset that is not there.
    """
    if not re.fullmatch(NAME, name):
        fix = "use up to 64 of a-z, 0-9, _, . and -, beginning with a letter or digit"
        raise InputError("a model cannot bear this name", found=repr(name), fix=fix)
    if (file is None) == (identifier is None):
        raise InputError("a model is named after its file or after an identifier", fix="give one of the two")
    record = Ledger.open(Path(ledger), create=False)
    if file is None:
        assert identifier is not None
        return models.register(
            record, name, trained_on=trained_on, subject=models.named(identifier), said=f"called {identifier}"
        )
    path = Path(file)
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    with disk.storage(path):
        subject = digest.of_file(path)
    return models.register(record, name, trained_on=trained_on, subject=subject, said=f"the file {path.name}")
