"""What packages that do one thing to texts make of the same files, under an interpreter that has them.

`python text_peers.py FOLDER NAME` prints one JSON line, `python text_peers.py NAME` only says whether that one is here.
Each package is used as its documentation shows.
"""

import importlib.util
import json
import re
import sys
import time
from importlib.metadata import version
from pathlib import Path


def shingles(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return [" ".join(words[i : i + 3]) for i in range(max(len(words) - 2, 1))]


def datasketch(folder: Path) -> dict:
    from datasketch import MinHash, MinHashLSH

    texts = json.loads((folder / "documents.json").read_text())[:5000]
    start, index, kept = time.process_time(), MinHashLSH(threshold=0.8, num_perm=128), 0
    for place, text in enumerate(texts):
        signed = MinHash(num_perm=128)
        signed.update_batch([each.encode() for each in shingles(text)])
        if not index.query(signed):
            index.insert(str(place), signed)
            kept += 1
    return told("near_duplicates", len(texts), start, f"{kept:,} of {len(texts):,} kept, not verified")


def rensa(folder: Path) -> dict:
    from rensa import RMinHash, RMinHashLSH

    texts = json.loads((folder / "documents.json").read_text())
    start, index, kept = time.process_time(), RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16), 0
    for place, text in enumerate(texts):
        signed = RMinHash(num_perm=128, seed=42)
        signed.update(shingles(text))
        if not index.query(signed):
            index.insert(place, signed)
            kept += 1
    return told("near_duplicates", len(texts), start, f"{kept:,} of {len(texts):,} kept, not verified")


def rouge_score(folder: Path) -> dict:
    from rouge_score.rouge_scorer import RougeScorer

    texts = json.loads((folder / "pool.json").read_text())[:3001]
    scorer, start = RougeScorer(["rougeL"], use_stemmer=False), time.process_time()
    best = max(scorer.score(texts[-1], text)["rougeL"].fmeasure for text in texts[:-1])
    seconds = time.process_time() - start
    note = f"nearest of 3,000 ({best:.2f}): {1000 * seconds:,.0f} ms, so {52 * seconds / 3:,.0f} s for 52,000"
    return {**told("novelty (ROUGE-L)", len(texts) - 1, start, note), "unit": " pairs"}


def told(what: str, count: int, start: float, note: str) -> dict:
    return {"what": what, "rate": count / (time.process_time() - start), "told": note}


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(0 if importlib.util.find_spec(sys.argv[1]) else 3)
    package = sys.argv[2].replace("_", "-")
    print(json.dumps({**globals()[sys.argv[2]](Path(sys.argv[1])), "version": version(package)}))
