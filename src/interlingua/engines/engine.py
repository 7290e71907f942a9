"""Engine folders: an encoder without torch, and the proof that it gives the encoder's vectors.

engine.json says what it is and holds a checksum of every other file; golden.npz holds the vectors of a few texts, those
of the encoder and those the engine gave when it was exported. A folder that was damaged, or computes something else on
this machine, does not load.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from interlingua import discovery
from interlingua.encoding import batches
from interlingua.encoding.batches import Embed
from interlingua.errors import DataError, InterlinguaError, ModelFormatError, UnknownName
from interlingua.languages import require
from interlingua.machine import threads
from interlingua.texts import texts_of
from interlingua.tokenization import Coverage, Tokenizer
from interlingua.types import Embeddings

FORMAT = 2
TOLERANCE = {"fp32": 1e-4, "bf16": 2e-2, "int8": 5e-2}
"""Largest difference of a coordinate to the encoder's own vectors at export, relative to the longest of them."""
AGAIN = {"fp32": 1e-4, "bf16": 1e-2, "int8": 1e-2}
"""The same to the engine's own vectors at load: what another processor's rounding may make of them."""
BATCH = 512
"""Tokens computed at a time: their states stay in a processor's own cache."""


class Engine:
    """An exported encoder."""

    def __init__(self, embed: Embed, tokenizer: Tokenizer, card: dict[str, Any]) -> None:
        self._embed, self._tokenizer, self._card = embed, tokenizer, card
        self.width: int = card["width"]
        self.difference = 0.0
        """Largest difference of a coordinate to the golden vectors, found at load."""
        self.workers = threads()
        self._languages: tuple[str, ...] = tuple(card["encoder"].get("languages", ()))
        self.coverage = Coverage(self._languages, silent=True)  # golden texts are none of the user's

    def encode(self, texts: Iterable[str], language: str = "und") -> Embeddings:
        """Embed `texts` in the order given: (N, D) float32, each independent of its batch mates (to about 1e-6).

        Raises InputTypeError for what is no text, DataError for half a character and for a vector that is not finite,
        ConfigError for a language the encoder was trimmed of before its export.
        """
        require((language,), self._languages)
        return batches.encode(
            texts_of(texts),
            self._ids,
            self._embed if self._card["padded"] else self._without_padding,
            width=self.width,
            padding=self._tokenizer.pad,
            max_tokens=self._card["batch_tokens"],
            equal=not self._card["padded"],
            workers=self.workers,
        )

    def describe(self) -> dict[str, Any]:
        """What results should name."""
        return {**self._card["encoder"], "engine": self._card["engine"], "precision": self._card["precision"]}

    def _ids(self, texts: Sequence[str]) -> list[batches.Ids]:
        prompt = self._card["prompt"]
        ids = self._tokenizer.ids([prompt + text for text in texts] if prompt else texts)
        self.coverage.look(self._tokenizer, ids)
        return ids

    def _without_padding(self, ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        if not mask[0, 0]:  # texts without any token share one vector, found at export
            return np.broadcast_to(np.array(self._card["nothing"], np.float32), (len(ids), self.width))
        return self._embed(ids, mask)


def load(folder: Path) -> Engine:
    """Read an engine folder and check it against its golden vectors.

    Raises ModelFormatError where it is damaged, incomplete, or gives other vectors than at its export.
    """
    try:
        card = json.loads((folder / "engine.json").read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            raise ModelFormatError(f"format {card['format']}, this version reads {FORMAT}; export it again", folder)
        for name, checksum in card["files"].items():
            if _checksum(folder / name) != checksum:
                raise ModelFormatError(
                    f"{name} is damaged: its checksum is not the one of the export; copy it or export it again", folder
                )
        engine = open_folder(folder, card)
        with np.load(folder / "golden.npz") as archive:
            golden = archive["engine"]
        vectors = engine.encode(card["golden_texts"])
    except DataError as error:  # of our own texts
        raise ModelFormatError(str(error), folder) from error
    except InterlinguaError:
        raise
    except Exception as error:  # whatever a damaged file makes of json, numpy or the runtime
        raise ModelFormatError(
            f"a damaged or incomplete engine ({str(error).splitlines()[0][:200]}); export it again", folder
        ) from error
    engine.difference, allowed = difference(vectors, golden), AGAIN[card["precision"]]
    if not engine.difference <= allowed:
        problem = f"its vectors differ from the golden ones by {engine.difference:.2g} (tolerance {allowed:.2g})"
        remedy = (
            "the files do not belong together, or this processor computes otherwise; export it again, here or with "
            "--precision fp32"
        )
        raise ModelFormatError(f"{problem}: {remedy}", folder)
    engine.coverage = Coverage(card["encoder"].get("languages", ()))
    return engine


def difference(vectors: Embeddings, golden: Embeddings) -> float:
    """Largest difference of a coordinate, relative to the longest golden vector; infinite where shapes differ or
    numbers are missing.
    """
    if vectors.shape != golden.shape or not np.isfinite(vectors).all():
        return float("inf")
    return float(np.abs(vectors - golden).max() / max(1e-9, np.linalg.norm(golden, axis=1).max()))


def open_folder(folder: Path, card: dict[str, Any]) -> Engine:
    """The engine of a folder, not yet checked."""
    tokenizer = Tokenizer.load(folder / "tokenizer.json", card["max_tokens"])
    tokenizer.pad = card["pad"]
    try:
        runtime = discovery.find("engines/runtimes", str(card["engine"]), "engine", ("start",))
    except UnknownName as error:
        raise ModelFormatError(
            f"an engine of kind {card['engine']!r}, which this version does not have; export it again", folder
        ) from error
    runtime.require(card["precision"])
    return Engine(runtime.start(folder, card), tokenizer, card)


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write engine.json with the checksums of the files beside it."""
    files = {file.name: _checksum(file) for file in sorted(folder.iterdir()) if file.name != "engine.json"}
    text = json.dumps({**card, "files": files}, indent=1, ensure_ascii=False) + "\n"
    (folder / "engine.json").write_text(text, encoding="utf-8")


def _checksum(file: Path) -> int:
    checksum = 0
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return checksum
