"""Every evaluation gives 100 to an oracle and about chance to noise; the pure metrics agree with their definitions."""

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from interlingua.encoding.cache import remembering
from interlingua.errors import DataError
from interlingua.evaluation.tasks import sts, tatoeba
from interlingua.evaluation.tasks.geometry import effective_rank
from interlingua.types import Embeddings
from interlingua.vectors import mean_cosine, unit

N = 60


def oracle(texts: Sequence[str], language: str = "und") -> Embeddings:
    """Knows that a text's meaning is its last word, an angle."""
    angles = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def noise(texts: Sequence[str], language: str = "und") -> Embeddings:
    return np.stack([np.random.default_rng(crc32(text.encode())).normal(size=16) for text in texts]).astype(np.float32)


@pytest.fixture
def sts_folder(tmp_path: Path) -> Path:
    for language in ("en", "de"):
        rows = [f"{5 - k / N}\t{language} 0.0\t{language} {k / N}" for k in range(N)]
        (tmp_path / f"{language}.test.tsv").write_text("score\tsentence1\tsentence2\n" + "\n".join(rows) + "\n")
    return tmp_path


@pytest.fixture
def tatoeba_folder(tmp_path: Path) -> Path:
    for language in ("deu", "fra"):
        rows = [f"{language} {0.1 * k}\teng {0.1 * k}" for k in range(N)]
        (tmp_path / f"{language}-eng.tsv").write_text(f"{language}\teng\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_sts(sts_folder: Path) -> None:
    report = sts.evaluate(oracle, sts_folder)
    assert [(row["name"], row["spearman"]) for row in report.rows] == [("de", 100.0), ("en", 100.0), ("en-de", 100.0)]
    assert report.averages == {"monolingual": 100.0, "cross-lingual": 100.0}
    assert abs(sts.evaluate(noise, sts_folder).averages["cross-lingual"]) < 50
    assert "Spearman" in report.table()


def test_sts_languages_must_hold_the_same_pairs(sts_folder: Path) -> None:
    (sts_folder / "de.test.tsv").write_text("score\tsentence1\tsentence2\n1\ta 1\tb 2\n")
    with pytest.raises(DataError, match=r"de.test.tsv: the scores differ"):
        sts.evaluate(oracle, sts_folder)
    with pytest.raises(DataError, match="no files LANGUAGE.dev.tsv"):
        sts.evaluate(oracle, sts_folder, split="dev")


def test_tatoeba(tatoeba_folder: Path) -> None:
    report = tatoeba.evaluate(oracle, tatoeba_folder)
    assert [(row["name"], row["accuracy"], row["pairs"]) for row in report.rows] == [("de", 100.0, N), ("fr", 100.0, N)]
    assert tatoeba.evaluate(noise, tatoeba_folder).averages["all 2"] < 15
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


def test_no_text_is_encoded_twice() -> None:
    asked: list[str] = []

    def counting(texts: Sequence[str], language: str = "und") -> Embeddings:
        asked.extend(texts)
        return oracle(texts)

    encode = remembering(counting)
    assert np.array_equal(encode(["a 1", "b 2", "a 1"]), oracle(["a 1", "b 2", "a 1"]))
    assert np.array_equal(encode(["b 2", "c 3"]), oracle(["b 2", "c 3"]))
    assert asked == ["a 1", "b 2", "c 3"]


@settings(deadline=None)
@given(st.integers(2, 30), st.integers(2, 8), st.integers(0, 99))
def test_mean_cosine_is_the_mean_over_pairs(n: int, d: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    cosines = unit(rows) @ unit(rows).T
    assert mean_cosine(rows) == pytest.approx(cosines[~np.eye(n, dtype=bool)].mean(), abs=1e-5)


def test_effective_rank() -> None:
    assert effective_rank(np.ones((50, 8), np.float32)) == 0
    cross = np.concatenate([np.eye(8), -np.eye(8)]).astype(np.float32)
    assert effective_rank(cross) == pytest.approx(8, rel=1e-5)
    line = np.outer(np.arange(10.0), np.ones(8)).astype(np.float32)
    assert effective_rank(line) == pytest.approx(1, rel=1e-3)
