"""Similarity search over translations: both directions, and F1 against scikit-learn."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from interlingua.errors import DataError
from interlingua.evaluation.tasks import tatoeba
from interlingua.types import Embeddings
from interlingua.vectors import unit

N = 60


def oracle(texts: Sequence[str], language: str = "und") -> Embeddings:
    """Knows that a text's meaning is its last word, an angle."""
    angles = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.fixture
def tatoeba_folder(tmp_path: Path) -> Path:
    for language in ("deu", "fra"):
        rows = [f"{language} {0.1 * k}\teng {0.1 * k}" for k in range(N)]
        (tmp_path / f"{language}-eng.tsv").write_text(f"{language}\teng\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_tatoeba(tatoeba_folder: Path) -> None:
    report = tatoeba.evaluate(oracle, tatoeba_folder)
    assert [(row["name"], row["accuracy"], row["pairs"]) for row in report.rows] == [("de", 100.0, N), ("fr", 100.0, N)]
    assert [row["name"] for row in tatoeba.evaluate(oracle, tatoeba_folder, languages=("fra",)).rows] == ["fr"]
    with pytest.raises(DataError, match="no test set for ja"):
        tatoeba.evaluate(oracle, tatoeba_folder, languages=("ja",))


@pytest.mark.parametrize("seed", range(3))
def test_f1_against_scikit_learn(seed: int) -> None:
    source, others = np.random.default_rng(seed).normal(size=(2, 40, 3)).astype(np.float32)
    target = source + others
    named = (unit(target) @ unit(source).T).argmax(axis=1)
    assert tatoeba.f1(source, target) == pytest.approx(
        100 * f1_score(np.arange(40), named, average="weighted", zero_division=0)
    )


def test_both_directions_count() -> None:
    source, target = np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)
    target[1] = [0.9, 0.1, 0, 0]
    assert tatoeba.accuracies(source, target) == (100.0, 75.0)
    target[1] = target[0]  # source 1 still prefers the lower of two rows at 0; target 1 now asks for source 0
    forward, backward = tatoeba.accuracies(source, target)
    assert (forward, backward) == (75.0, 75.0)
