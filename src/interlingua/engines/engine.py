"""Engine folders: an encoder without torch, and the proof that it gives the encoder's vectors.

engine.json says what it is and holds a checksum of every other file; golden.npz holds the vectors of a few texts, those
of the encoder and those the engine gave when it was exported. A folder that was damaged, or computes something else on
this machine, does not load.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from zipfile import ZipFile

import msgspec
import numpy as np

from interlingua import discovery
from interlingua.coverage import Coverage
from interlingua.encoding import batches
from interlingua.encoding.batches import Embed
from interlingua.errors import DataError, InterlinguaError, ModelFormatError, UnknownName
from interlingua.languages import require
from interlingua.machine import threads
from interlingua.model_files import LARGEST, check_files, read_card
from interlingua.texts import texts_of
from interlingua.tokenization import Tokenizer
from interlingua.types import Embeddings

FORMAT = 3
READ = {2: False, FORMAT: True}
"""The formats that are read, and whether the description has a checksum of its own."""
GOLDEN_TEXTS = (
    "The cat sleeps on the mat.", "Die Katze schläft auf der Matte.", "Le train part à huit heures.",
    "Кошка спит на коврике.", "猫在垫子上睡觉。", "電車は八時に出ます。", "القطة تنام على السجادة.",
    "बिल्ली चटाई पर सोती है।", "고양이가 매트 위에서 잔다.", "7", "",
    "A longer text, of more than one sentence, shows that length and padding are handled. It ends here; the next one "
    "would be too much.",
)  # fmt: skip
TOLERANCE = {"fp32": 1e-4, "bf16": 2e-2, "int8": 5e-2}
"""Largest difference of a coordinate to the encoder's own vectors at export, relative to the longest of them."""
AGAIN = {"fp32": 1e-4, "bf16": 1e-2, "int8": 1e-2}
"""The same to the engine's own vectors at load: what another processor's rounding may make of them."""
BATCH = 512
"""Tokens computed at a time: their states stay in a processor's own cache."""


Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class Card(TypedDict):
    """What engine.json holds."""

    format: int
    engine: str
    precision: Literal["fp32", "bf16", "int8"]
    padded: bool
    width: Count
    pad: Annotated[int, msgspec.Meta(ge=0)]
    max_tokens: Count
    batch_tokens: Count
    prompt: str
    golden_texts: list[str]
    nothing: list[float]
    """The embedding of a text without any token."""
    encoder: dict[str, Any]
    """What the encoder said of itself."""
    difference: NotRequired[float]
    """Largest difference of a coordinate to the encoder's own vectors."""
    files: dict[str, int]
    checksum: NotRequired[str]


class Engine:
    """An exported encoder."""

    def __init__(self, embed: Embed, tokenizer: Tokenizer, card: Mapping[str, Any]) -> None:
        self._embed, self._tokenizer, self._card = embed, tokenizer, card
        self.width: int = card["width"]
        self.difference = 0.0
        """Largest difference of a coordinate to the golden vectors, found at load."""
        self.workers = threads()
        self._languages: tuple[str, ...] = tuple(card["encoder"].get("languages", ()))
        self.coverage = Coverage(self._languages, silent=True)  # golden texts are none of the user's
        self.folder: Path | None = None
        """Where it was loaded from."""

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process the folder is sent; the engine is loaded again there."""
        if self.folder is None:
            raise TypeError("an engine that was not loaded from a folder cannot be sent to another process")
        return load, (self.folder,)

    def encode(self, texts: Iterable[str], language: str = "und") -> Embeddings:
        """Embed `texts` in the order given: (N, D) float32, each independent of its batch mates (to about 1e-6).

        Raises InputTypeError for what is no text; DataError for half a character, for a vector that is not finite and
        for what is no language; ConfigError for a language the encoder was trimmed of before its export.
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
    card = read_card(folder / "engine.json", Card, READ)
    check_files(folder, card["files"])
    try:
        engine = open_folder(folder, card)
        golden = _golden(folder / "golden.npz")
        vectors = engine.encode(card["golden_texts"])
    except DataError as error:  # of our own texts
        raise ModelFormatError(str(error), folder) from error
    except InterlinguaError:
        raise
    except Exception as error:  # whatever a damaged file makes of numpy or the runtime
        raise ModelFormatError(
            f"a damaged or incomplete engine ({(str(error) or type(error).__name__).splitlines()[0][:200]}); export it "
            "again",
            folder,
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
    engine.folder = folder.absolute()
    return engine


def _golden(file: Path) -> Embeddings:
    """The engine's own vectors of the golden texts. Their file is small, whatever it says of itself."""
    with ZipFile(file) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST:
            raise ModelFormatError(f"holds more than {LARGEST >> 20} MB; export the engine again", file)
    with np.load(file) as archive:
        return archive["engine"]


def difference(vectors: Embeddings, golden: Embeddings) -> float:
    """Largest difference of a coordinate, relative to the longest golden vector; infinite where shapes differ or
    numbers are missing.
    """
    if vectors.shape != golden.shape or not np.isfinite(vectors).all():
        return float("inf")
    return float(np.abs(vectors - golden).max() / max(1e-9, np.linalg.norm(golden, axis=1).max()))


def open_folder(folder: Path, card: Mapping[str, Any]) -> Engine:
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
