"""Exercises in programming as models write them, and what is run to find out whether their tests prove anything."""

import ast
import re
from dataclasses import dataclass

from mintmark.answers.code import source
from mintmark.generators.text.asking import Dropped

_PART = re.compile(r"(?im)^[ \t]*#{1,6}[ \t]*\**(problem|solution|wrong solution|tests?)\**[ \t]*:?\**[ \t]*$")
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Exercise:
    """A problem, programs that solve it and that fail to, and tests, a statement each."""

    problem: str
    solution: str
    wrong: str
    tests: tuple[str, ...]

    @classmethod
    def of(cls, text: str, least: int) -> "Exercise":
        """Reads the parts of an answer; Dropped where one is missing, is not Python, or asserts too little."""
        parts = _PART.split(text)
        said = {name.lower().rstrip("s"): body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
        for name in ("problem", "solution", "wrong solution", "test"):
            if not said.get(name):
                raise Dropped("a part is missing", name, text)
        solution, wrong, tests = (_block(said[name], text) for name in ("solution", "wrong solution", "test"))
        tree = _parsed(tests, text)
        asserts = sum(isinstance(node, ast.Assert) for node in ast.walk(tree))
        if asserts < least:
            raise Dropped("too few tests", f"{asserts} assert", text)
        statements = (ast.get_source_segment(tests, node, padded=True) or ast.unparse(node) for node in tree.body)
        return cls(said["problem"], solution, wrong, tuple(statements))

    def hollow(self) -> str:
        """The solution with nothing done in its functions; Dropped where it has none, or is not Python."""
        tree = _parsed(self.solution, self.solution)
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        if not functions:
            raise Dropped("no function", "", self.solution)
        for node in functions:
            node.body = [ast.Return(ast.Constant(None))]
        return ast.unparse(ast.fix_missing_locations(tree))


EMPTY = "pass"
"""A program that defines nothing."""


def _block(body: str, text: str) -> str:
    found = source(body)
    if found is None or not found.strip():
        raise Dropped("not one block of Python", body[:200], text)
    return found


def _parsed(code: str, text: str) -> ast.Module:
    try:
        return ast.parse(code)
    except _UNREADABLE as error:
        raise Dropped("not Python", str(error), text) from error
