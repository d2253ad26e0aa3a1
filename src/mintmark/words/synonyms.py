"""Words that may stand for each other, read from files that the user has: WordNet's, or a list of their own."""

import gzip
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from mintmark.errors import DataError

PARTS = ("noun", "verb", "adj", "adv")
Synonyms = Mapping[str, tuple[str, ...]]


def read(path: Path, senses: int | None = None) -> dict[str, tuple[str, ...]]:
    """Of each word, in small letters, what may stand for it.

    A folder holds WordNet's files (`index.noun`, `data.noun` and those of the other parts of speech, as Debian's
    package wordnet-base installs them; Princeton University, wndb(5)). A file that ends in `.xml` or `.xml.gz` is a
    lexicon in WN-LMF, as the package `wn` fetches them. Any other file is a list: the words of a line, between commas
    or tabs, stand for each other. Of WordNet the first `senses` meanings of a word count, which are its most frequent
    (None: all of them).

    Raises DataError where there is nothing to read, or it is in another form.
    """
    try:
        if path.is_dir():
            pairs = _wordnet(path, senses)
        elif path.name.endswith((".xml", ".xml.gz")):
            pairs = _lexicon(path, senses)
        else:
            pairs = _listed(path)
        out: dict[str, dict[str, None]] = {}
        for word, other in pairs:
            if word != other:
                out.setdefault(word, {})[other] = None
    except (OSError, ValueError, IndexError, KeyError, EOFError, ET.ParseError) as error:
        fix = "name a folder of WordNet (with data.noun), a WN-LMF file, or a list"
        raise DataError("these synonyms cannot be read", where=str(path), found=str(error), fix=fix) from error
    if not out:
        raise DataError("there are no synonyms", where=str(path), fix="write a line for each: glad, happy, pleased")
    return {word: tuple(others) for word, others in out.items()}


def _wordnet(folder: Path, senses: int | None) -> Iterator[tuple[str, str]]:
    """`index.POS`: lemma, part, meanings, p, p pointers, meanings again, tagged ones, the places of all meanings in
    `data.POS`, most frequent first; a line there: place, file, part, w in hexadecimal, and w words with an id each."""
    for part in PARTS:
        sets: dict[str, list[str]] = {}
        for line in _lines(folder / f"data.{part}"):
            fields = line.split()
            count = int(fields[3], 16)
            sets[fields[0]] = [_spoken(word) for word in fields[4 : 4 + 2 * count : 2]]
        for line in _lines(folder / f"index.{part}"):
            fields = line.split()
            for place in fields[6 + int(fields[3]) :][:senses]:
                yield from (
                    (_spoken(fields[0]).lower(), other) for other in sets[place] if " " not in _spoken(fields[0])
                )


def _lines(path: Path) -> Iterator[str]:
    """Without the licence at the top, whose lines begin with two spaces."""
    with path.open(encoding="utf-8") as file:
        yield from (line for line in file if line.strip() and not line.startswith("  "))


def _spoken(word: str) -> str:
    """As it is written in texts: no underscores, and no mark of where an adjective may stand."""
    return word.split("(")[0].replace("_", " ")


def _lexicon(path: Path, senses: int | None) -> Iterator[tuple[str, str]]:
    members: dict[str, list[str]] = {}
    meanings: list[tuple[str, list[str]]] = []
    with _opened(path) as file:
        for _, element in ET.iterparse(file):  # noqa: S314 (expat itself refuses entities that explode)
            if element.tag != "LexicalEntry":
                continue
            lemma = element.find("Lemma")
            word = "" if lemma is None else lemma.get("writtenForm", "")
            own = [sense.get("synset", "") for sense in element.findall("Sense")]
            for meaning in own:
                members.setdefault(meaning, []).append(word)
            meanings.append((word, own[:senses]))
            element.clear()
    for word, own in meanings:
        if " " not in word:
            yield from ((word.lower(), other) for meaning in own for other in members[meaning])


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.name.endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _listed(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            words = [word.strip() for word in line.replace("\t", ",").split(",") if word.strip()]
            yield from ((word.lower(), other) for word in words for other in words if " " not in word)
