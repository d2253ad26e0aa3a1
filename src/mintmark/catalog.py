"""What exists, by name: `tabular.copula` is `generators/tabular/copula.py`, and there is no registry to edit.

Names and first docstring lines are read from the source without importing it. Packages of other people join through
entry-point groups named after the shelves (`mintmark.generators` and so on), under the same dotted names.
"""

import ast
import dataclasses
import importlib
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import Any, Literal

from mintmark.errors import InputError, MissingExtra, UnknownName

Shelf = Literal["generators", "metrics", "advice", "filters", "models"]

FLAT = frozenset({"filters", "models"})
"""Shelves without folders: `filters.length` is `filters/length.py`."""

EXTRAS = {
    "torch": "deep",
    "safetensors": "deep",
    "aiohttp": "text",
    "jsonschema": "text",
    "openai": "text",
    "referencing": "text",
    "transformers": "local",
    "py3langid": "text",
    "huggingface_hub": "local",
    "models.local": "local",  # torch alone would not do
    "models.reward": "local",
    "mujoco": "simulation",
    "ray": "scale",
    "fastapi": "web",
    "opendp": "private",
    "dp_accounting": "private",
}
"""Which extra brings a package that a leaf module may need, or all that a leaf needs."""

PARTS: Mapping[Shelf, tuple[str, ...]] = {
    "generators": ("fit", "load"),
    "metrics": ("claim", "needs", "better", "whole", "measure"),
    "advice": (),
    "filters": ("streams", "open"),
    "models": ("open", "describe"),
}
"""What a class of other people has, or it is none for this shelf."""


@dataclass(frozen=True)
class Item:
    """One thing that can be named in a recipe."""

    name: str
    caption: str
    origin: str


def items(shelf: Shelf) -> list[Item]:
    """Everything on a shelf, in order of name; nothing is imported."""
    own = [Item(name, _caption(path), "mintmark") for name, path in _files(shelf).items()]
    others = [Item(name, f"from {_package(entry)}", entry.value) for name, entry in _entries(shelf).items()]
    return sorted(own + others, key=lambda item: item.name)


def browse() -> dict[str, list[Item]]:
    """Every shelf with all that stands on it; nothing is imported."""
    return {shelf: items(shelf) for shelf in PARTS}


def names(shelf: Shelf) -> list[str]:
    """The names on a shelf."""
    return sorted({*_files(shelf), *_entries(shelf)})


def load(shelf: Shelf, name: str, *, where: str = "") -> type[Any]:
    """The class behind a name.

    Raises UnknownName with the nearest names, MissingExtra with the pip command, or InputError where the package of
    somebody else that brings it is broken.
    """
    if name in _files(shelf):
        return _own(shelf, name)
    if name in _entries(shelf):
        return _others(shelf, name, _entries(shelf)[name])
    raise UnknownName(shelf.removesuffix("s"), name, names(shelf), where=where)


def build(shelf: Shelf, name: str, parameters: Mapping[str, Any], *, where: str = "") -> Any:
    """The thing itself, with its parameters checked against its signature before it is made."""
    kind = load(shelf, name, where=where)
    known = inspect.signature(kind).parameters
    for parameter in parameters:
        if parameter not in known:
            raise UnknownName(f"parameter of {name} called", parameter, known, where=where)
    try:
        return kind(**parameters)
    except (ValueError, TypeError) as error:  # pydantic's ValidationError is a ValueError
        raise InputError(f"{name} cannot take these parameters: {_plain(error)}", where=where) from error


def package(shelf: Shelf, name: str) -> str:
    """The package that brings it, with its version."""
    found = _entries(shelf).get(name)
    dist = found.dist if found and name not in _files(shelf) else None
    return f"{dist.name} {dist.version}" if dist else f"mintmark {version('mintmark')}"


def parameters(thing: Any) -> dict[str, Any]:
    """All parameters of a generator or metric as plain JSON, those that were left at their defaults included."""
    found = {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    return json.loads(json.dumps(found, default=_jsonable))


def _jsonable(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else vars(value)


def _own(shelf: Shelf, name: str) -> type[Any]:
    try:
        module = importlib.import_module(f"mintmark.{name}" if shelf in FLAT else f"mintmark.{shelf}.{name}")
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if package in EXTRAS:
            raise MissingExtra(name, package, EXTRAS.get(name, EXTRAS[package])) from error
        raise InputError(f"{name} cannot be loaded: {error}", fix="install mintmark again") from error
    wanted = name.rpartition(".")[2].replace("_", "")
    for label, member in vars(module).items():
        if inspect.isclass(member) and label.lower() == wanted and member.__module__ == module.__name__:
            return member
    raise InputError(f"{module.__name__} holds no class named after its file")


def _others(shelf: Shelf, name: str, entry: EntryPoint) -> type[Any]:
    try:
        found = entry.load()
    except Exception as error:
        fix = f"mend, update or remove the package {_package(entry)}"
        raise InputError(
            f"{name} cannot be loaded: {type(error).__name__}: {error}", found=entry.value, fix=fix
        ) from error
    if not inspect.isclass(found):
        raise InputError(f"entry point {name} is not a class", found=repr(found))
    lacking = [part for part in PARTS[shelf] if not hasattr(found, part)]
    if lacking:
        fix = f"the checks in mintmark.testing say what a {shelf.removesuffix('s')} has"
        raise InputError(f"{name} lacks {', '.join(lacking)}", found=entry.value, fix=fix)
    return found


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.module


@cache
def _files(shelf: Shelf) -> Mapping[str, Path]:
    root = Path(__file__).parent / shelf
    found = (path for path in root.glob("*.py" if shelf in FLAT else "*/*.py") if not path.name.startswith("_"))
    part = PARTS[shelf][-1] if PARTS[shelf] else None
    return {f"{path.parent.name}.{path.stem}": path for path in found if _is_item(path, part)}


def _is_item(path: Path, part: str | None) -> bool:
    """A leaf holds a public class named after its file, with that part; what the leaves of a folder share does not."""
    wanted = path.stem.replace("_", "")
    classes = (node for node in _tree(path).body if isinstance(node, ast.ClassDef) and node.name.lower() == wanted)
    return any(not _is_contract(each) and part in (None, *_methods(each)) for each in classes)


def _methods(node: ast.ClassDef) -> Iterator[str]:
    return (part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))


def _is_contract(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def _caption(path: Path) -> str:
    return (ast.get_docstring(_tree(path)) or "").partition("\n")[0]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _entries(shelf: Shelf) -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in _all_entries(shelf)}


def _all_entries(shelf: Shelf) -> Iterator[EntryPoint]:
    yield from entry_points(group=f"mintmark.{shelf}")


def _plain(error: Exception) -> str:
    if hasattr(error, "errors"):
        return "; ".join(map(_line, error.errors(include_url=False)))
    return str(error)


def _line(fault: Mapping[str, Any]) -> str:
    told = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
    return told if fault["type"] == "missing" else f"{told}, found {fault['input']!r}"
