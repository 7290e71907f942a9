"""Engines give the encoder's vectors, whatever the kind of body and the precision, or they do not load."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from transformers import AutoModel, BertConfig, DistilBertConfig, ElectraConfig, MPNetConfig, RobertaConfig

from interlingua import load, machine, telemetry
from interlingua.cli import run
from interlingua.encoders import storage
from interlingua.encoders.bodies import bilstm, pretrained
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.engines import engine
from interlingua.engines.runtimes import onnx, openvino
from interlingua.errors import ConfigError, InputTypeError, ModelFormatError
from interlingua.export.export import GOLDEN_TEXTS, export, fastest, kinds
from interlingua.model_files import write_card
from interlingua.tokenization import Tokenizer
from tests.conftest import TEXTS

SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
}
DISTILBERT = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "max_position_embeddings": 40}


def without_edges(tokenizer: Tokenizer, folder: Path) -> Tokenizer:
    """The same vocabulary; texts do not begin with <s>, which is number 1, MPNet's padding. An empty text has no
    token at all."""
    rules = json.loads(tokenizer._rules.to_str()) | {"post_processor": None}
    (folder / "edgeless.json").write_text(json.dumps(rules))
    return Tokenizer.load(folder / "edgeless.json", 32)


def published(tokenizer: Tokenizer, name: str, **options: object) -> Encoder:
    torch.manual_seed(3)
    size = {"vocab_size": tokenizer.vocabulary_size}
    config = {
        "bert": lambda: BertConfig(**size, **SIZES, hidden_act="gelu_new", pad_token_id=0),
        "roberta": lambda: RobertaConfig(**size, **SIZES, type_vocab_size=1, pad_token_id=0),
        "mpnet": lambda: MPNetConfig(**size, **SIZES),
        "distilbert": lambda: DistilBertConfig(**size, **DISTILBERT, activation="relu"),
        "electra": lambda: ElectraConfig(**size, **SIZES, embedding_size=16),
    }[name]()
    model = AutoModel.from_config(config, attn_implementation="eager")
    for parameter in model.parameters():  # biases and norms are not all zeros and ones
        parameter.data += 0.05 * torch.randn_like(parameter)
    body = pretrained.Body(pretrained.Config(settings={"model_type": name}, **options), model=model)
    return Encoder(tokenizer=tokenizer, body=body, normalize=True).eval()


def recurrent(tokenizer: Tokenizer) -> Encoder:
    torch.manual_seed(3)
    body = bilstm.Body(bilstm.Config(embedding=8, hidden=6, layers=2), tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(tokenizer=tokenizer, body=body, pooling=Pooling.max).eval()


def test_the_engine_gives_the_encoders_vectors(encoder: Encoder, tmp_path: Path) -> None:
    for pooling in Pooling:
        encoder.change(pooling=pooling)
        assert export(encoder, tmp_path / "engine") < 1e-5
        found = load(tmp_path / "engine")
        assert np.abs(found.encode(TEXTS) - encoder.encode(TEXTS)).max() < 1e-5
    assert found.encode([]).shape == (0, encoder.width)
    assert found.describe()["pooling"] == "last"


@pytest.mark.parametrize("name", ["bert", "roberta", "mpnet", "distilbert"])
def test_published_bodies(tokenizer: Tokenizer, name: str, tmp_path: Path) -> None:
    tokenizer = without_edges(tokenizer, tmp_path) if name == "mpnet" else tokenizer
    encoder = published(tokenizer, name, layers=(1, 2) if name == "bert" else (-1,))
    export(encoder, tmp_path / "engine")
    assert np.abs(load(tmp_path / "engine").encode(TEXTS) - encoder.encode(TEXTS)).max() < 1e-5
    export(encoder, tmp_path / "int8", "int8")
    texts = [text for text in TEXTS if text]
    found, own = load(tmp_path / "int8").encode(texts), encoder.encode(texts)
    assert 1e-7 < np.abs(found - own).max() < engine.TOLERANCE["int8"]
    assert (found * own).sum(axis=1).min() > 0.995


def test_a_bilstm(tokenizer: Tokenizer, tmp_path: Path) -> None:
    encoder = recurrent(tokenizer)
    assert export(encoder, tmp_path / "engine") < 1e-5
    assert np.abs(load(tmp_path / "engine").encode(TEXTS) - encoder.encode(TEXTS)).max() < 1e-5
    with pytest.raises(ModelFormatError, match="'bilstm' exports to fp32, not to int8"):
        export(encoder, tmp_path / "int8", "int8")
    assert not (tmp_path / "int8").exists()


def test_a_body_laid_out_in_no_known_way_goes_through_torchs_exporter(tokenizer: Tokenizer, tmp_path: Path) -> None:
    encoder = published(tokenizer, "electra")
    assert kinds(encoder) == {"fp32": "onnx"}
    assert export(encoder, tmp_path / "engine") < 1e-5
    assert json.loads((tmp_path / "engine" / "engine.json").read_text())["padded"]
    assert np.abs(load(tmp_path / "engine").encode(TEXTS) - encoder.encode(TEXTS)).max() < 1e-5


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_vector_does_not_depend_on_its_batch_mates(encoder: Encoder, precision: str, tmp_path: Path) -> None:
    export(encoder, tmp_path / "engine", precision)
    found = load(tmp_path / "engine")
    together, alone = found.encode(TEXTS), np.concatenate([found.encode([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-6


def test_a_text_without_tokens(encoder: Encoder, tmp_path: Path) -> None:
    encoder.tokenizer = without_edges(encoder.tokenizer, tmp_path)
    export(encoder, tmp_path / "engine")
    assert np.abs(load(tmp_path / "engine").encode(["", "A"]) - encoder.encode(["", "A"])).max() < 1e-5


def test_bf16(tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = published(without_edges(tokenizer, tmp_path), "mpnet")
    monkeypatch.setattr(machine, "instructions", lambda: {"avx2"})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    with pytest.raises(ConfigError, match="no bf16 instructions"):
        export(encoder, tmp_path / "engine", "bf16")
    monkeypatch.undo()
    if not openvino.BF16 & machine.instructions():
        pytest.skip("this processor has no bf16")
    export(encoder, tmp_path / "engine", "bf16")
    found, own = load(tmp_path / "engine").encode(TEXTS), encoder.encode(TEXTS)
    assert np.abs(found - own).max() < engine.TOLERANCE["bf16"]


def forked(encode: Callable[[], np.ndarray], expected: np.ndarray) -> int:
    """3 where a child gets these vectors, 4 where it is told that it cannot, anything else where it fails or hangs."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(60)
    try:
        os._exit(3 if np.array_equal(encode(), expected) else 5)
    except ConfigError:
        os._exit(4)
    finally:
        os._exit(6)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_engines_work_in_threads_and_forked_processes(encoder: Encoder, tmp_path: Path) -> None:
    export(encoder, tmp_path / "engine")
    loaded = load(tmp_path / "engine")
    expected = loaded.encode(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        assert all(np.array_equal(one, expected) for one in pool.map(loaded.encode, [TEXTS] * 50))
    assert forked(lambda: loaded.encode(iter(TEXTS)), expected) == 3
    with pytest.raises(InputTypeError, match="one text as"):
        loaded.encode("abc")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_openvino_says_that_it_cannot_be_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = MagicMock()
    library.Core().compile_model().create_infer_request().infer.return_value = [np.ones((1, 2))]
    monkeypatch.setattr(telemetry, "openvino", lambda: library)
    embed = openvino.start(tmp_path, {"precision": "bf16"})
    batch = np.ones((1, 3), np.int64), np.ones((1, 3), bool)
    assert forked(lambda: embed(*batch), embed(*batch)) == 4


def test_without_exact_byte_products_the_vectors_are_the_same(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(published(tokenizer, "bert"), tmp_path / "engine", "int8")
    vectors = load(tmp_path / "engine").encode(TEXTS)
    monkeypatch.setattr(onnx, "_exact", lambda: False)
    assert np.abs(load(tmp_path / "engine").encode(TEXTS) - vectors).max() < 1e-3


def test_the_fastest_within_tolerance_is_kept(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "interlingua.export.report.speeds", lambda models, texts: {name: len(name) + ord(name[0]) for name in models}
    )
    monkeypatch.setitem(engine.TOLERANCE, "int8", 1e-9)  # names sort as fp32 < int8; int8 would be the fastest
    precision, difference, tried = fastest(published(tokenizer, "bert"), tmp_path / "engine")
    assert precision == "fp32"
    assert difference < 1e-5
    assert "differ from the encoder's" in tried["int8"]
    assert load(tmp_path / "engine").describe()["precision"] == "fp32"


def test_the_first_vector_needs_no_torch(encoder: Encoder, tmp_path: Path) -> None:
    export(encoder, tmp_path / "engine")
    code = (
        "import sys, interlingua\n"
        f"print(interlingua.load({str(tmp_path / 'engine')!r}).encode(['hello']).shape)\n"
        "print({'torch', 'transformers', 'onnx', 'jaxtyping', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"(1, {encoder.width})", "set()"]
    assert done.stderr == ""


def rewrite(folder: Path, **changes: object) -> None:
    """Change engine.json, checksums kept right, as somebody who mixes folders might."""
    card = json.loads((folder / "engine.json").read_text()) | changes
    write_card(folder / "engine.json", {key: value for key, value in card.items() if key not in ("files", "checksum")})


def swap_vectors(folder: Path) -> None:
    with np.load(folder / "golden.npz") as archive:
        np.savez(folder / "golden.npz", engine=archive["engine"][::-1], encoder=archive["encoder"])
    rewrite(folder)


def flip_a_byte(folder: Path) -> None:
    file = next(file for file in (folder / "table.bin", folder / "table.npy") if file.exists())
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (swap_vectors, "differ from the golden ones"),
        (flip_a_byte, "is damaged: its checksum"),
        (lambda folder: (folder / "golden.npz").unlink(), "is the copy complete"),
        (lambda folder: rewrite(folder, engine="abacus"), "'abacus', which this version does not have"),
        (lambda folder: (folder / "engine.json").write_text(json.dumps({"format": 9})), "format 9"),
    ],
)
def test_a_damaged_engine_is_refused(encoder: Encoder, tmp_path: Path, damage, problem: str) -> None:
    export(encoder, tmp_path / "engine")
    damage(tmp_path / "engine")
    with pytest.raises(ModelFormatError, match=problem):
        load(tmp_path / "engine")


def test_the_command(encoder: Encoder, tmp_path: Path, capsys) -> None:
    storage.save(encoder, tmp_path / "model")
    (tmp_path / "sts.tsv").write_text("score\tsentence1\tsentence2\n1\ta\tbcd\n2\te\tfgh\n5\ti\ti\n")
    line = ["export", str(tmp_path / "model"), "--output", str(tmp_path / "engine"), "--sts", str(tmp_path / "sts.tsv")]
    assert run([*line, "--precision", "fp32", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["largest_difference"] < 1e-5
    assert shown["sts"]["change"] == {"sts.tsv": 0.0}
    assert shown["texts_per_second"]["engine"] > 0
    assert json.loads((tmp_path / "engine" / "report.json").read_text()) == shown
    assert len(load(tmp_path / "engine").encode(GOLDEN_TEXTS)) == len(GOLDEN_TEXTS)
    assert run(["export", str(tmp_path / "engine"), "--output", str(tmp_path / "again")]) == 2
    assert "is an engine already" in capsys.readouterr().err
    assert run(["export", str(tmp_path / "model"), "--output", str(tmp_path / "model")]) == 2
    assert "is the same as MODEL" in capsys.readouterr().err
