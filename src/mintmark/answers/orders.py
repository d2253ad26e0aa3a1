"""What an instruction orders of its reply that can be checked without judging it (IFEval, Zhou et al. 2023).

Orders are recognised by conservative patterns, in English. What is not recognised counts as not asked: "in about 100
words" cannot be broken, and "in 100 words" is met by nobody. What an instruction says of programs, or of somebody in a
story, orders nothing of its reply.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mintmark.answers.counted import UNITS
from mintmark.answers.obeyed import CHECKS
from mintmark.words import tongues

Match = re.Match[str]

LONGEST = 10_000
"""Characters of an instruction that are read: what stands behind is material, and would cost time."""

_AT_MOST = ("at most", "no more than", "not more than", "a maximum of", "maximum of", "up to", "not exceeding")
_BELOW = ("fewer than", "less than", "under", "below")
_AT_LEAST = ("at least", "no less than", "no fewer than", "not less than", "a minimum of", "minimum of")
_ABOVE = ("more than", "over")
_EXACTLY = ("exactly", "precisely")
_BOUND = f"(?P<bound>{'|'.join((*_AT_MOST, *_AT_LEAST, *_BELOW, *_ABOVE, *_EXACTLY))})"
_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_FIGURE = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,5}}|{'|'.join(_NAMES)}|a single)"
_NUMBER = f"(?P<number>{_FIGURE})"
_PART = r"(?:[a-z]{2,12} )?(?P<unit>sentences?|paragraphs?|bullet points?|bullets?)\b"
_UNIT = r"(?:[a-z]{2,12} )?(?P<unit>words?|sentences?|paragraphs?|bullet points?|bullets?)\b"
_QUOTED = r"(?:\"[^\"\n]{1,80}\"|“[^”\n]{1,80}”|'[^'\n]{1,80}'|‘[^’\n]{1,80}’)"
_LISTED = rf"(?P<said>{_QUOTED}(?:(?:, and|,| and| &) ?{_QUOTED}){{0,9}})(?!,? or\b)"
_NOUN = r"(?:all )?(?:of )?the (?:following )?(?:exact )?(?:key ?words?|words?|phrases?|terms?) ?:? ?"
_NOT = r"(?:do not|don['’]t|never|must not|should not|shouldn['’]t|cannot|without|avoid|refrain from)"
_REPLY = r"(?:response|reply|answer|output|essay|story|letter|e-?mail|poem|text|summary|article|post|message|speech)"
_SAYING = rf"with (?:the )?(?:exact |following )?(?:words?|phrase|sentence|line|question)? ?:? ?(?P<said>{_QUOTED})"


def _edge(verb: str) -> str:
    """Of the reply itself: said at the beginning of a clause, or of it by name."""
    said = rf"(?:^|[.!?;,]\s|\n|\band )(?:please )?{verb} (?:it |(?:your|the|this) (?:\w+ ){{1,2}})?"
    named = rf"(?:your|the) (?:entire |whole )?{_REPLY} (?:should|must|has to|needs to) {verb} "
    return f"(?:{said}|{named}){_SAYING}"


@dataclass(frozen=True)
class Order:
    """One thing that a reply has to be, and what exactly."""

    kind: str
    what: tuple[Any, ...] = ()

    def obeyed(self, reply: str) -> bool | None:
        """Whether a reply is that; None where nobody can tell."""
        return CHECKS[self.kind](reply, *self.what)


def orders(instruction: str) -> list[Order]:
    """All that is recognised, each once."""
    text = re.sub(r"[ \t]+", " ", instruction[:LONGEST])
    found = (order for form, make in _FORMS for match in form.finditer(text) if _meant(match) for order in make(match))
    return list(dict.fromkeys(found))


_BORDER = re.compile(r"(?<=[.!?]) |\n")
_PROGRAMS = re.compile(
    r"\b(?:functions?|programs?|code|scripts?|regex\w*|algorithms?|methods?|python|java\w*|sql|quer(?:y|ies)|"
    r"count\w*|strings?|how many|identify|edit|correct|fix|remove|replace|parse\w*|convert)\b", re.IGNORECASE,
)  # fmt: skip
_OTHERS = re.compile(r"\b(?:who|which|whose|that)\b(?! (?:your|the|it|you)\b)|\b(?:each|every)\b", re.IGNORECASE)


def _meant(match: Match) -> bool:
    """Is it said of the reply, and not of somebody else, of a program, or as a question?"""
    text, start = match.string, 0
    for border in _BORDER.finditer(text, 0, match.start() + 1):
        start = border.end()
    after = _BORDER.search(text, match.end())
    sentence, before = text[start : after.start() if after else None], text[start : match.start()]
    asks = sentence.rstrip().endswith("?") and not re.match(
        r"\s*(?:can|could|would|will) you\b", sentence, re.IGNORECASE
    )
    return not (asks or _PROGRAMS.search(sentence) or _OTHERS.search(before))


def _bounded(match: Match) -> Iterator[Order]:
    bound, number = match["bound"].lower(), _number(match["number"])
    least = number + (bound in _ABOVE) if bound in (*_AT_LEAST, *_ABOVE, *_EXACTLY) else 0
    most = number - (bound in _BELOW) if bound in (*_AT_MOST, *_BELOW, *_EXACTLY) else None
    yield _length(match, least, most)


def _between(match: Match) -> Iterator[Order]:
    yield _length(match, _number(match["number"]), _number(match["most"]))


def _just(match: Match) -> Iterator[Order]:
    yield _length(match, _number(match["number"]), _number(match["number"]))


def _or_so(match: Match) -> Iterator[Order]:
    number, more = _number(match["number"]), match["way"].lower() in ("more", "minimum")
    yield _length(match, number if more else 0, None if more else number)


def _bullets(_: Match) -> Iterator[Order]:
    yield Order("bullets", (1, None))


def _length(match: Match, least: int, most: int | None) -> Order:
    unit = next(name for name in UNITS if match["unit"].lower().startswith(name))
    return Order(f"{unit}s", (least, most))


def _number(text: str) -> int:
    text = text.lower().replace(",", "")
    return 1 if text == "a single" else _NAMES.index(text) + 1 if text in _NAMES else int(text)


def _there(match: Match) -> Iterator[Order]:
    if not re.search(rf"\b{_NOT}\W+(?:\w+\W+){{0,3}}$", match.string[: match.start()], re.IGNORECASE):
        yield from (Order("words that must be there", (said,)) for said in _said(match))


def _not_there(match: Match) -> Iterator[Order]:
    yield from (Order("words that must not be there", (said,)) for said in _said(match))


def _first(match: Match) -> Iterator[Order]:
    yield from (Order("beginning", (said,)) for said in _said(match))


def _last(match: Match) -> Iterator[Order]:
    yield from (Order("end", (said,)) for said in _said(match))


def _said(match: Match) -> list[str]:
    return [one[1:-1].strip(" .,") for one in re.findall(_QUOTED, match["said"]) if one[1:-1].strip(" .,")]


def _language(match: Match) -> Iterator[Order]:
    yield Order("language", (match["language"].lower(),))


def _plainly(kind: str) -> Callable[[Match], Iterable[Order]]:
    return lambda _: (Order(kind),)


_USING = r"(?:includ(?:e|ing)|us(?:e|ing)|contain(?:ing)?|mention(?:ing)?)"
_WRITING = r"(?:say(?:ing)?|writ(?:e|ing))"
_NONE_OF = rf"(?P<said>{_QUOTED}(?:(?:, and|, or|,| and| or| &) ?{_QUOTED}){{0,9}})"
_ALL = r"(?:in all|all in|only in|using only|entirely in)"
_SMALL = r"(?:lower ?-?case|small)"
_CAPITAL = r"(?:upper ?-?case|capital)"
_PUT = r"(?:us(?:e|ing)|includ(?:e|ing)|the|of|any|put)"
_ANSWER = r"(?:answer|respond|reply|write|response (?:should|must) be)"
_TONGUES = "|".join((*tongues.SMALL, *tongues.SCRIPTS))
_TONGUE = rf"(?P<language>{_TONGUES})(?: language)?(?= ?(?:[.,;:!?\n]|$|only\b|and\b))"

_FORMS: tuple[tuple[re.Pattern[str], Callable[[Match], Iterable[Order]]], ...] = tuple(
    (re.compile(form, re.IGNORECASE), make)
    for form, make in (
        (rf"\b{_BOUND} {_NUMBER} {_UNIT}", _bounded),
        (rf"\bbetween {_NUMBER} and (?P<most>{_FIGURE}) {_UNIT}", _between),
        (rf"\bin {_NUMBER} {_PART}(?! or\b)", _just),
        (rf"\b{_NUMBER} {_UNIT} (?:or )?(?P<way>less|fewer|more|maximum|minimum|max)\b(?! than)", _or_so),
        (r"\b(?:in|as|with|us(?:e|ing)) (?:an? )?(?:bullet points|bullets|bulleted list|bullet list)\b", _bullets),
        (rf"\b{_USING} {_NOUN}{_LISTED}", _there),
        (rf"\b{_NOT} (?:{_USING}|{_WRITING})? ?(?:any of )?{_NOUN}{_NONE_OF}", _not_there),
        (_edge("(?:start|begin)"), _first),
        (_edge("(?:end|finish|conclude)"), _last),
        (r"\b(?:in|as|using|output|return|produce) (?:an? )?(?:valid )?json\b", _plainly("JSON")),
        (rf"\b{_ALL} {_SMALL}(?: letters)?\b|\ball {_SMALL}\b|\bno capital letters\b", _plainly("small letters")),
        (rf"\b{_ALL} (?:{_CAPITAL}(?: letters)?|caps)\b|\ball (?:caps|{_CAPITAL} letters)\b", _plainly("capitals")),
        (rf"\b(?:{_NOT}|no) (?:{_PUT} ){{0,4}}commas?\b", _plainly("no commas")),
        (rf"\b{_ANSWER}\b[^.!?\n]{{0,60}} in {_TONGUE}", _language),
    )
)  # fmt: skip
"""How an order is worded, and what is made of that."""
