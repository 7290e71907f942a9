"""Vectors that are not finite stay inside, whatever is written."""

from pathlib import Path

import pytest
import torch

from interlingua import cli, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder

LINES = ["one fine text", "another text"]


@pytest.mark.parametrize("output", ["v.npy", "v.parquet", "-"])
def test_a_damaged_model_writes_nothing(
    output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tokenizer = tokenization.train(LINES * 9, 400)
    body = static.Body(static.Config(width=4), tokenizer.vocabulary_size, tokenizer.pad)
    with torch.no_grad():
        body.word_embeddings.weight.fill_(torch.nan)
    storage.save(Encoder(tokenizer=tokenizer, body=body), tmp_path / "model")
    Path("t.txt").write_text("\n".join(LINES), encoding="utf-8")
    capsys.readouterr()
    before = sorted(Path().iterdir())
    assert cli.run(["encode", "t.txt", "--model", "model", "--output", output]) == cli.BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert "is not finite" in said.err
    assert said.err.count("\n") == 1
    assert sorted(Path().iterdir()) == before
