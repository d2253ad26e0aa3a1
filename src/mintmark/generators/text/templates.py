"""Templates: what is asked and, behind a line `=>`, what is answered, with places for the columns of a row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mintmark.errors import RecipeError, UnknownName
from mintmark.generators.text.prompts import FOLDER, PLACE

PLACES = ("instruction", "input", "output", "reasoning")


@dataclass(frozen=True)
class Template:
    """Both sides of an example."""

    asked: str
    answered: str

    @classmethod
    def of(cls, text: str) -> "Template":
        """Reads a template; RecipeError where it has no two sides, UnknownName where it names no column of ours."""
        asked, sign, answered = text.partition("\n=>\n")
        if not sign or not asked.strip() or not answered.strip():
            raise RecipeError("a template has two sides", where="templates", found=repr(text[:100]),
                              fix="part what is asked from what is answered by a line `=>`")  # fmt: skip
        for name in PLACE.findall(text):
            if name not in PLACES:
                raise UnknownName("place of a template called", name, PLACES, where="templates")
        return cls(asked.strip(), answered.strip())

    def fill(self, row: Mapping[str, str]) -> tuple[str, str]:
        """What is asked and what is answered of one row; what it lacks leaves no gap."""
        return _filled(self.asked, row), _filled(self.answered, row)


@cache
def named(name: str) -> tuple[Template, ...]:
    """Templates of our own, from `prompts/NAME.txt`, where lines `---` part them."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(Template.of(each.strip()) for each in text.split("\n---\n"))


def _filled(text: str, row: Mapping[str, str]) -> str:
    # A line that names nothing but what this row lacks is left out, before anything of the row's own stands in it.
    kept = [line for line in text.split("\n") if not _is_idle(line, row)]
    bare = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return PLACE.sub(lambda found: row.get(found[1], ""), bare).strip()


def _is_idle(line: str, row: Mapping[str, str]) -> bool:
    places = PLACE.findall(line)
    return bool(places) and not any(row.get(place) for place in places)
