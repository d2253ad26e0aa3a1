"""Languages that programs may be written in: one line each. What is not installed cannot be run, and says so."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from mintmark.errors import InputError, UnknownName


@dataclass(frozen=True)
class Language:
    """How source in a language is run."""

    file: str
    """What the source is called."""
    argv: tuple[str, ...]
    """The interpreter, found on the system's path; `{file}` and `{memory_mb}` are filled in. Empty: this Python."""
    tests: bool = False
    """Whether tests can be put to it, function by function."""
    reserves: bool = False
    """Whether the interpreter reserves far more addresses than it uses: then only resident memory is bounded."""

    def command(self, python: str, *, file: str, memory_mb: int) -> list[str]:
        """The words that run a file. Raises InputError where the interpreter is missing."""
        if not self.argv:
            return [python, "-s", "-P", "-B", file]
        program = shutil.which(self.argv[0], path="/usr/bin:/bin")
        if program is None:
            raise InputError(
                f"{self.argv[0]} is not installed in /usr/bin or /bin", fix="install it, or leave these out"
            )
        return [program, *(word.format(file=file, memory_mb=memory_mb) for word in self.argv[1:])]


LANGUAGES: Mapping[str, Language] = {
    "python": Language("program.py", (), tests=True),
    "node": Language("program.js", ("node", "--max-old-space-size={memory_mb}", "{file}"), reserves=True),
    "sh": Language("program.sh", ("sh", "{file}")),
}


def language(name: str) -> Language:
    """Raises UnknownName."""
    if name not in LANGUAGES:
        raise UnknownName("language", name, LANGUAGES)
    return LANGUAGES[name]
