"""What an engine costs and what it keeps, measured against the encoder it was made from."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Protocol, runtime_checkable

from interlingua.types import Embeddings

AT_LEAST_SECONDS = 0.2
ROUNDS = 3


@runtime_checkable
class Encoding(Protocol):
    """An encoder or an engine."""

    def encode(self, texts: Sequence[str], language: str = "und") -> Embeddings: ...


def speeds(models: Mapping[str, Encoding], texts: Sequence[str], rounds: int = ROUNDS) -> dict[str, float]:
    """Texts a second of each model, repetitions of `texts` as one batch: medians of `rounds`, the models taking
    turns.
    """
    texts = [text for text in dict.fromkeys(texts) if text]
    rates: dict[str, list[float]] = {name: [] for name in models}
    batches = {name: _enough(model, texts) for name, model in models.items()}
    for _ in range(rounds):
        for name, model in models.items():
            began = time.perf_counter()
            model.encode(batches[name])
            rates[name].append(len(batches[name]) / (time.perf_counter() - began))
    return {name: median(values) for name, values in rates.items()}


def _enough(model: Encoding, texts: list[str]) -> list[str]:
    """The texts, with numbers added so that none repeats, until they take long enough to be timed."""
    batch = texts
    while True:
        began = time.perf_counter()
        model.encode(batch)
        if time.perf_counter() - began > AT_LEAST_SECONDS or len(batch) > 100_000:
            return batch
        batch = [f"{text} {number}" for number in range(2 * len(batch) // len(texts)) for text in texts]


def measure(
    encoder: Encoding, engine: Encoding, folder: Path, texts: Sequence[str], sts: Path | None, bitext: Path | None
) -> dict[str, Any]:
    """Size, speed, and on the user's data what similarity and translation search lose: percentage points, engine
    less encoder.
    """
    rates = speeds({"encoder": encoder, "engine": engine}, texts)
    figures: dict[str, Any] = {
        "megabytes": round(sum(path.stat().st_size for path in folder.iterdir()) / 1e6, 1),
        "texts_per_second": {name: round(rate, 1) for name, rate in rates.items()},
        "speedup": round(rates["engine"] / rates["encoder"], 2),
    }
    for name, file in (("sts", sts), ("bitext", bitext)):
        if file is not None:
            before, after = (_scores(name, model, file) for model in (encoder, engine))
            change = {key: round(after[key] - before[key], 2) for key in before}
            figures[name] = {"file": file.name, "encoder": before, "engine": after, "change": change}
    return figures


def _scores(task: str, model: Encoding, file: Path) -> dict[str, float]:
    from interlingua.evaluation.tasks import sts, tatoeba

    report = sts.evaluate(model.encode, file) if task == "sts" else tatoeba.evaluate(model.encode, file)
    key = "spearman" if task == "sts" else "accuracy"
    return {str(row["name"]): float(row[key]) for row in report.rows}
