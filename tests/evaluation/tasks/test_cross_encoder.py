"""Cross-encoders as judges of pairs."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from interlingua import cli
from interlingua.encoders import storage
from interlingua.encoders.cross_encoder import with_head
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.tasks import cross_encoder


class Lengths:
    """Longer hypotheses contradict; the score is how alike the lengths are."""

    def __init__(self, *labels: str) -> None:
        self.labels = labels

    def outputs(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        differences = np.array([[len(other) - len(one)] for one, other in pairs], np.float32)
        return -np.abs(differences) if len(self.labels) == 1 else differences * np.array([[1.0, -1.0]], np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_macro_f1_against_scikit_learn(seed: int) -> None:
    found, labels = np.random.default_rng(seed).choice(["a", "b", "c"], (2, 25)).tolist()
    assert cross_encoder.macro_f1(found, labels) == pytest.approx(f1_score(labels, found, average="macro"))


def test_classes_and_scores(tmp_path: Path) -> None:
    (tmp_path / "nli.tsv").write_text("premise\thypothesis\tlabel\na\tbbb\tno\naaa\tb\tyes\naa\tb\tno\n")
    (row,) = cross_encoder.evaluate(Lengths("no", "yes"), tmp_path / "nli.tsv").rows
    assert (row["accuracy"], row["pairs"]) == (66.67, 3)
    (tmp_path / "sts.tsv").write_text("sentence1\tsentence2\tscore\na\tb\t5\na\tbb\t4\na\tbbbb\t0\n")
    report = cross_encoder.evaluate(Lengths("score"), tmp_path / "sts.tsv")
    assert report.averages == {"spearman, all 1": 100.0}
    with pytest.raises(DataError, match=r"nli.tsv:2: the label 'no' is not one of maybe, yes"):
        cross_encoder.evaluate(Lengths("maybe", "yes"), tmp_path / "nli.tsv")
    with pytest.raises(ConfigError, match="at least one file"):
        cross_encoder.evaluate(Lengths("score"))


@pytest.mark.parametrize("encoder", ["transformer"], indirect=True)
def test_from_the_command_line(encoder: Encoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(1)
    storage.save(encoder, tmp_path / "bi")
    storage.save(with_head(encoder, ("no", "yes")), tmp_path / "cross")
    (tmp_path / "nli.tsv").write_text("premise\thypothesis\tlabel\na\tbbb\tno\naaa\tb\tyes\n")
    line = ["evaluate", "cross-encoder", str(tmp_path / "nli.tsv"), "--json"]
    assert cli.run([*line, "--model", str(tmp_path / "cross")]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["settings"] == {"labels": ["no", "yes"]}
    assert shown["model"]["sha256"]
    assert cli.run([*line, "--model", str(tmp_path / "bi")]) == 2
    assert "not a cross-encoder" in capsys.readouterr().err
    assert cli.run(["evaluate", "sts", str(tmp_path / "nli.tsv"), "--model", str(tmp_path / "cross")]) == 2
    assert "judges pairs" in capsys.readouterr().err
