"""Mining of any size on one machine: texts, vectors, neighbours and pairs, each stage kept in a folder and continued
after a kill.
"""

import gc
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64

from interlingua import loading
from interlingua.data.passages import is_split
from interlingua.errors import ConfigError, DataError
from interlingua.files import digest
from interlingua.machine import AUTO, peak_memory, resident_memory
from interlingua.mining import calibration, reading, store
from interlingua.mining.calibration import Calibration
from interlingua.mining.filters import Filter, reason, usual_ratio
from interlingua.mining.margin import Margin, tell_unscored
from interlingua.mining.neighbourhood import IndexType, Neighbours, find
from interlingua.mining.selection import Candidates, Retrieval, best, choose, mean_cosine

WORTH = "vectors-*/*.npy"
"""What of a stopped job is worth continuing."""
BLOCK = 4096
"""Pairs written together."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to mine, and how."""

    source: Path
    target: Path
    model: str
    device: str = AUTO
    source_language: str = "und"
    target_language: str = "und"
    margin: Margin = Margin.ratio
    retrieval: Retrieval = Retrieval.max
    k: int = 4
    threshold: float | None = None
    precision: float | None = None
    index: IndexType = IndexType.exact
    filters: tuple[Filter, ...] = ()
    split: bool = False
    srx: Path | None = None
    """Rules to split by; those of `data/sentences` otherwise."""
    identify: bool = False
    memory: int = 4 * 2**30
    """Bytes of resident memory."""


@dataclass
class Mined:
    """The pairs of a job, best first, with the texts they are rows of, and what is to be told about them."""

    pairs: Candidates
    texts: tuple[store.Texts, store.Texts]
    estimate: Calibration | None
    threshold: float | None
    summary: dict[str, Any] = field(default_factory=dict[str, Any])

    def rows(self, filters: Sequence[Filter]) -> Iterator[tuple[str, str, str]]:
        """Score, source and target of each pair that no filter leaves out; what is left out is counted in the
        summary.
        """
        left_out: Counter[str] = Counter()
        kept = 0
        usual = usual_ratio(self._block(0)) if Filter.length in filters else 0.0
        for start in range(0, len(self.pairs), BLOCK):
            for score, (source, target) in zip(
                self.pairs.score[start : start + BLOCK].tolist(), self._block(start), strict=True
            ):
                why = reason(source, target, filters, usual)
                if why is None:
                    kept += 1
                    yield f"{score:.4f}", source, target
                else:
                    left_out[str(why)] += 1
        self.summary.update(pairs=kept, left_out=dict(left_out))

    def _block(self, start: int) -> Iterator[tuple[str, str]]:
        pairs = self.pairs.part(slice(start, start + BLOCK))
        return zip(self.texts[0].each(pairs.source), self.texts[1].each(pairs.target), strict=True)


def run(settings: Settings, work: Path) -> Mined:
    """Do what is not done yet in the folder `work`, which is this run's alone, and return the pairs, whose texts stay
    there. Raises InterlinguaError for what a user can mend.
    """
    if settings.threshold is not None and settings.precision is not None:
        raise ConfigError("--threshold and --precision: give one of them")
    if settings.precision is not None and not 0 < settings.precision < 1:
        raise ConfigError(f"--precision {settings.precision:g} is a share between 0 and 1, such as 0.9")
    if settings.k < 1:
        raise ConfigError(f"k must be at least 1, not {settings.k}")
    seconds: dict[str, float] = {}
    work.mkdir(parents=True, exist_ok=True)
    with _timed(seconds, "texts"):
        sides = _texts(settings, work)
    if settings.precision is not None:
        counts = {Retrieval.forward: len(sides[0]), Retrieval.backward: len(sides[1])}
        calibration.require(counts.get(settings.retrieval, min(map(len, sides))))
    with _timed(seconds, "vectors"):
        vectors = _vectors(settings, work, sides)
    folder = work / f"neighbours-{_name(vectors[0].folder.name, vectors[1].folder.name, settings.k, settings.index)}"
    with _timed(seconds, "neighbours"):
        folder.mkdir(exist_ok=True)
        searched = find(folder, *vectors, settings.k + 1, settings.memory - resident_memory(), settings.index)
    with _timed(seconds, "pairs"):
        pairs, estimate, threshold = _pairs(settings, vectors, searched[:2])
    summary = {
        "source_texts": sides[0].read, "target_texts": sides[1].read, "different": [len(side) for side in sides],
        "threshold": threshold, "seconds": seconds, "peak_memory_mb": round(peak_memory() / 2**20),
    }  # fmt: skip
    summary |= {} if searched[2] is None else {"recall": searched[2]}
    if estimate is not None and threshold is not None:
        summary |= {
            "estimated_precision": round(estimate.at(threshold), 4),
            "estimated_translations": round(estimate.right),
        }
    return Mined(pairs, sides, estimate, threshold, summary)


def _texts(settings: Settings, work: Path) -> tuple[store.Texts, store.Texts]:
    both: list[store.Texts] = []
    for side, path, language in (
        ("source", settings.source, settings.source_language),
        ("target", settings.target, settings.target_language),
    ):
        split = is_split(path, settings.split, settings.srx)
        ways = {
            "split": split,
            "identify": settings.identify,
            "language": language if split or settings.identify else "",
        }
        ways |= {} if settings.srx is None else {"srx": digest(settings.srx)}
        folder = work / f"{side}-{_name(digest(path), ways)}"
        texts = store.texts(folder, reading.texts(path, language, split, settings.identify, settings.srx), path)
        if len(texts) == 0:
            raise DataError("no texts in this file" + (f" in {language}" if settings.identify else ""), path)
        both.append(texts)
    return both[0], both[1]


def _vectors(
    settings: Settings, work: Path, sides: tuple[store.Texts, store.Texts]
) -> tuple[store.Vectors, store.Vectors]:
    model = settings.model if loading.is_url(settings.model) else loading.fingerprint(settings.model)
    loaded: list[loading.Model] = []

    def encode(texts: Sequence[str], language: str = "und") -> store.Embeddings:
        if not loaded:
            loaded.append(loading.load(settings.model, settings.device))
        return loaded[0].encode(texts, language)

    both: list[store.Vectors] = []
    for texts, language, label in (
        (sides[0], settings.source_language, "encoding the source"),
        (sides[1], settings.target_language, "encoding the target"),
    ):
        folder = work / f"vectors-{texts.folder.name}-{_name(model, language)}"
        folder.mkdir(exist_ok=True)
        both.append(store.encode_texts(folder, texts, encode, language, label))
    loaded.clear()
    gc.collect()  # the model's memory is the search's now
    return both[0], both[1]


def _pairs(
    settings: Settings, vectors: tuple[store.Vectors, store.Vectors], searched: tuple[Neighbours, Neighbours]
) -> tuple[Candidates, Calibration | None, float | None]:
    k, margin = settings.k, settings.margin
    means = [np.concatenate([mean_cosine(cosines[:, :k]) for _, cosines, _ in side.blocks()]) for side in searched]
    empty = [side.empty() for side in vectors]
    bests = [
        _best(searched[side], k, means[side], means[1 - side], empty[side], empty[1 - side], margin) for side in (0, 1)
    ]
    for name, (_, scores), zeros in zip(("source", "target"), bests, empty, strict=True):
        tell_unscored(int(np.isneginf(scores).sum()), int(zeros.sum()), f"{name} texts")
    if settings.precision is None:
        return choose(bests[0], bests[1], settings.retrieval, settings.threshold), None, settings.threshold
    every = choose(bests[0], bests[1], settings.retrieval)
    sides = [calibration.Side(side.count, side.take, mean) for side, mean in zip(searched, means, strict=True)]
    estimate = calibration.calibrate(every, sides[0], sides[1], margin, settings.retrieval)
    threshold = estimate.threshold(settings.precision)
    return every.part(every.score > threshold), estimate, threshold


def _best(
    side: Neighbours, k: int, own: Float32[np.ndarray, " N"], others: Float32[np.ndarray, " M"],
    empty: Bool[np.ndarray, " N"], empty_others: Bool[np.ndarray, " M"], margin: Margin,
) -> tuple[Int64[np.ndarray, " N"], Float32[np.ndarray, " N"]]:  # fmt: skip
    parts: list[tuple[Any, Any]] = []
    for start, cosines, rows in side.blocks():
        here = slice(start, start + len(rows))
        partners, scores = best(cosines[:, :k], rows[:, :k], own[here], others, margin)
        scores[empty[here] | empty_others[partners]] = -np.inf
        parts.append((partners, scores))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _name(*what: Any) -> str:
    """A short name for whatever a stage depends on."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:12]


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    began = perf_counter()
    yield
    seconds[stage] = round(perf_counter() - began, 2)


def forget(work: Path) -> None:
    """Remove what a finished job kept; where a kill ends that halfway, the next job finds nothing it would believe."""
    for about in work.glob(f"*/{store.ABOUT}"):
        about.unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)
