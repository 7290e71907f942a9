"""xsim, BUCC, RSIM and language bias against slow, plain versions of their definitions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from interlingua.errors import ConfigError, DataError, UnknownName
from interlingua.evaluation.tasks import bucc, language_bias, rsim, xsim
from interlingua.mining.margin import Margin
from interlingua.types import Embeddings
from interlingua.vectors import unit


def angles(texts: Sequence[str], language: str = "und") -> Embeddings:
    found = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(found), np.sin(found)], axis=1).astype(np.float32)


def noise(texts: Sequence[str], language: str = "und") -> Embeddings:
    return np.stack([np.random.default_rng([*text.encode()]).normal(size=16) for text in texts]).astype(np.float32)


def error_by_hand(queries: np.ndarray, keys: np.ndarray, margin: str, k: int) -> float:
    cosines = unit(queries) @ unit(keys).T
    wrong = 0
    for row in range(len(queries)):
        near = np.argsort(-cosines[row])[:k]
        around = {key: (np.sort(cosines[row])[-k:].mean() + np.sort(cosines[:, key])[-k:].mean()) / 2 for key in near}
        score = {
            key: {"absolute": c, "distance": c - around[key], "ratio": c / around[key]}[margin]
            for key in near
            for c in [cosines[row, key]]
        }
        wrong += max(score, key=lambda key: score[key]) != row
    return 100 * wrong / len(queries)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("margin", list(Margin))
def test_xsim_by_hand(seed: int, margin: Margin) -> None:
    random = np.random.default_rng(seed)
    keys = (random.normal(size=(50, 8)) + 1).astype(np.float32)
    queries = (keys + random.normal(size=keys.shape)).astype(np.float32)
    found = xsim.error(queries, keys, margin, 4)
    assert found == pytest.approx(error_by_hand(queries, keys, str(margin), 4))
    assert 0 < found < 100


def write_bitext(folder: Path, n: int = 40) -> Path:
    folder.mkdir(exist_ok=True)
    for language in ("deu", "fra"):
        rows = [f"{language} {0.05 * k}\teng {0.05 * k}" for k in range(n)]
        (folder / f"{language}-eng.tsv").write_text(f"{language}\teng\n" + "\n".join(rows) + "\n")
    return folder


def test_xsim_of_an_oracle_and_of_noise(tmp_path: Path) -> None:
    folder = write_bitext(tmp_path)
    report = xsim.evaluate(angles, folder)
    assert [(row["name"], row["absolute"], row["pairs"]) for row in report.rows] == [("de", 0.0, 40), ("fr", 0.0, 40)]
    assert xsim.evaluate(noise, folder).averages["ratio, all 2"] > 80
    assert [row["name"] for row in xsim.evaluate(angles, folder, languages=("fr",)).rows] == ["fr"]
    with pytest.raises(ConfigError, match="--k 0"):
        xsim.evaluate(angles, folder, k=0)


def test_rsim_against_scipy(tmp_path: Path) -> None:
    one, other = np.random.default_rng(0).normal(size=(2, 12, 5)).astype(np.float32)
    pairs = [(a, b) for a in range(12) for b in range(a)]
    cosines = [[float(unit(rows)[a] @ unit(rows)[b]) for a, b in pairs] for rows in (one, other)]
    assert rsim.rsim(one, other) == pytest.approx(100 * pearsonr(*cosines).statistic, abs=1e-3)
    rotated = (one @ np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0]).astype(np.float32)
    assert rsim.rsim(one, rotated) == pytest.approx(100, abs=1e-3)  # another basis is the same structure
    report = rsim.evaluate(angles, write_bitext(tmp_path))
    assert report.averages == {"all 2": 100.0}
    assert abs(rsim.evaluate(noise, tmp_path).averages["all 2"]) < 20
    assert rsim.evaluate(angles, tmp_path, texts=5).rows[0]["pairs"] == 5
    with pytest.raises(DataError, match="--texts 2"):
        rsim.evaluate(angles, tmp_path, texts=2)


def write_bucc(folder: Path, half: str, shift: float, gold: int = 20, others: int = 30) -> None:
    """Gold pairs have one angle; the others are far from everything on the other side."""
    folder.mkdir(exist_ok=True)
    de = [f"de-{n}\tde {shift + 0.02 * n}" for n in range(gold)] + [
        f"de-{gold + n}\tde {3 + 0.02 * n}" for n in range(others)
    ]
    en = [f"en-{n}\ten {shift + 0.02 * n + 0.001}" for n in range(gold)] + [
        f"en-{gold + n}\ten {-1.2 - 0.02 * n}" for n in range(others)
    ]
    (folder / f"de-en.{half}.de").write_text("\n".join(de) + "\n")
    (folder / f"de-en.{half}.en").write_text("\n".join(reversed(en)) + "\n")
    (folder / f"de-en.{half}.gold").write_text("".join(f"de-{n}\ten-{n}\n" for n in range(gold)))


def test_bucc_tunes_on_one_half_and_measures_the_other(tmp_path: Path) -> None:
    write_bucc(tmp_path, "training", 0.0)
    write_bucc(tmp_path, "test", 0.4)
    (row,) = bucc.evaluate(angles, tmp_path, margin="absolute").rows
    assert (row["name"], row["tuned_f1"], row["f1"], row["mined"], row["gold"]) == ("de-en", 100.0, 100.0, 20, 20)
    assert bucc.evaluate(noise, tmp_path).rows[0]["f1"] < 40
    assert len(bucc.evaluate(angles, tmp_path, languages=("de",), margin="absolute").files) == 6
    for wrong, problem in (
        ({"languages": ("fr",)}, "there is no XX-YY.training.gold here for fr"),
        ({"tune": "sample"}, "XX-YY.sample.gold"),
    ):
        with pytest.raises(DataError, match=problem):
            bucc.evaluate(angles, tmp_path, **wrong)
    with pytest.raises(UnknownName, match="no margin 'best'"):
        bucc.evaluate(angles, tmp_path, margin="best")
    (tmp_path / "de-en.test.gold").write_text("de-0\ten-0\nde-0\ten-999\n")
    with pytest.raises(DataError, match=r"de-en.test.gold:2: 'de-0\\ten-999' is no pair of identifiers"):
        bucc.evaluate(angles, tmp_path)
    (tmp_path / "de-en.test.de").write_text("de-0 no tab\n")
    with pytest.raises(DataError, match=r"de-en.test.de:1: one field"):
        bucc.evaluate(angles, tmp_path)


def test_texts_that_occur_again_are_one_text(tmp_path: Path) -> None:
    for half in ("training", "test"):
        (tmp_path / f"de-en.{half}.de").write_text("a\tx 0\nb\tx 0\nc\tz 1.5\n")
        (tmp_path / f"de-en.{half}.en").write_text("a\ty 0\nb\ty 3\n")
        (tmp_path / f"de-en.{half}.gold").write_text("b\ta\n")  # the second occurrence stands for the first
    (row,) = bucc.evaluate(angles, tmp_path, margin="absolute").rows
    assert (row["f1"], row["mined"]) == (100.0, 1)


@pytest.mark.parametrize("seed", range(5))
def test_the_threshold_is_the_best_there_is(seed: int) -> None:
    random = np.random.default_rng(seed)
    scored = [
        (float(score), bool(right))
        for score, right in zip(random.integers(0, 9, 30) / 9, random.random(30) < 0.5, strict=True)
    ]
    gold = 20
    threshold, f1 = bucc.best_threshold(scored, gold)
    every = [
        2 * sum(r for s, r in scored if s > t) / (sum(s > t for s, _ in scored) + gold)
        for t in np.arange(-0.05, 1.1, 1 / 18)
    ]
    assert f1 == pytest.approx(max(every))
    assert 2 * sum(r for s, r in scored if s > threshold) / (
        sum(s > threshold for s, _ in scored) + gold
    ) == pytest.approx(f1)
    assert bucc.best_threshold([], 3) == (float("inf"), 0.0)
    assert bucc.precision_recall_f1({(0, 0), (1, 2)}, {(0, 0), (1, 1), (2, 2)}) == (
        pytest.approx(1 / 2),
        pytest.approx(1 / 3),
        pytest.approx(2 / 5),
    )


def write_judged(folder: Path, n: int = 30) -> Path:
    for language in ("en", "de", "fr"):
        rows = [f"{5 - k / n}\t{language} {0.1 * k}\t{language} {0.1 * k + k / n}" for k in range(n)]
        (folder / f"{language}.test.tsv").write_text("score\tsentence1\tsentence2\n" + "\n".join(rows) + "\n")
    return folder


def biased(texts: Sequence[str], language: str = "und") -> Embeddings:
    """Every language has a direction of its own beside the meaning."""
    own = np.array([[text.startswith(each) * 2.0 for each in ("en", "de", "fr")] for text in texts])
    return np.concatenate([angles(texts), own], axis=1).astype(np.float32)


def test_language_bias(tmp_path: Path) -> None:
    folder = write_judged(tmp_path)
    fair = {row["name"]: row for row in language_bias.evaluate(angles, folder).rows}
    assert [row["bias"] for row in fair.values()] == [0, 0, 0]
    assert fair["translations"]["own_language"] == 0
    unfair = {row["name"]: row for row in language_bias.evaluate(biased, folder).rows}
    assert unfair["translations"] == {
        "name": "translations", "bilingual": 100.0, "pooled": 0.0, "bias": 100.0, "texts a language": 30, "own_language": 100.0,
    }  # fmt: skip
    assert unfair["judged pairs"]["bias"] == 0  # across languages all pairs suffer alike
    assert unfair["judged pairs, also within"]["bias"] > 20
    assert language_bias.evaluate(angles, folder, languages=("en", "fr")).settings["languages"] == ["en", "fr"]
    with pytest.raises(DataError, match="1 languages are here"):
        language_bias.evaluate(angles, folder, languages=("en",))
    (folder / "de.test.tsv").write_text("score\tsentence1\tsentence2\n1\ta 1\tb 2\n")
    with pytest.raises(DataError, match=r"en.test.tsv: the scores differ"):
        language_bias.evaluate(angles, folder)


def test_ranking_bias_against_scipy() -> None:
    cosines, scores = list(np.random.default_rng(0).normal(size=(3, 20))), np.random.default_rng(1).normal(size=20)
    bilingual, pooled = language_bias.ranking_bias(cosines, scores)
    assert bilingual == pytest.approx(100 * np.mean([spearmanr(each, scores).statistic for each in cosines]))
    assert pooled == pytest.approx(100 * spearmanr(np.concatenate(cosines), np.concatenate([scores] * 3)).statistic)
