"""Formal differential privacy: noisy counts of few columns at a time, and the distribution that they determine."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import columns, storage
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.marginals import counting, groups, selection
from mintmark.generators.tabular.marginals.budget import Budget
from mintmark.generators.tabular.marginals.drawing import drawn
from mintmark.generators.tabular.marginals.fitting import Counted
from mintmark.generators.tabular.marginals.junction import JunctionTree
from mintmark.generators.tabular.marginals.selection import Joint, Question

METHOD = "tabular.private"
SINGLES = 0.2

Codes = NDArray[np.int64]
