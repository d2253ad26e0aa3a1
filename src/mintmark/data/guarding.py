"""Text cells that a spreadsheet would run as formulas, made harmless and counted.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a return may be executed by the program that opens a CSV (CWE-1236,
OWASP "CSV Injection"). An apostrophe in front makes it text. Plain numbers, also those kept as text, are left alone.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

RISKY = r"^[=+\-@\t\r\n]"
NUMBER = r"^[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?$"


def guarded(words: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
    """The words with an apostrophe before each that looks like a formula, and how many there were."""
    risky = pc.and_not(pc.match_substring_regex(words, RISKY), pc.match_substring_regex(words, NUMBER))
    count = pc.sum(risky).as_py() or 0
    if not count:
        return words, 0
    return pc.if_else(risky, pc.binary_join_element_wise("'", words, ""), words), count


def guarded_name(name: str) -> str:
    """A column name under the same rule."""
    return f"'{name}" if re.match(RISKY, name) and not re.match(NUMBER, name) else name
