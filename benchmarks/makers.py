"""Today's generators, fitted on the same training rows; runs under an interpreter that has them, never Mintmark's own.

`python makers.py FOLDER NAME SEED COUNT` learns from `train.parquet` in the folder, whose `kinds.json` says which
columns are levels and which are moments, leaves `synthetic.parquet`, and prints one JSON line: CPU and clock
seconds of the fit and of the sampling. `python makers.py NAME` only says whether that one is here. Each is used as its
own documentation shows first, with its own defaults.
"""

import importlib.util
import json
import sys
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

PACKAGES = {"copula": "sdv", "ctgan": "sdv", "tvae": "sdv", "arf": "arfpy", "argn": "mostlyai"}


def fit(name: str, train, kinds: dict, seed: int) -> Callable:
    return _MAKERS[name](train, kinds, seed)


def _sdv(kind: str) -> Callable:
    def maker(train, kinds, seed):
        import torch
        from sdv.metadata import Metadata
        from sdv.single_table import CTGANSynthesizer, GaussianCopulaSynthesizer, TVAESynthesizer

        torch.manual_seed(seed)
        types = {"levels": "categorical", "moment": "datetime", "number": "numerical"}
        columns = {name: {"sdtype": types[kinds[name]]} for name in train}
        metadata = Metadata.load_from_dict({"tables": {"rows": {"columns": columns}}, "relationships": []})
        classes = {"copula": GaussianCopulaSynthesizer, "ctgan": CTGANSynthesizer, "tvae": TVAESynthesizer}
        model = classes[kind](metadata)
        model.fit({"rows": train})  # since 2.0 a table has a name
        if not hasattr(model, "_set_random_state"):
            raise AttributeError("this SDV always samples from one fixed state: its seeds would all be alike")
        model._set_random_state(seed)
        return lambda count: _only(model.sample(count))

    return maker


def _only(made):
    return next(iter(made.values())) if isinstance(made, dict) else made


def _arf(train, kinds, seed):
    import numpy as np
    from arfpy import arf

    np.random.seed(seed)  # noqa: NPY002  # arfpy takes no generator
    if train.isna().any(axis=None):
        raise ValueError("arfpy takes no missing values")
    plain = train.astype({name: "object" for name in train if kinds[name] == "levels"})
    model = arf.arf(plain, verbose=False, random_state=seed)
    model.forde()
    return lambda count: model.forge(n=count)


def _argn(train, kinds, seed):
    from mostlyai.engine import TabularARGN

    del kinds  # it tells them itself
    model = TabularARGN(random_state=seed, verbose=0)
    model.fit(train)
    return lambda count: model.sample(n_samples=count)


_MAKERS = {"copula": _sdv("copula"), "ctgan": _sdv("ctgan"), "tvae": _sdv("tvae"), "arf": _arf, "argn": _argn}


def main() -> None:
    if len(sys.argv) == 2:
        sys.exit(0 if importlib.util.find_spec(PACKAGES[sys.argv[1]]) else 3)
    import pandas as pd

    warnings.simplefilter("ignore")
    folder, name, seed, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    train = pd.read_parquet(folder / "train.parquet")
    kinds = json.loads((folder / "kinds.json").read_text(encoding="utf-8"))
    clock = [(time.process_time(), time.perf_counter())]
    sample = fit(name, train, kinds, seed)
    clock.append((time.process_time(), time.perf_counter()))
    made = sample(count)
    clock.append((time.process_time(), time.perf_counter()))
    made[list(train)].to_parquet(folder / "synthetic.parquet", index=False)
    spent = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(clock)]
    keys = ("fit_cpu_s", "fit_s", "sample_cpu_s", "sample_s")
    print(json.dumps(dict(zip(keys, (*spent[0], *spent[1]), strict=True))))


if __name__ == "__main__":
    main()
