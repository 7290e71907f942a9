"""`interlingua trim` as its user meets it."""

import json
from pathlib import Path

import numpy as np
import pytest

from interlingua import tokenization
from interlingua.cli import run
from interlingua.encoders import storage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.loading import load

GERMAN = [f"Die Katze Nummer {n} schläft auf der Matte." for n in range(40)]
RUSSIAN = ["Кошка спит на коврике.", "Поезд отправляется в восемь часов."]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    tokenizer = tokenization.train([*GERMAN, *RUSSIAN * 20], 600, max_tokens=32)
    body = transformer.Body(
        transformer.Config(layers=3, width=16, heads=2, feedforward=32), tokenizer.vocabulary_size, tokenizer.pad
    )
    storage.save(Encoder(tokenizer=tokenizer, body=body), tmp_path / "model")
    (tmp_path / "de.txt").write_text("\n".join(GERMAN) + "\n", encoding="utf-8")
    (tmp_path / "pairs.tsv").write_text(
        "en\tde\n" + "".join(f"cat number {n}\t{text}\n" for n, text in enumerate(GERMAN)), encoding="utf-8"
    )
    return tmp_path / "model"


def test_trimmed_by_text(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = model.parent
    code = run(["trim", str(model), "--languages", "de,en", "--text", str(folder / "de.txt"), "--pairs", str(folder / "pairs.tsv"),
                "-o", str(folder / "small"), "--json"])  # fmt: skip
    assert code == 0
    result = json.loads(capsys.readouterr().out)
    assert result["languages"] == ["de", "en"]
    assert result["pieces"]["after"] < result["pieces"]["before"]
    assert (folder / "small/weights.safetensors").stat().st_size < (model / "weights.safetensors").stat().st_size
    assert 0 < result["coverage_of_unseen_text"] <= 100
    assert result["translation_retrieval"].keys() == {"before", "after"}
    small = load(folder / "small")
    assert np.array_equal(small.encode(GERMAN, "de"), load(model).encode(GERMAN))
    (folder / "ru.txt").write_text("\n".join(RUSSIAN), encoding="utf-8")
    assert (
        run(
            [
                "encode",
                str(folder / "ru.txt"),
                "-m",
                str(folder / "small"),
                "--language",
                "ru",
                "-o",
                str(folder / "ru.npy"),
            ]
        )
        == 2
    )
    assert "trimmed to de, en and cannot encode ru" in capsys.readouterr().err
    assert not (folder / "ru.npy").exists()


def test_layers_are_left_out_and_the_rest_learns_again(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = model.parent
    code = run(["trim", str(model), "--languages", "de", "--text", str(folder / "de.txt"), "--layers", "2", "--recovery-steps", "3",
                "-o", str(folder / "small")])  # fmt: skip
    assert code == 0
    assert "mean cosine" in capsys.readouterr().out
    small = load(folder / "small")
    assert isinstance(small, Encoder)
    assert (small.body.config.layers, small.settings.languages) == (2, ("de",))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--languages", "de", "--layers", "2"], "give --text"),
        (["--languages", ","], "'' is not a language code"),
        (["--languages", "klingon"], "not a language code"),
        (["--languages", "de", "--pairs", "missing.tsv"], "no such file"),
        (["--languages", "de", "--text", "missing.txt"], "no such file"),
    ],
)
def test_bad_input_writes_nothing(
    model: Path, options: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["trim", str(model), *options, "-o", str(model.parent / "small")]) == 2
    assert complaint in capsys.readouterr().err
    assert not (model.parent / "small").exists()
    assert run(["trim", str(model), "--languages", "de", "-o", str(model)]) == 2
    assert "is the same as MODEL" in capsys.readouterr().err
