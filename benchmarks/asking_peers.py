"""What whole packages for data from language models make of the same questions, under an interpreter that has them.

`python asking_peers.py FOLDER NAME URL SLOTS` asks what `prompts.json` in the folder holds and prints one JSON line:
rows a second, milliseconds of processor time a row, its children's included, and the version. `python asking_peers.py
NAME` only says whether that one is here. Each is used as its own documentation shows, with its cache on as by default,
and imports are not timed; what a package starts after them is.
"""

import importlib
import importlib.util
import json
import os
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = {"distilabel": "distilabel", "curator": "bespokelabs-curator"}
MODULES = {
    "distilabel": ("datasets", "distilabel.models", "distilabel.pipeline", "distilabel.steps.tasks", "openai"),
    "curator": ("litellm.litellm_core_utils.default_encoding", "bespokelabs.curator"),
}
NO_LIMIT = 10**9
"""Requests and tokens a minute: where none are named, Curator assumes a hosted API's."""


def distilabel(prompts: list[str], url: str, slots: int, folder: Path) -> list[str]:
    """A batch is what is asked at once."""
    from datasets import Dataset
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps.tasks import TextGeneration

    how = {"max_new_tokens": 1024, "temperature": 1.0}
    with Pipeline(cache_dir=folder / "distilabel") as pipeline:
        llm = OpenAILLM(model="m", base_url=url, api_key="none", generation_kwargs=how)
        TextGeneration(llm=llm, input_batch_size=slots)
    made = pipeline.run(dataset=Dataset.from_dict({"instruction": prompts}))
    return made["default"]["train"]["generation"]


def curator(prompts: list[str], url: str, slots: int, folder: Path) -> list[str]:
    from bespokelabs import curator

    llm = curator.LLM(
        model_name="m",
        backend="openai",
        generation_params={"max_tokens": 1024, "temperature": 1.0},
        backend_params={
            "base_url": url,
            "api_key": "none",
            "max_concurrent_requests": slots,
            "max_requests_per_minute": NO_LIMIT,
            "max_tokens_per_minute": NO_LIMIT,
        },
    )
    return llm(prompts, working_dir=str(folder / "curator")).dataset["response"]


def spent() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, (0, resource.RUSAGE_CHILDREN)))


def main() -> None:
    name = sys.argv[-1] if len(sys.argv) == 2 else sys.argv[2]
    if len(sys.argv) == 2:
        sys.exit(0 if importlib.util.find_spec(MODULES[name][-1].split(".")[0]) else 3)
    folder, url, slots = Path(sys.argv[1]), sys.argv[3], int(sys.argv[4])
    os.environ |= {"TELEMETRY_ENABLED": "false", "HF_HUB_OFFLINE": "1"}  # a benchmark calls nobody
    prompts = json.loads((folder / "prompts.json").read_text(encoding="utf-8"))
    for module in MODULES[name]:
        importlib.import_module(module)
    start, before = time.perf_counter(), spent()
    answers = globals()[name](prompts, url, slots, folder)
    wall, cpu = time.perf_counter() - start, spent() - before
    if len(answers) != len(prompts) or not all(answers):
        raise RuntimeError(f"{sum(map(bool, answers))} answers to {len(prompts)} questions")
    print(json.dumps([len(prompts) / wall, 1000 * cpu / len(prompts), version(PACKAGES[name])]), flush=True)


if __name__ == "__main__":
    main()
