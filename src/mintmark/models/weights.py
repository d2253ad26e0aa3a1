"""Where a model's files lie on this machine, in a folder or the hub's cache, and the digest that names them."""

from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from mintmark import digest
from mintmark.errors import InputError

_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
"""What is read of a model: no file that could hold code, and no pickle."""


def folder(model: str, revision: str, *, download: bool) -> Path:
    """The folder of a model; InputError where it is not on this machine and is not to be fetched."""
    if Path(model).is_dir():
        return Path(model)
    try:
        found = snapshot_download(
            model, revision=revision, local_files_only=not download, allow_patterns=list(_FILES)
        )  # fmt: skip
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError) as error:
        fix = "give a folder, or a name at the hub with `download: true`"
        said = f"{type(error).__name__}: {str(error)[:200]}"
        raise InputError(f"there is no model {model!r} on this machine", found=said, fix=fix) from error
    return Path(found)


def name(found: Path) -> digest.Digest:
    """What a model is named after: the files that are read of it. One that was trained further is another one."""
    files = sorted(path for pattern in _FILES for path in found.glob(pattern))
    return digest.of_json([[path.name, digest.of_file(path)] for path in files])
