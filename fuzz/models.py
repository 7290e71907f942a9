"""Models whose files are fuzzed: an input is KIND/FILE, a line end, and what stands in that file of a small model."""

import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fuzz.harness import TARGETS, Finding, Target, target, told, words
from fuzz.seeds import TEXTS

WORDS = ("the", "cat", "sleeps", "on", "mat", "die", "katze", "a", "b", ".")


def _tokenizer() -> Any:
    import tokenizers

    from interlingua.tokenization import Tokenizer

    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
    rules = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: place for place, word in enumerate((*special, *WORDS))}, "[UNK]")
    )
    rules.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    rules.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return Tokenizer(rules, 16)


def _static(folder: Path) -> None:
    from interlingua.encoders import storage

    storage.save(_encoder("static"), folder)


def _encoder(kind: str) -> Any:
    import torch

    from interlingua.encoders.bodies import static, transformer
    from interlingua.encoders.encoder import Encoder

    torch.manual_seed(1)
    tokenizer = _tokenizer()
    if kind == "static":
        body: Any = static.Body(static.Config(width=4), tokenizer.vocabulary_size, 0)
        return Encoder(tokenizer=tokenizer, body=body, projection=torch.nn.Linear(4, 3), normalize=True)
    config = transformer.Config(layers=1, width=4, heads=1, feedforward=4, max_positions=16)
    return Encoder(tokenizer=tokenizer, body=transformer.Body(config, tokenizer.vocabulary_size, 0))


def _transformer(folder: Path) -> None:
    from interlingua.encoders import storage

    storage.save(_encoder("transformer"), folder)


def _sentence_transformers(folder: Path) -> None:
    import torch
    import transformers
    from safetensors.torch import save_file

    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=14,
        hidden_size=4,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=4,
        max_position_embeddings=16,
    )
    transformers.BertModel(config).save_pretrained(folder)
    _tokenizer().save(folder / "tokenizer.json")
    modules = [
        ("0", "", "Transformer"),
        ("1", "1_Pooling", "Pooling"),
        ("2", "2_Dense", "Dense"),
        ("3", "3_Normalize", "Normalize"),
    ]
    contents: dict[str, Any] = {
        "modules.json": [
            {"idx": int(name), "name": name, "path": path, "type": f"sentence_transformers.models.{kind}"}
            for name, path, kind in modules
        ],
        "sentence_bert_config.json": {"max_seq_length": 12, "do_lower_case": False},
        "tokenizer_config.json": {"model_max_length": 16},
        "config_sentence_transformers.json": {"prompts": {"query": "a "}, "default_prompt_name": "query"},
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False},
        "2_Dense/config.json": {"in_features": 4, "out_features": 3, "bias": True, "activation_function": "Identity"},
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    save_file(
        {"linear.weight": torch.ones(3, 4), "linear.bias": torch.zeros(3)}, folder / "2_Dense" / "model.safetensors"
    )


def _plain_transformers(folder: Path) -> None:
    _sentence_transformers(folder)
    for name in ("modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"):
        (folder / name).unlink()
    for name in ("1_Pooling", "2_Dense"):
        shutil.rmtree(folder / name)


def _engine(folder: Path) -> None:
    from interlingua.export.export import export

    export(_encoder("static"), folder)


def _onnx_engine(folder: Path) -> None:
    from interlingua.export.export import export

    export(_encoder("transformer"), folder)


MAKERS: dict[str, Callable[[Path], None]] = {
    "static": _static,
    "transformer": _transformer,
    "sentence-transformers": _sentence_transformers,
    "transformers": _plain_transformers,
    "engine": _engine,
    "onnx-engine": _onnx_engine,
}


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-models-")


@cache
def _model(kind: str) -> dict[str, bytes]:
    """The files of a small model."""
    folder = Path(_kept().name) / kind
    if not folder.exists():
        folder.mkdir()
        MAKERS[kind](folder)
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


PIECES = r'"[^"]*"|[^"\s\w]|\w+|\s'


def load(data: bytes, folder: Path) -> object:
    """What loading and encoding make of a model with one file changed."""
    import interlingua

    first, _, content = data.partition(b"\n")
    kind, _, name = first.decode("utf-8", "replace").partition("/")
    if kind not in MAKERS or name not in _model(kind):
        return None
    model = folder / "model"
    for other, whole in _model(kind).items():
        (model / other).parent.mkdir(parents=True, exist_ok=True)
        (model / other).write_bytes(content if other == name else whole)
    if "engine" in kind and name != "engine.json":  # as if it had been exported so, for its checksum keeps all else out
        card = json.loads((model / "engine.json").read_text(encoding="utf-8"))
        card["files"][name] = zlib.crc32(content)
        (model / "engine.json").write_text(json.dumps(card), encoding="utf-8")

    def encode() -> object:
        loaded = interlingua.load(model)
        vectors = loaded.encode(TEXTS)
        if vectors.shape != (len(TEXTS), loaded.width):
            raise Finding("vectors of another shape than the model says")
        return vectors.tolist()

    return told(encode)


def _seeds(kinds: Sequence[str]) -> list[bytes]:
    return [f"{kind}/{name}\n".encode() + content for kind in kinds for name, content in _model(kind).items()]


for _name, _kinds in {
    "our-models": ("static", "transformer"),
    "engines": ("engine", "onnx-engine"),
    "others-models": ("sentence-transformers", "transformers"),
}.items():
    TARGETS[_name] = Target(
        name=_name,
        run=load,
        seeds=lambda kinds=_kinds: _seeds(kinds),
        tokens=words("models"),
        pieces=PIECES,
        titled=True,
        longest=1 << 15,
    )


def _laser_seeds() -> list[bytes]:
    import io

    import torch

    from interlingua.encoders.bodies import bilstm

    body = bilstm.Body(bilstm.Config(embedding=4, hidden=4, layers=1), 8, 1)
    sizes = {
        "num_embeddings": 8,
        "padding_idx": 1,
        "embed_dim": 4,
        "hidden_size": 4,
        "num_layers": 1,
        "bidirectional": True,
    }
    weights = {name.replace("words.", "embed_tokens."): tensor for name, tensor in body.state_dict().items()}
    found: list[bytes] = []
    for zipped in (True, False):
        file = io.BytesIO()
        content = {"params": sizes, "model": weights, "dictionary": {"a": 4, "b@@": 5, "abc": 6}}
        torch.save(content, file, _use_new_zipfile_serialization=zipped)
        found.append(file.getvalue())
    return found


@target(_laser_seeds, longest=1 << 14)
def _laser_checkpoints(data: bytes, folder: Path) -> object:
    from interlingua.interchange import laser

    (folder / "model.pt").write_bytes(data)
    (folder / "codes").write_text("a b 3\nab c</w> 1\n", encoding="utf-8")
    return laser.read(folder / "model.pt", spm=None, vocabulary=None, codes=folder / "codes").encode(TEXTS).tolist()
