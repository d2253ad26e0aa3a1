"""Filters of text by themselves, and beside the packages that do one thing each: documents a second, recall, memory.

Documents are AG News descriptions with copies in which up to three words were changed (seed 0). The pool of
instructions is Alpaca's and Self-Instruct's, and halves of two of them until there are 52,000. Documents are counted by
CPU seconds and, of filters, by the clock as well, for `near_duplicates` works on several cores: medians of five rounds.
MINTMARK_DATA names the data; datasketch, rensa and rouge_score run in environments that MINTMARK_PEERS names.
"""

import json
import os
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks import measure

ROOT = Path(os.environ.get("MINTMARK_DATA", ".")).resolve()
DOCUMENTS, POOL, MILLION = 60_000, 52_000, 1_000_000
ROUNDS = 5


def run(folder: Path) -> str:
    texts = documents(DOCUMENTS)
    (folder / "documents.json").write_text(json.dumps(texts))
    instructions = pool(POOL + 200)
    (folder / "pool.json").write_text(json.dumps(instructions))
    lines = [("what", "by", "documents a CPU second", "")]
    lines += [row for name in ("near_duplicates", "exact_duplicates", "decontamination") for row in ours(name, texts)]
    lines += theirs(folder)
    lines.append(novelty(instructions))
    lines.append(recall(texts[:20_000]))
    return measure.table(*lines) + "\n\n" + million(folder)


def documents(count: int) -> list[str]:
    """Half of them new, half worn copies, in random order."""
    import mintmark as mm

    rng, news = np.random.default_rng(0), mm.read(ROOT / "ag_news_test" / "ag_news_test.csv.gz").table
    bodies = news["description"].to_pylist()
    # 7,600 originals; more are made of two halves each.
    halves = [" ".join(words[: len(words) // 2]) for words in map(str.split, bodies)]
    made = [f"{halves[a]} {bodies[b]}" for a, b in rng.integers(len(bodies), size=(count // 2, 2))]
    texts = [*made, *(worn(text, rng) for text in made)]
    return [texts[place] for place in rng.permutation(len(texts))]


def worn(text: str, rng: np.random.Generator) -> str:
    words = text.split()
    for _ in range(rng.integers(0, 4)):
        place = int(rng.integers(len(words)))
        words[place : place + 1] = [] if rng.random() < 0.5 else [words[place], "quite"]
    return " ".join(words)


def pool(count: int) -> list[str]:
    import mintmark as mm

    rng, found = np.random.default_rng(0), []
    for file in ("alpaca_en_demo/alpaca_en_demo.jsonl.gz", "self_instruct_seeds/seed_tasks.jsonl"):
        found += [text for text in mm.read(ROOT / file).table["instruction"].to_pylist() if text]
    while len(found) < count:
        a, b = (found[place].split() for place in rng.integers(1174, size=2))
        found.append(" ".join([*a[: len(a) // 2], *b[len(b) // 2 :]]))
    return [found[place] for place in rng.permutation(len(found))[:count]]


def opened(name: str, **parameters: object):
    from mintmark import catalog
    from mintmark.seeds import Seed

    return catalog.build("filters", f"filters.{name}", {"column": "text", **parameters}).open(None, rng=Seed(1).rng())


def ours(name: str, texts: list[str]) -> list[tuple[str, ...]]:
    more = {}
    if name == "decontamination":
        more = {"benchmarks": {"gsm8k": {"file": str(ROOT / "gsm8k/test.jsonl.gz"), "columns": ("question",)}}}
    table, spent = pa.table({"text": texts}), []
    for _ in range(ROUNDS):
        sieve = opened(name, **more)
        sieve.sift(table.slice(0, 1))
        cpu, clock = time.process_time(), time.perf_counter()
        kept = sum(int(sieve.sift(table.slice(at, 10_000)).keep.sum()) for at in range(0, len(texts), 10_000))
        spent.append((time.process_time() - cpu, time.perf_counter() - clock))
    cpu, clock = map(statistics.median, zip(*spent, strict=True))
    load = f"{os.cpu_count()} cores at a load of {os.getloadavg()[0]:.1f}"
    told = f"{kept:,} of {len(texts):,} kept; by the clock {rate(len(texts), clock)} a second on {load}"
    return [(name, "mintmark", rate(len(texts), cpu), told)]


def rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}"


def novelty(instructions: list[str]) -> tuple[str, ...]:
    """One candidate against the whole pool."""
    from mintmark.words import coded
    from mintmark.words.rouge import Pool

    known, words = Pool(), coded.words(instructions)
    for place in range(POOL):
        known.add(words[place])
    spent = []
    for place in range(POOL, POOL + 200):
        start = time.process_time()
        known.nearest(words[place])
        spent.append(1000 * (time.process_time() - start))
    told = f"nearest of {POOL:,}: median {np.median(spent):.1f} ms, worst of 200 {max(spent):.1f} ms"
    return ("novelty (ROUGE-L)", "mintmark", rate(200 * POOL, sum(spent) / 1000) + " pairs", told)


def recall(texts: list[str]) -> tuple[str, ...]:
    """Of all pairs with a Jaccard similarity of 0.8 or more, counted exactly."""
    from mintmark.words import coded, minhash
    from mintmark.words.buckets import Buckets

    bands, rows = minhash.shape(0.8, 0.98)
    signed = minhash.signatures(coded.shingles(coded.words(texts), 3), bands * rows)
    keys, marks = minhash.bands(signed, bands, rows), minhash.marks(signed)
    buckets = Buckets(bands, bands * rows, minhash.fewest(0.8, bands * rows))
    buckets.add(keys, marks)
    found = set(zip(*(side.tolist() for side in buckets.sharing(keys, marks)), strict=True))
    pairs = alike(texts, 0.8)
    hits = sum((later, earlier) in found for earlier, later in pairs)
    return ("near_duplicates: recall", "mintmark", "", f"{hits / len(pairs):.4f} of {len(pairs):,} pairs")


def alike(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    holders, pairs, sets = defaultdict(list), set(), []
    for later, text in enumerate(texts):
        words = re.findall(r"[a-z0-9]+", text.lower())
        mine = frozenset(zip(words, words[1:], words[2:], strict=False))
        for earlier, both in Counter(j for each in mine for j in holders[each]).items():
            if both / (len(mine) + len(sets[earlier]) - both) >= threshold:
                pairs.add((earlier, later))
        sets.append(mine)
        for each in mine:
            holders[each].append(later)
    return pairs


def theirs(folder: Path) -> list[tuple[str, ...]]:
    script, out = Path(__file__).with_name("text_peers.py"), []
    for name in ("datasketch", "rensa", "rouge_score"):
        python = measure.having(str(script), name)
        if python is None:
            out.append(("", name, "", "not installed: MINTMARK_PEERS names no Python that has it"))
            continue
        said = measure.command([python, str(script), str(folder), name], folder=folder).out
        found = next(json.loads(line) for line in said.splitlines() if line.startswith("{"))
        speed = f"{found['rate']:,.0f}{found.get('unit', '')}"
        out.append((found["what"], f"{name} {found['version']}", speed, found["told"]))
    return out


def million(folder: Path) -> str:
    """A million rows through five filters in runs of 10,000, in a process of their own."""
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})"
    cost = measure.python(f"{code}; from benchmarks import filters; filters.pass_million()", folder=folder)
    return f"A million rows through five filters in runs of 10,000: {cost.cpu:.0f} CPU s. {cost.out.strip()}"


def pass_million() -> None:
    names = {
        "length": {"least": 3},
        "personal": {},
        "exact_duplicates": {},
        "near_duplicates": {},
        "decontamination": {
            "benchmarks": {"gsm8k": {"file": str(ROOT / "gsm8k/test.jsonl.gz"), "columns": ("question",)}}
        },
    }
    sieves = [opened(name, **parameters) for name, parameters in names.items()]
    vocabulary = np.array([f"w{i}" for i in range(20_000)])
    rng, kept = np.random.default_rng(0), 0
    before = highest()
    for _ in range(MILLION // 10_000):
        drawn = vocabulary[rng.integers(len(vocabulary), size=(10_000, 30))]
        rows = pa.table({"text": [" ".join(words) for words in drawn.tolist()]})
        for sieve in sieves:
            rows = rows.filter(pa.array(sieve.sift(rows).keep))
        kept += len(rows)
    sys.stdout.write(f"{kept:,} kept; peak {highest():,.0f} MB, of which {before:,.0f} MB before the first row.\n")


def highest() -> float:
    """The most memory that this process ever held, MB; `getrusage` would count its parent's too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))
