"""What earlier versions saved: models, packs, engines and stopped runs are read, and give what they gave then."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from interlingua import cli, load, load_cross_encoder

ARCHIVES = sorted(Path(__file__).parent.glob("*.zip"))
"""By the commit that wrote them with make.py."""
WRITTEN_WITH = "2.13."
"""The version of torch they were written with."""
COMMANDS = {
    "multilingual-distillation": [
        "--teacher",
        "models/static",
        "--student",
        "models/transformer",
        "--pairs",
        "pairs.tsv",
    ],
    "labse": ["--student", "models/transformer", "--pairs", "pairs.tsv"],
    "sbert": ["--student", "models/transformer", "--sts", "sts.tsv", "--sts-epochs", "100"],
    "laser3": [
        *("--teacher", "models/static", "--pairs", "pairs.tsv", "--layers", "1", "--width", "12", "--heads", "2"),
        *("--feedforward", "16", "--vocabulary-size", "400", "--no-dropout"),
    ],
    "modular-encoders": [
        *(
            "--base",
            "models/transformer",
            "--language",
            "ru",
            "--texts",
            "ru.txt",
            "--pairs",
            "pairs.tsv",
            "--language-rank",
            "2",
        ),
        *("--vocabulary-size", "400", "--sentence-rank", "2", "--alignment-width", "4", "--dev-texts", "12"),
        *(
            f"--{stage}-stage.{flag}={value}"
            for stage in ("language", "sentence", "alignment")
            for flag, value in {
                "learning-rate": "1e-3",
                "max-steps": "12",
                "batch-size": "16",
                "max-tokens": "16",
            }.items()
        ),
    ],
}
SHORT = ["--max-steps", "12", "--batch-size", "16", "--max-tokens", "16", "--epochs", "100", "--dev-texts", "12"]
ALL = ["--precision", "fp32", "--log-every", "4", "--evaluate-every", "6", "--checkpoint-seconds", "0", "--resume"]


@pytest.fixture(scope="module", params=ARCHIVES, ids=lambda file: file.stem)
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("saved")
    zipfile.ZipFile(request.param).extractall(folder)
    before = Path.cwd()
    os.chdir(folder)  # runs name their data by relative paths
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def expected(saved: Path) -> dict[str, np.ndarray]:
    with np.load(saved / "vectors.npz") as archive:
        return dict(archive)


def vectors(folder: str, language: str, texts: list[str]) -> np.ndarray:
    return load(folder).encode(texts[:2] if folder.endswith("trimmed") else texts, language)


def test_models_and_engines_give_the_same_vectors(saved: Path, expected: dict[str, np.ndarray]) -> None:
    texts = json.loads((saved / "texts.json").read_text(encoding="utf-8"))
    found = [name for name in expected if not name.startswith("finished")]
    assert len(found) == 11
    for name in found:
        folder, _, language = name.partition(":")
        if language:
            np.testing.assert_allclose(vectors(folder, language, texts), expected[name], atol=1e-5, err_msg=name)
        else:
            judged = load_cross_encoder(folder).outputs([(texts[0], texts[1]), (texts[1], texts[0])])
            np.testing.assert_allclose(judged, expected[name], atol=1e-5, err_msg=name)


@pytest.mark.parametrize("recipe", COMMANDS)
def test_stopped_runs_are_finished_as_they_would_have_been(
    recipe: str, saved: Path, expected: dict[str, np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    short = [] if recipe == "modular-encoders" else [*SHORT, "--learning-rate", "1e-3"]
    assert cli.run(["train", recipe, *COMMANDS[recipe], *short, *ALL, "--output", f"runs/{recipe}"]) == 0, (
        capsys.readouterr().err
    )
    assert "continuing after step 5 of 12" in capsys.readouterr().err
    texts = json.loads((saved / "texts.json").read_text(encoding="utf-8"))
    names = [name for name in expected if name.startswith(f"finished/{recipe}")]
    assert names
    # the same bits on the machine that wrote them; others round otherwise, and other versions of torch more so
    apart = 1e-4 if torch.__version__.startswith(WRITTEN_WITH) else 0.03
    for name in names:
        np.testing.assert_allclose(vectors(f"runs/{recipe}", name.partition(":")[2], texts), expected[name], atol=apart)
