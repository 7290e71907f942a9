"""Geometry against scipy, and plots that any reader of SVG can read."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform
from scipy.stats import skew

from interlingua.errors import ConfigError, DataError
from interlingua.evaluation import scatter
from interlingua.evaluation.tasks import geometry
from interlingua.evaluation.tasks.geometry import alignment, hubness, occurrences, uniformity
from interlingua.types import Embeddings
from interlingua.vectors import unit


def angles(texts: Sequence[str], language: str = "und") -> Embeddings:
    found = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(found), np.sin(found)], axis=1).astype(np.float32)


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 40), st.integers(2, 6), st.integers(0, 99))
def test_against_scipy(n: int, d: int, seed: int) -> None:
    rows, others = np.random.default_rng(seed).normal(size=(2, n, d)).astype(np.float32)
    distances = pdist(unit(rows).astype(np.float64), "sqeuclidean")
    assert uniformity(rows) == pytest.approx(np.log(np.exp(-2 * distances).mean()), abs=1e-5)
    assert alignment(rows, others) == pytest.approx(((unit(rows) - unit(others)) ** 2).sum(1).mean(), abs=1e-5)
    near = np.argsort(squareform(distances) + np.eye(n) * 99, axis=1)[:, :3]
    counts = occurrences(rows, min(3, n - 1))
    assert np.array_equal(counts, np.bincount(near[:, : min(3, n - 1)].ravel(), minlength=n))
    assert hubness(counts) == pytest.approx(skew(counts) if counts.std() else 0, abs=1e-9)


def test_blocks_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    whole = uniformity(rows)
    monkeypatch.setattr(geometry, "BLOCK", 7)
    assert uniformity(rows) == pytest.approx(whole, abs=1e-9)


def test_a_hub_is_seen() -> None:
    star = np.concatenate([np.ones((1, 30)), np.eye(30) * 9 + 1]).astype(np.float32)
    assert hubness(occurrences(star, 1)) > 4
    assert uniformity(np.ones((5, 3), np.float32)) == pytest.approx(0, abs=1e-6)


def test_what_belongs_together_is_read_from_the_columns(tmp_path: Path) -> None:
    (tmp_path / "sts.tsv").write_text("score\tsentence1\tsentence2\n5\ta 0\tb 0.1\n1\ta 0\tc 1\n4\td 2\te 2.2\n")
    (row,) = geometry.evaluate(angles, tmp_path / "sts.tsv").rows
    expected = ((2 - 2 * np.cos(0.1)) + (2 - 2 * np.cos(0.2))) / 2
    assert (row["texts"], row["pairs"], row["alignment"]) == (5, 2, pytest.approx(expected, abs=6e-5))
    (tmp_path / "de.tsv").write_text("en\tde\na 0\tb 0\nc 1\td 1\nc 1\te 1.5\n")
    (row,) = geometry.evaluate(angles, tmp_path / "de.tsv").rows
    assert (row["texts"], row["pairs"], row["width"]) == (5, 3, 2)
    (tmp_path / "plain.txt").write_text("a 0\na 1\n")
    (row,) = geometry.evaluate(angles, tmp_path / "plain.txt").rows
    assert "alignment" not in row
    with pytest.raises(DataError, match="no pair has a score of 6.0 or more"):
        geometry.evaluate(angles, tmp_path / "sts.tsv", positive_score=6.0)


def test_the_plane_holds_most_of_the_variance() -> None:
    random = np.random.default_rng(3)
    rows = (random.normal(size=(200, 2)) @ random.normal(size=(2, 12)) + 5).astype(np.float32)
    found = scatter.principal_plane(rows)
    assert pdist(found) == pytest.approx(pdist(rows), rel=1e-3)
    assert scatter.principal_plane(np.ones((3, 1), np.float32)).shape == (3, 2)


@pytest.mark.parametrize("name", ["sts.tsv", "plain.txt"])
def test_plots_are_whole_svg_and_load_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "sts.tsv").write_text('score\tsentence1\tsentence2\n5\t<a> & "b" 0\t\x01 0.1\n4\td 2\te 2.2\n')
    (tmp_path / "plain.txt").write_text("a 0\na 1\na 2\n")
    geometry.evaluate(angles, tmp_path / name, plot=tmp_path / "map.svg")
    root = ElementTree.parse(tmp_path / "map.svg").getroot()
    kinds = [element.tag.rsplit("}", 1)[-1] for element in root.iter()]
    assert kinds.count("line") == (2 if name == "sts.tsv" else 0)
    titles = [element.text for element in root.iter() if element.tag.endswith("title")]
    assert len(titles) == (4 if name == "sts.tsv" else 3)
    assert {"sts.tsv": '<a> & "b" 0', "plain.txt": "a 1"}[name] in titles
    assert "href" not in (tmp_path / "map.svg").read_text()
    with pytest.raises(ConfigError, match=r"must end in .svg"):
        geometry.evaluate(angles, tmp_path / name, plot=tmp_path / "map.png")


def test_effective_rank() -> None:
    assert geometry.effective_rank(np.ones((50, 8), np.float32)) == 0
    cross = np.concatenate([np.eye(8), -np.eye(8)]).astype(np.float32)
    assert geometry.effective_rank(cross) == pytest.approx(8, rel=1e-5)
    line = np.outer(np.arange(10.0), np.ones(8)).astype(np.float32)
    assert geometry.effective_rank(line) == pytest.approx(1, rel=1e-3)
