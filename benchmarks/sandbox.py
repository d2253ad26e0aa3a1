"""How many programs a second run behind walls, and what HumanEval's references and their mutants come to."""

import ast
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import measure
from mintmark.sandbox import selftest
from mintmark.sandbox.program import Limits, Outcome, Program
from mintmark.sandbox.run import run as run_programs
from mintmark.sandbox.walls import walls

RUNS = 200
WORKERS = os.cpu_count() or 1
FLIPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def run(folder: Path) -> str:
    del folder
    start = time.perf_counter()
    problems = selftest.failures(walls("bubblewrap"))
    parts = [f"The self-test takes {time.perf_counter() - start:.2f} s and finds: {problems or 'nothing'}.", speed()]
    root = os.environ.get("MINTMARK_DATA")
    return "\n\n".join([*parts, humaneval(Path(root).resolve() / "humaneval" / "HumanEval.jsonl.gz") if root else ""])


def speed() -> str:
    add = Program("def add(a, b):\n    return a + b\n", ("assert add(1, 2) == 3",))
    kinds = {"tests": add, "output": Program("print(1)", expected="1")}
    rows = [("programs held to", "workers", "runs a second", "median of one run alone, ms")]
    for name, program in kinds.items():
        alone = [_timed([program], 1) for _ in range(20)]
        rows.append(
            (
                name,
                str(WORKERS),
                f"{RUNS / _timed([program] * RUNS, WORKERS):.0f}",
                f"{1e3 * statistics.median(alone):.0f}",
            )
        )
    bare = [_bare() for _ in range(20)]
    rows.append(("peer: a bare `python -c pass`", "1", "", f"{1e3 * statistics.median(bare):.0f}"))
    return measure.table(*rows)


def humaneval(file: Path) -> str:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        problems = [json.loads(line) for line in lines]
    start = time.perf_counter()
    references = Counter(
        one.reason for one in _put([(one, one["prompt"] + one["canonical_solution"]) for one in problems])
    )
    seconds = time.perf_counter() - start
    changed = [(one, source) for one in problems for source in mutants(one)]
    fates = Counter(one.reason for one in _put(changed))
    rows = [
        ("programs", "n", "came to"),
        ("references", str(len(problems)), _told(references)),
        ("mutants", str(len(changed)), _told(fates)),
    ]
    return f"{measure.table(*rows)}\n\nThe references took {seconds:.1f} s."


def mutants(problem: dict[str, str]) -> Iterator[str]:
    """The reference with one operator changed, for each operator in the function that is asked for."""
    tree = ast.parse(problem["prompt"] + problem["canonical_solution"])
    asked = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == problem["entry_point"])
    for node in ast.walk(asked):
        if isinstance(node, ast.Compare):
            for place, operator in enumerate(node.ops):
                node.ops[place] = FLIPS[type(operator)]()
                yield ast.unparse(tree)
                node.ops[place] = operator
        elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in FLIPS:
            operator, node.op = node.op, FLIPS[type(node.op)]()
            yield ast.unparse(tree)
            node.op = operator


def _put(pairs: list[tuple[dict[str, str], str]]) -> Iterator[Outcome]:
    programs = (
        Program(source, (one["test"], f"check({one['entry_point']})"), limits=Limits(seconds=4))
        for one, source in pairs
    )
    return run_programs(programs, workers=WORKERS)


def _told(reasons: Counter[str]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())


def _timed(programs: list[Program], workers: int) -> float:
    start = time.perf_counter()
    assert all(one.passed for one in run_programs(programs, workers=workers))
    return time.perf_counter() - start


def _bare() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)
    return time.perf_counter() - start
