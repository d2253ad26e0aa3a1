"""Writes one of the documents that disclose a dataset, from the record or from a released folder."""

from pathlib import Path

from mintmark.errors import InputError, LedgerError, MintmarkError
from mintmark.pipeline import recalling
from mintmark.report.disclosure.documents import Document, document


def disclose(what: Path | str, form: str = "datasheet", *, ledger: Path | str = ".mintmark") -> Document:
    """A document on a dataset: `card`, `croissant`, `datasheet`, `huggingface`, `model-card`, `provenance-standards`,
    `eu-summary` or `technical-file`.

    `what` is the folder of a release, or the name or digest of a dataset in the record. Data that did not pass, or was
    not validated, has its documents too, and they say so first. Raises UnknownName, and LedgerError where there is no
    record or the folder is not as it was signed.
    """
    folder = Path(what)
    if recalling.is_release(folder):
        return _of_folder(form, folder)
    if not (Path(ledger) / "manifests").is_dir() and folder.is_dir():
        fix = "name a released folder, or a dataset of a record: --ledger FOLDER"
        raise InputError("no release lies here, and there is no record either", where=str(folder), fix=fix)
    return document(form, *recalling.from_ledger(Path(ledger), str(what)))


def _of_folder(form: str, folder: Path) -> Document:
    try:
        return document(form, *recalling.from_folder(folder))
    except MintmarkError:
        raise
    except Exception as error:
        # A stranger can sign whatever they like: that it is unaltered does not mean that it makes sense.
        found = f"{type(error).__name__}: {error}"
        raise LedgerError("the papers of this release cannot be understood", where=str(folder), found=found) from error
