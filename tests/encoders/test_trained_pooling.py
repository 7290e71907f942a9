"""An encoder knows when it is pooled in another way than it was trained, and evaluation says so."""

import json
from pathlib import Path

import pytest

from interlingua import cli, load
from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError
from interlingua.objectives.regression import CosineRegression
from interlingua.recipes import averaging
from interlingua.training import loop


@pytest.fixture
def model(encoder: Encoder, tmp_path: Path) -> Path:
    storage.save(encoder, tmp_path / "trained")
    return tmp_path / "trained"


def test_another_pooling_is_remembered_until_it_is_trained(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    averaging.run(averaging.Config(output=tmp_path / "max", model=str(model), pooling=Pooling.max))
    assert "cosine of 'the dog bit the man' and 'the man bit the dog'" in capsys.readouterr().err
    pooled = load(tmp_path / "max")
    assert isinstance(pooled, Encoder)
    assert (pooled.describe()["pooling"], pooled.describe()["trained_pooling"]) == ("max", "mean")
    loop.start(pooled, CosineRegression(), 1e-3, loop.Optimization())
    assert "trained_pooling" not in pooled.describe()


def test_the_same_pooling_is_no_news(model: Path, tmp_path: Path) -> None:
    averaging.run(averaging.Config(output=tmp_path / "mean", model=str(model)))
    assert "trained_pooling" not in load(tmp_path / "mean").describe()
    with pytest.raises(ConfigError, match="other layers and the pooler are of transformers folders"):
        averaging.run(averaging.Config(output=tmp_path / "x", model=str(model), layers="last-2"))


def test_evaluation_warns(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.tsv").write_text("sentence1\tsentence2\tscore\nthe cat\tthe cat\t5\nthe mat\tnumbers\t0\n")
    averaging.run(averaging.Config(output=tmp_path / "cls", model=str(model), pooling=Pooling.cls))
    for name, warned in (("cls", True), ("trained", False)):
        capsys.readouterr()
        assert cli.run(["evaluate", "sts", str(tmp_path / "s.tsv"), "--model", str(tmp_path / name), "--json"]) == 0
        shown = capsys.readouterr()
        assert ("cls pooling is measured, the model was trained with mean pooling" in shown.err) == warned
        assert ("trained_pooling" in json.loads(shown.out)["model"]) == warned
