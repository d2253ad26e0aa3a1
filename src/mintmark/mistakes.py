"""What is wrong with a document that pydantic refused: a line a place, with what may stand there."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mintmark.data.sources import address
from mintmark.document import Document
from mintmark.errors import RecipeError

Written = TypeVar("Written", bound=BaseModel)

NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
"""Names that people give: of recipes, steps, models."""


def validated(model: type[Written], source: Document, called: str) -> Written:
    """What a document holds; RecipeError says all that is wrong with it."""
    if not isinstance(source.value, dict):
        raise RecipeError(f"a {called} is a set of fields", where=source.name, found=type(source.value).__name__)
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        raise RecipeError(_explained(error, source, model)) from error


def _explained(error: ValidationError, source: Document, model: type[BaseModel]) -> str:
    """What pydantic found, a line for each place: file, line, field, what was found and the valid choices."""
    details = error.errors(include_url=False)
    # A value that fits no member of a union is reported once for each member: the first is enough.
    by_place: dict[str, str] = {}
    for detail in details:
        place = _place(detail, source)
        by_place.setdefault(source.where(place), _line(detail, place, model))
    return "\n".join(f"{where}: {line}" for where, line in by_place.items())


def _place(detail: ErrorDetails, source: Document) -> tuple[str | int, ...]:
    """The longest part of pydantic's location that the file really has; the rest names members of unions."""
    if not source.lines:  # it was never in a file
        return detail["loc"]
    place: tuple[str | int, ...] = ()
    for part in detail["loc"]:
        if (*place, part) in source.lines:
            place = (*place, part)
    return place if detail["type"] != "missing" else (*place, detail["loc"][-1])


def _line(detail: ErrorDetails, place: tuple[str | int, ...], model: type[BaseModel]) -> str:
    if detail["type"] == "missing":
        return "this field is missing"
    if detail["type"] == "extra_forbidden":
        choices = _fields(model, place[:-1])
        near = difflib.get_close_matches(str(place[-1]), choices, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from: {', '.join(choices)}"
        return f"there is no field of this name; {hint}"
    if detail["type"] == "string_pattern_mismatch" and detail["ctx"]["pattern"] == NAME:
        return f"a name is up to 64 of a-z, 0-9, _, . and -, and begins with a letter or digit; {_found(detail)}"
    message = re.sub(r"^(Value error|Assertion failed), ", "", detail["msg"])
    return f"{message}; {_found(detail)}"


def _found(detail: ErrorDetails) -> str:
    found = address.redacted(repr(detail["input"]))
    return f"found {found if len(found) < 80 else found[:77] + '…'}"


def _fields(model: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    """The fields that a part of the model may have; those of the model itself where the place is no part of it."""
    within = model
    for part in place:
        fields = {field.alias or name: field for name, field in within.model_fields.items()}
        if part in fields:
            within = next(_models(fields[str(part)].annotation), within)
    return [field.alias or name for name, field in within.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation is made of: `dict[str, Step]` holds Step."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
