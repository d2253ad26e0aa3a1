"""Markdown in which names and values of strangers stay what they are: text that acts upon nothing."""

import json
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from mintmark.report import words
from mintmark.report.numerals import numeral, percent

BLANK = "▢ *To be filled in by the publisher.*"
"""Stands where only a person knows the answer: it is asked for, and never made up."""


class Written(str):
    """Markdown that is meant as such."""

    __slots__ = ()


def escaped(text: object) -> str:
    """Text that Markdown and HTML show as it is, on one line."""
    line = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in str(text))).strip()
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = re.sub(r"([\\`*_{}\[\]#|~$!@])", r"\\\1", line)
    # Addresses and :emoji: act by themselves; times of day do not.
    line = re.sub(r"(?<!\d):(?=\w+:)|:(?=//)|(?<=\bwww)\.", r"\\\g<0>", line)
    line = re.sub(r"^(?=[-+=])", r"\\", line)
    return re.sub(r"^(\d+)(?=[.)](?:\s|$))", r"\1&#8203;", line)


@cache
def environment() -> Environment:
    """What documents in Markdown are written with: all that is filled in is escaped, unless it is `Written`."""
    made = Environment(
        loader=PackageLoader("mintmark.report"),
        autoescape=False,  # noqa: S701 - this is Markdown, and `finalize` escapes it
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: value if isinstance(value, Written) else escaped(value),
    )
    made.filters.update(
        numeral=numeral,
        percent=percent,
        sentence=words.reason,
        stopped=stopped,
        line=words.in_a_line,
        code=code,
        fenced=_fenced,
    )
    made.globals.update(question=words.question, meaning=words.meaning, verdict_word=words.verdict_word)
    made.globals["blank"] = Written(BLANK)
    return made


def render(template: str, **values: Any) -> str:
    """A document from its template in `templates/disclosure`, without lines that say nothing twice."""
    text = environment().get_template(f"disclosure/{template}").render(**values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def stopped(text: str) -> str:
    """A text that begins with a name, as a sentence: the name stays as it is."""
    return text + ("" if text.endswith((".", "!", "?")) else ".")


def code(text: object) -> Written:
    """A digest, a command or the name of a file as code; any other text as text."""
    return Written(f"`{text}`" if re.fullmatch(r"[\w :./-]+", str(text)) else escaped(text))


def _fenced(value: Any) -> Written:
    """JSON as a block of code: no line of indented JSON can close the fence."""
    return Written("```json\n" + json.dumps(value, indent=2, sort_keys=True, default=str) + "\n```")
