"""Exported encoders on ONNX Runtime: vectors without torch, checked against golden ones at every load."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64

from interlingua import encoding
from interlingua.errors import InterlinguaError, ModelFormatError
from interlingua.tokenization import Tokenizer
from interlingua.types import Embeddings

FORMAT = 1
TOLERANCE = 1e-4
"""Largest difference of a coordinate, relative to the longest golden vector, that arithmetic on another processor may make."""


class Engine:
    """An exported encoder."""

    def __init__(self, session: Any, tokenizer: Tokenizer, card: dict[str, Any]) -> None:
        self._session, self._tokenizer, self._card = session, tokenizer, card
        self.width: int = card["width"]
        self.difference = 0.0
        """Largest difference of a coordinate to the golden vectors, found at load."""

    def encode(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        """Embed `texts` in the order given: (N, D) float32. Raises DataError for half a character."""
        return encoding.encode(texts, self._ids, self._embed, width=self.width, padding=self._tokenizer.pad)

    def describe(self) -> dict[str, Any]:
        """What results should name."""
        return {**self._card["encoder"], "engine": self._card["engine"], "precision": self._card["precision"]}

    def _ids(self, texts: Sequence[str]) -> list[encoding.Ids]:
        prompt = self._card["prompt"]
        return self._tokenizer.ids([prompt + text for text in texts] if prompt else texts)

    def _embed(self, ids: Int64[np.ndarray, "B T"], mask: Bool[np.ndarray, "B T"]) -> Float32[np.ndarray, "B D"]:
        return self._session.run(["embeddings"], {"ids": ids, "mask": mask})[0]


def load(folder: Path) -> Engine:
    """Read an engine folder and check it against its golden vectors.

    Raises ModelFormatError where it is damaged, incomplete, or gives other vectors than the encoder it was exported from.
    """
    try:
        card = json.loads((folder / "engine.json").read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            raise ModelFormatError(f"format {card['format']}, this version reads {FORMAT}", folder)
        tokenizer = Tokenizer.load(folder / "tokenizer.json", card["max_tokens"])
        tokenizer.pad = card["pad"]
        with np.load(folder / "golden.npz") as archive:
            golden = archive["vectors"]
        engine = Engine(_session(folder / "model.onnx"), tokenizer, card)
        vectors = engine.encode(card["golden_texts"])
    except InterlinguaError:
        raise
    except Exception as error:  # whatever a damaged file makes of json, numpy or the runtime
        raise ModelFormatError(f"a damaged or incomplete engine ({str(error).splitlines()[0][:200]}); export it again", folder) from error
    scale = max(1e-9, float(np.linalg.norm(golden, axis=1).max()))
    engine.difference = float(np.abs(vectors - golden).max()) if vectors.shape == golden.shape else float("inf")
    if not engine.difference <= card["tolerance"] * scale:
        problem = f"its vectors differ from the golden ones by {engine.difference:.2g} (tolerance {card['tolerance'] * scale:.2g})"
        raise ModelFormatError(f"{problem}: the files do not belong together, or the runtime is at fault; export it again", folder)
    return engine


def _session(file: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(file.read_bytes(), options, providers=["CPUExecutionProvider"])
