"""YAML read strictly, with the line of every field kept for error messages.

YAML is a large language with traps: `NO` is a boolean, `1e5` is text, a key may stand twice and the second wins, an
alias can unfold 300 bytes into gigabytes, a tag can construct objects. Here each of these is an error or is read as
its writer meant it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mintmark.errors import RecipeError

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_DIGITS = 400

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed file: its value, and the line on which each field stands (1-based)."""

    value: Any
    lines: Mapping[Place, int]
    name: str

    def where(self, place: Place) -> str:
        """`file:line: field` of a place, or of the nearest place above it that has a line."""
        known = next((place[:n] for n in range(len(place), -1, -1) if place[:n] in self.lines), ())
        field = ".".join(str(part) for part in place)
        return f"{self.name}:{self.lines.get(known, 1)}" + (f": {field}" if field else "")


def read(path: Path) -> Document:
    """Reads a file; raises RecipeError where it is missing, too large, not UTF-8 or not strict YAML."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise RecipeError("this file is too large for a recipe", where=str(path), found=f"{size:,} bytes")
        return parse(path.read_text(encoding="utf-8"), name=str(path))
    except FileNotFoundError as error:
        raise RecipeError("this file does not exist", where=str(path)) from error
    except IsADirectoryError as error:
        raise RecipeError("this is a folder, not a recipe", where=str(path)) from error
    except PermissionError as error:
        raise RecipeError("this file may not be read", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise RecipeError("this file is not UTF-8 text", where=str(path), found=f"byte {error.start}") from error


def parse(text: str, *, name: str = "recipe") -> Document:
    """Parses text; raises RecipeError with the line."""
    if len(text) > MAX_BYTES:
        raise RecipeError("this text is too large for a recipe", where=name, found=f"{len(text):,} characters")
    try:
        node = _Strict(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RecipeError(
            f"this is not valid YAML: {error.problem or error.context}", where=f"{name}:{line}"
        ) from error
    except yaml.YAMLError as error:
        raise RecipeError(f"this is not valid YAML: {error}", where=name) from error
    if node is None:
        raise RecipeError("this file is empty", where=name)
    lines: dict[Place, int] = {}
    return Document(_value(node, (), lines, name), lines, name)


class _Strict(yaml.SafeLoader):
    """Composes nodes only: no object is ever constructed from a tag."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(None, None, "anchors and aliases are not read here", event.start_mark)
        self._deep = getattr(self, "_deep", 0) + 1
        if self._deep > MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, f"nested deeper than {MAX_DEPTH}", event.start_mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._deep -= 1


_NUMBER = re.compile(r"[-+]?(\d[\d_]*)(\.\d*)?([eE][-+]?\d+)?|[-+]?\.\d+([eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], name: str) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if not node.tag.startswith("tag:yaml.org,2002:"):
        raise RecipeError("tags are not read here", where=f"{name}:{line}", found=node.tag)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, name)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*place, i), lines, name) for i, child in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node)


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int], name: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise RecipeError("a field's name must be plain text", where=f"{name}:{line}")
        if key.value in out:
            first = lines[(*place, key.value)]
            raise RecipeError(
                f"{key.value!r} stands here twice", where=f"{name}:{line}", found=f"first on line {first}"
            )
        lines[(*place, key.value)] = line
        out[key.value] = _value(child, (*place, key.value), lines, name)
    return out


def _scalar(node: yaml.ScalarNode) -> Any:
    """YAML 1.2's core: only `true`, `false`, `null` and numbers are not text, and quotes always make text."""
    text: str = node.value
    if node.style is not None:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    if len(text) > MAX_DIGITS:
        return text  # Python reads no whole number of any length; as text it is refused wherever a number is wanted
    if "_" in text or (len(text.lstrip("+-")) > 1 and text.lstrip("+-")[0] == "0" and text.lstrip("+-")[1].isdigit()):
        return text  # 007 and 1_000 are codes more often than numbers
    return float(text) if any(c in text for c in ".eE") else int(text)
