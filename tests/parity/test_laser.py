"""Checkpoints in the layouts of LASER's releases, random weights, against the package nano-laser, which reads them
without fairseq."""

import argparse
import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
import torch

from interlingua import load
from interlingua.cli import run as cli
from interlingua.errors import ModelFormatError
from interlingua.interchange.laser import read
from tests.conftest import peer

nano_laser = peer("nano_laser")

TEXTS = [
    "The cat sleeps on the mat.", "Die Katze schläft auf der Matte, sagte er: „Ja!“", "Кошка спит на коврике.", "猫在垫子上睡觉。",
    "القطة تنام على السجادة.", "A", "He said: \"yes\", (maybe) , and 3 % of 1\u00a0000 … don’t ‘quote’ «me» — or\u00a0! \"...\" no",
    "Numbers such as 3.14 and 2,718 stand here; they are as good as words.", "ΟΔΥΣΣΕΥΣ ΚΑΙ ΣΟΦΟΣ", "tab\there\x07 zero\u200bwidth", "☃☃ snow ☃", "",
    'quotes ", and ". ""., end', "´´ `so' ''what'' nº\u00a05 20\u00a0ºC", "Straße ﬁne Ⅳ ½", "  spaces   between  ",
]  # fmt: skip


def spm(folder: Path, kind: str) -> Path:
    model = io.BytesIO()
    options: dict[str, Any] = {"add_dummy_prefix": True, "minloglevel": 2, "num_threads": 1, "hard_vocab_limit": False}
    lines = [text.lower() for text in TEXTS if text and "☃" not in text]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines * 3), model_writer=model, vocab_size=180, model_type=kind, character_coverage=1.0,
        unk_id=0, bos_id=1, eos_id=2, pad_id=-1, **{**options, **({} if kind == "unigram" else {"hard_vocab_limit": True})},
    )  # fmt: skip
    file = folder / f"{kind}.spm"
    file.write_bytes(model.getvalue())
    return file


def pieces(file: Path) -> list[str]:
    trained = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return [trained.id_to_piece(number) for number in range(3, trained.get_piece_size())]


def lstm_checkpoint(file: Path, known: list[str], **changes: Any) -> Path:
    torch.manual_seed(0)
    symbols = ["<s>", "<pad>", "</s>", "<unk>", *known]
    sizes = {
        "num_embeddings": len(symbols), "padding_idx": 1, "embed_dim": 12, "hidden_size": 16, "num_layers": 3, "bidirectional": True,
        "left_pad": True, "padding_value": 0.0,
    }  # fmt: skip
    lstm = torch.nn.LSTM(12, 16, 3, bidirectional=True)
    weights = {f"lstm.{name}": tensor for name, tensor in lstm.state_dict().items()}
    weights["embed_tokens.weight"] = torch.randn(len(symbols), 12)
    torch.save({"params": sizes, "model": weights, "dictionary": {s: n for n, s in enumerate(symbols)}} | changes, file)
    return file


def transformer_checkpoint(
    file: Path, known: list[str], *, first: bool = True, pooling: str = "cls", activation: str = "relu"
) -> Path:
    """The checkpoint and, beside it, its symbols."""
    torch.manual_seed(1)
    width, feedforward, layers = 16, 24, 2
    cfg = argparse.Namespace(
        encoder_embed_dim=width, encoder_ffn_embed_dim=feedforward, encoder_layers=layers, encoder_attention_heads=4,
        encoder_normalize_before=first, activation_fn=activation, max_source_positions=64, no_scale_embedding=False,
        sentemb_criterion=pooling, prepend_bos=True, left_pad_source="True", encoder_learned_pos=False,
    )  # fmt: skip
    weights: dict[str, torch.Tensor] = {"embed_tokens.weight": torch.randn(4 + len(known) + first, width) / 4}
    shapes = {f"self_attn.{side}_proj": (width, width) for side in ("q", "k", "v", "out")}
    for layer in range(layers):
        for name, (rows, columns) in {**shapes, "fc1": (feedforward, width), "fc2": (width, feedforward)}.items():
            weights[f"layers.{layer}.{name}.weight"] = torch.randn(rows, columns) / 4
            weights[f"layers.{layer}.{name}.bias"] = torch.randn(rows) / 4
        for name in ("self_attn_layer_norm", "final_layer_norm"):
            weights[f"layers.{layer}.{name}.weight"], weights[f"layers.{layer}.{name}.bias"] = (
                1 + torch.randn(width) / 4,
                torch.randn(width),
            )
    if first:
        weights |= {"layer_norm.weight": 1 + torch.randn(width) / 4, "layer_norm.bias": torch.randn(width)}
    weights |= {"version": torch.tensor([3.0]), "embed_positions._float_tensor": torch.zeros(1)}
    torch.save({"cfg": {"model": cfg}, "model": weights}, file)
    file.with_suffix(".cvocab").write_text(
        "".join(f"{piece} {9 - n % 3}\n" for n, piece in enumerate(known)), encoding="utf-8"
    )
    return file


def peer(checkpoint: Path, model: Path) -> np.ndarray:
    encoder = nano_laser.SentenceEncoder(
        checkpoint, max_tokens=200, spm_vocab=checkpoint.with_suffix(".cvocab"), spm_model=model, cpu=True
    )
    return np.asarray(encoder(TEXTS))


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
@pytest.mark.parametrize("unknown", [0, 7])
def test_laser2_is_what_another_implementation_makes_of_it(
    tmp_path: Path, kind: str, unknown: int, capsys: pytest.CaptureFixture[str]
) -> None:
    model = spm(tmp_path, kind)
    known = pieces(model)
    checkpoint = lstm_checkpoint(
        tmp_path / "laser2.pt", known[unknown:][::-1]
    )  # the checkpoint's order, and perhaps fewer symbols
    assert not cli(["convert", str(checkpoint), str(tmp_path / "out"), "--spm", str(model), "--json"])
    assert json.loads(capsys.readouterr().out)["vocabulary_size"] == load(tmp_path / "out").tokenizer.vocabulary_size
    assert np.abs(load(tmp_path / "out").encode(TEXTS) - peer(checkpoint, model)).max() < 1e-5


@pytest.mark.parametrize(
    ("first", "pooling", "activation"), [(True, "cls", "relu"), (False, "cls", "gelu"), (True, "maxpool", "relu")]
)
def test_laser3_is_what_another_implementation_makes_of_it(
    tmp_path: Path, first: bool, pooling: str, activation: str
) -> None:
    model = spm(tmp_path, "unigram")
    checkpoint = transformer_checkpoint(
        tmp_path / "x.v1.pt", pieces(model), first=first, pooling=pooling, activation=activation
    )
    assert not cli(["convert", str(checkpoint), str(tmp_path / "out"), "--spm", str(model)])
    assert np.abs(load(tmp_path / "out").encode(TEXTS) - peer(checkpoint, model)).max() < 1e-5


def test_the_first_laser_takes_fastbpe_codes(tmp_path: Path) -> None:
    codes = tmp_path / "codes"
    codes.write_text("c a 9\nca t</w> 8\nh e</w> 7\nt he</w> 6\n", encoding="utf-8")
    checkpoint = lstm_checkpoint(tmp_path / "bilstm.pt", ["cat", "ca@@", "the", "t@@", "h@@", "s", "c@@", "a@@", "r"])
    encoder = read(checkpoint, spm=None, vocabulary=None, codes=codes)
    (ids,) = encoder.tokenizer.ids(["The cat cats car x"])
    assert ids[:-1].tolist()[:6] == [6, 4, 5, 7, 9, 5]  # the cat ca@@ t@@ s ca@@
    assert ids[-1] == 2
    tokens = torch.tensor([[6, 4, 3, 2]])
    expected = (
        nano_laser.SentenceEncoder(checkpoint, cpu=True).encoder(tokens, torch.tensor([4]))["sentemb"].detach().numpy()
    )
    assert np.abs(encoder.encode(["the cat x"]) - expected).max() < 1e-5


class Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("executed"),))


def test_what_is_no_checkpoint_is_refused_and_nothing_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    model = spm(tmp_path, "unigram")
    known = pieces(model)
    torch.save({"params": Payload(), "model": {}, "dictionary": {}}, "payload.pt")
    Path("bare.pt").write_bytes(pickle.dumps(Payload()))
    torch.save({"weights": torch.zeros(2)}, "unknown.pt")
    Path("text.pt").write_text("no checkpoint", encoding="utf-8")
    lstm_checkpoint(Path("cut.pt"), known, params={"num_embeddings": 3})
    lstm_checkpoint(Path("fewer.pt"), known, dictionary={"<s>": 0, "x": 10**6})
    transformer_checkpoint(Path("three.pt"), known)
    Path("three.cvocab").write_text("a 1\n", encoding="utf-8")
    for name, problem in {
        "payload": "nothing in it was run", "bare": "nothing in it was run", "unknown": "an unknown layout: it holds weights",
        "text": "nothing in it was run", "cut": "an unknown layout", "fewer": "do not belong together", "three": "do not belong together",
    }.items():  # fmt: skip
        assert cli(["convert", f"{name}.pt", "out", "--spm", str(model)]) == 2
        said = capsys.readouterr().err
        assert problem in said, (name, said)
        assert said.count("\n") == 1
        assert not Path("executed").exists()
        assert not Path("out").exists()
    assert cli(["convert", "unknown.pt", "out"]) == 2
    assert cli(["convert", "absent.pt", "out"]) == 2
    with pytest.raises(ModelFormatError, match="either --spm"):
        read(lstm_checkpoint(Path("fine.pt"), known), spm=None, vocabulary=None)
    Path("wrong.spm").write_bytes(b"no model")
    with pytest.raises(ModelFormatError, match="no SentencePiece model"):
        read(Path("fine.pt"), spm=Path("wrong.spm"), vocabulary=None)
