"""Charts are whole, deterministic, show the data, and are refused before the work."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from interlingua.errors import ConfigError
from interlingua.evaluation import plots
from interlingua.evaluation.calibration import by_confidence, calibration_error
from interlingua.evaluation.tasks import cross_encoder, entailment, pairs, sts

PNG = b"\x89PNG\r\n\x1a\n"


def angles(texts, language: str = "und") -> np.ndarray:
    """The number at the end of a text as an angle."""
    turns = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def drawn_text(file: Path) -> str:
    root = ElementTree.parse(file).getroot()
    assert root.tag.endswith("svg")
    return " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))


def test_curves(tmp_path: Path) -> None:
    lines = [
        plots.Line("mr", [8.0, 16.0, 64.0], [55.0, 60.0, 70.0], [3.0, 2.0, 1.0]),
        plots.Line("cr", [8.0], [70.0], [0.0]),
    ]
    plots.curves(tmp_path / "c.svg", "curves", lines, "texts a class", "accuracy")
    plots.curves(tmp_path / "again.svg", "curves", lines, "texts a class", "accuracy")
    plots.curves(tmp_path / "c.png", "curves", lines, "texts a class", "accuracy")
    assert (tmp_path / "c.svg").read_bytes() == (tmp_path / "again.svg").read_bytes()
    assert (tmp_path / "c.png").read_bytes().startswith(PNG)
    shown = drawn_text(tmp_path / "c.svg")
    assert all(word in shown for word in ("curves", "texts a class", "accuracy", "mr", "cr", "64"))
    curve = next(e for e in ElementTree.parse(tmp_path / "c.svg").getroot().iter() if e.get("id") == "curve mr")
    path = next(e.get("d", "") for e in curve.iter() if e.tag.endswith("path"))
    heights = [float(step.split()[1]) for step in path.replace("M", "L").split("L")[1:]]
    assert len(heights) == 3
    assert heights == sorted(heights, reverse=True)  # SVG counts downwards


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.integers(1, 12))
def test_bins_against_scikit_learn(drawn: list[tuple[float, bool]], bins: int) -> None:
    # scikit-learn's bins are closed at the other end: no confidence stands on an edge here
    confidence = np.array([(min(int(c * bins), bins - 1) + 0.5) / bins + (c - 0.5) / (2 * bins) for c, _ in drawn])
    right = np.array([each for _, each in drawn])
    share, mean = calibration_curve(right, confidence, n_bins=bins)
    ours = [each for each in by_confidence(confidence, right, bins) if each.count]
    assert [each.right for each in ours] == pytest.approx(share)
    assert [each.confidence for each in ours] == pytest.approx(mean)
    counts = np.array([each.count for each in ours])
    assert counts.sum() == len(right)
    assert calibration_error(confidence, right, bins) == pytest.approx(
        float((counts * np.abs(share - mean)).sum() / len(right))
    )


def test_certainty_has_a_bin() -> None:
    sure, right = np.array([0.0, 1.0, 1.0]), np.array([False, True, False])
    assert calibration_error(sure, right) == pytest.approx(1 / 3)
    assert by_confidence(sure, right)[-1].count == 2


def test_similarity_judgements_by_score(tmp_path: Path) -> None:
    (tmp_path / "s.tsv").write_text(
        "score\tsentence1\tsentence2\n5\ta 0\tb 0.1\n4.2\ta 0\tb 0.3\n0.5\tc 0\td 2\n0\tc 0\td 3\n"
    )
    sts.evaluate(angles, tmp_path / "s.tsv", plot=tmp_path / "h.svg")
    shown = drawn_text(tmp_path / "h.svg")
    assert "score 0 to 1 (2)" in shown
    assert "score 4 to 5 (2)" in shown  # the highest score of all has no part of its own


def test_pairs_together_and_apart(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("sentence1\tsentence2\tlabel\na 0\tb 0.1\t1\na 0\tb 0.2\t1\nc 0\td 2\t0\n")
    pairs.evaluate(angles, tmp_path / "p.tsv", plot=tmp_path / "h.png")
    assert (tmp_path / "h.png").read_bytes().startswith(PNG)


class Judge:
    """Sure of itself, and right three times of four."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels

    def outputs(self, pairs):
        return np.tile(np.array([np.log(9.0), 0.0][: len(self.labels)], np.float32), (len(pairs), 1))


def test_reliability_of_a_cross_encoder(tmp_path: Path) -> None:
    (tmp_path / "n.tsv").write_text("premise\thypothesis\tlabel\n" + "a\tb\tno\n" * 3 + "a\tb\tyes\n")
    (row,) = cross_encoder.evaluate(Judge(("no", "yes")), tmp_path / "n.tsv", plot=tmp_path / "r.svg").rows
    assert row["calibration_error"] == pytest.approx(15, abs=0.01)  # 90 % sure, 75 % right
    assert "expected calibration error 15.0 %" in drawn_text(tmp_path / "r.svg")
    with pytest.raises(ConfigError, match="this model gives a single score"):
        cross_encoder.evaluate(Judge(("score",)), tmp_path / "n.tsv", plot=tmp_path / "r.svg")


def test_reliability_of_entailment(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [
        f"a {random.normal():.3f}\tb {1.5 * (k % 2) + random.normal():.3f}\t{'yes' if k % 2 else 'no'}"
        for k in range(60)
    ]
    for name in ("train", "test"):
        (tmp_path / f"{name}.tsv").write_text("premise\thypothesis\tlabel\n" + "\n".join(rows) + "\n")
    (row,) = entailment.evaluate(angles, tmp_path, plot=tmp_path / "r.svg").rows
    assert 0 <= row["calibration_error"] <= 50
    assert f"error {row['calibration_error']:.1f} %" in drawn_text(tmp_path / "r.svg")


@pytest.mark.parametrize("evaluate", [sts.evaluate, pairs.evaluate])
def test_other_endings_are_refused_before_the_work(evaluate, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must end in .svg or .png"):
        evaluate(angles, tmp_path / "nothing.tsv", plot=tmp_path / "h.jpg")
