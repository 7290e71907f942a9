"""Model folders that an attacker might hand over: none may run anything, lead out of its folder, or exhaust memory or
time; each has one clear error.

    python benchmarks/reliability/hostile.py [WORDS]

With words, only the cases whose name holds them are tried, and nothing is recorded.
Every case is loaded in a process of its own, which may have 8 GB of address space and a minute. A marker shows whether
anything was run.
"""

import argparse
import io
import json
import multiprocessing
import os
import pickle
import resource
import shutil
import struct
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[1]))
from reliability.record import record

from interlingua import load
from interlingua.encoders import storage
from interlingua.encoders.bodies import static, transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.modular import adapters, packs
from interlingua.encoders.modular import body as modular
from interlingua.errors import InterlinguaError
from interlingua.export.export import export
from interlingua.model_files import write_card
from interlingua.tokenization import train

os.environ["TOKENIZERS_PARALLELISM"] = "false"
torch.set_num_threads(1)
TEXTS = [f"{a} {b} {c}" for a in ("the boat", "a lamp", "our dog") for b in ("stands", "waits") for c in "abcdefgh"] * 3
MARKER = "SOMETHING-WAS-RUN"
START = multiprocessing.get_context("fork")
"""Children of a process that has imported torch and computed nothing: a case takes no import of its own."""
SECONDS, ADDRESS_SPACE = 60, 8 << 30
CASES: dict[str, tuple[str, Callable[[Path], object]]] = {}
"""What is done to a model: by name, the model (a folder of `models`) and the damage."""


def models(folder: Path) -> None:
    """One sound model of each kind: own, packed, engine, plain, peer."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    tokenizer = train(TEXTS, 420, 64)
    rows = tokenizer.vocabulary_size
    body = transformer.Body(transformer.Config(layers=2, width=32, heads=2, feedforward=64), rows, tokenizer.pad)
    own = Encoder(tokenizer=tokenizer, body=body).eval()
    storage.save(own, folder / "own")
    pack = modular.Pack("de")
    pack.adapters["language"] = adapters.low_rank(own.body, 2)
    packed = packs.modular_from(own)
    packs.add(packed, pack)
    storage.save(packed, folder / "packed")
    export(own, folder / "engine", "fp32")
    table = static.Body(static.Config(width=16), rows, tokenizer.pad)
    export(Encoder(tokenizer=tokenizer, body=table).eval(), folder / "static", "fp32")
    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    bert = BertModel(BertConfig(vocab_size=rows, intermediate_size=64, max_position_embeddings=80, **sizes))
    for name in ("plain", "peer"):
        bert.save_pretrained(folder / name)
        tokenizer.save(folder / name / "tokenizer.json")
    peer = folder / "peer"
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"), ("3_Normalize", "Normalize"))
    lines = [{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in kinds]
    (peer / "modules.json").write_text(json.dumps(lines))
    for path, _ in kinds[1:]:
        (peer / path).mkdir()
    (peer / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    (peer / "tokenizer_config.json").write_text('{"model_max_length": 64}')
    (peer / "config_sentence_transformers.json").write_text('{"prompts": {}, "default_prompt_name": null}')
    (peer / "1_Pooling/config.json").write_text('{"word_embedding_dimension": 32, "pooling_mode_mean_tokens": true}')
    dense = {"in_features": 32, "out_features": 16, "activation_function": "torch.nn.modules.linear.Identity"}
    (peer / "2_Dense/config.json").write_text(json.dumps(dense))
    layer = torch.nn.Linear(32, 16)
    torch.save(
        {f"linear.{name}": value for name, value in layer.state_dict().items()}, peer / "2_Dense/pytorch_model.bin"
    )


class Runs:
    """Pickled, it runs a command when it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


def case(model: str) -> Callable[[Callable[[Path], object]], Callable[[Path], object]]:
    def add(damage: Callable[[Path], object]) -> Callable[[Path], object]:
        CASES[damage.__name__.replace("_", " ")] = (model, damage)
        return damage

    return add


def edit(file: Path, **changes: Any) -> None:
    """Change some settings of a JSON file; those of a description keep a right checksum."""
    content = json.loads(file.read_text(encoding="utf-8")) | changes
    if "checksum" in content:
        write_card(file, {name: value for name, value in content.items() if name not in ("files", "checksum")})
    else:
        file.write_text(json.dumps(content), encoding="utf-8")


def evil(folder: Path) -> bytes:
    return pickle.dumps(Runs(folder.parent / MARKER))


@case("plain")
def a_pickle_for_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(evil(folder))


@case("plain")
def a_pickle_in_an_archive_for_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"embeddings.word_embeddings.weight": Runs(folder.parent / MARKER)}, folder / "pytorch_model.bin")


@case("plain")
def a_pickle_named_safetensors(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(evil(folder))


@case("peer")
def a_pickle_for_a_dense_layer(folder: Path) -> None:
    (folder / "2_Dense/pytorch_model.bin").write_bytes(evil(folder))


def _object_array(folder: Path) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([Runs(folder.parent / MARKER)], dtype=object), allow_pickle=True)
    return stream.getvalue()


@case("own")
def a_pickle_for_golden_vectors(folder: Path) -> None:
    (folder / "golden.npy").write_bytes(_object_array(folder))
    edit(folder / "encoder.json")


@case("engine")
def a_pickle_for_the_golden_vectors_of_an_engine(folder: Path) -> None:
    with zipfile.ZipFile(folder / "golden.npz", "w") as archive:
        archive.writestr("engine.npy", _object_array(folder))
    edit(folder / "engine.json")


@case("engine")
def golden_vectors_that_unpack_to_gigabytes(folder: Path) -> None:
    header = io.BytesIO()
    shape = (10 << 30, 1)
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(folder / "golden.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("engine.npy", header.getvalue() + bytes(160 << 20))
    edit(folder / "engine.json")


@case("static")
def a_table_of_more_rows_than_bytes(folder: Path) -> None:
    header = io.BytesIO()
    shape = (1 << 40, 16)
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    (folder / "table.npy").write_bytes(header.getvalue() + bytes(1024))
    edit(folder / "engine.json")


for _kind in ("os.system", "../storage", "interlingua.cli", "hostile", "", "__init__"):

    def _named(folder: Path, kind: str = _kind) -> None:
        (folder / "hostile.py").write_text(f"open({str(folder.parent / MARKER)!r}, 'w')")
        edit(folder / "encoder.json", kind=kind)

    CASES[f"an encoder of kind {_kind!r}"] = ("own", _named)
    CASES[f"an engine of kind {_kind!r}"] = (
        "engine",
        lambda folder, kind=_kind: edit(folder / "engine.json", engine=kind),
    )


@case("plain")
def code_to_fetch_in_auto_map(folder: Path) -> None:
    (folder / "modeling_evil.py").write_text(f"open({str(folder.parent / MARKER)!r}, 'w')")
    edit(folder / "config.json", auto_map={"AutoModel": "modeling_evil.Model"}, model_type="evil")


for _type in ("os.system", "evil.Transformer", "Transformer", "builtins.eval"):

    def _typed(folder: Path, kind: str = _type) -> None:
        (folder / "evil.py").write_text(f"open({str(folder.parent / MARKER)!r}, 'w')")
        (folder / "modules.json").write_text(json.dumps([{"path": "", "type": kind}]))

    CASES[f"a module of class {_type}"] = ("peer", _typed)

for _path in ("../plain", "/etc", "1_Pooling/../../plain", "\0"):

    def _outside(folder: Path, path: str = _path) -> None:
        lines = json.loads((folder / "modules.json").read_text())
        lines[0]["path"] = path
        (folder / "modules.json").write_text(json.dumps(lines))

    CASES[f"a module in {_path!r}"] = ("peer", _outside)


@case("plain")
def weights_outside_the_folder(folder: Path) -> None:
    shutil.move(folder / "model.safetensors", folder.parent / "outside.safetensors")
    from safetensors import safe_open

    with safe_open(folder.parent / "outside.safetensors", "pt") as opened:
        names = dict.fromkeys(opened.keys(), "../outside.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": names}))


@case("engine")
def external_data_outside_the_folder(folder: Path) -> None:
    import onnx

    (folder.parent / "secret").write_bytes(bytes(1 << 20))
    graph = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in graph.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            next(entry for entry in tensor.external_data if entry.key == "location").value = "../secret"
    onnx.save(graph, folder / "model.onnx")
    edit(folder / "engine.json")


@case("engine")
def checksums_of_files_outside(folder: Path) -> None:
    content = (folder / "engine.json").read_text(encoding="utf-8").replace('"golden.npz":', '"../../../../etc/passwd":')
    (folder / "engine.json").write_text(content, encoding="utf-8")


HUGE = 10**9
for _name in ("num_hidden_layers", "hidden_size", "intermediate_size", "vocab_size", "max_position_embeddings"):
    for _size in (HUGE, 2**63, -HUGE):

        def _sized(folder: Path, name: str = _name, size: int = _size) -> None:
            edit(folder / "config.json", **{name: size})

        CASES[f"{_name} {_size}"] = ("plain", _sized)
for _name in ("layers", "width", "feedforward", "max_positions", "heads"):
    for _size in (HUGE, 2**63, 0, -1):

        def _bodied(folder: Path, name: str = _name, size: int = _size) -> None:
            card = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
            edit(folder / "encoder.json", body=card["body"] | {name: size})

        CASES[f"a body with {_name} {_size}"] = ("own", _bodied)
for _name in ("vocabulary_size", "max_tokens", "pad", "format"):
    for _size in (HUGE, 2**70, -1):
        CASES[f"an encoder with {_name} {_size}"] = (
            "own",
            lambda folder, name=_name, size=_size: edit(folder / "encoder.json", **{name: size}),
        )


@case("packed")
def adapters_of_a_billion(folder: Path) -> None:
    edit(folder / "packs/de/pack.json", adapters={"language": {"kind": "low rank", "inner": HUGE}})


@case("peer")
def a_dense_layer_of_a_billion(folder: Path) -> None:
    edit(folder / "2_Dense/config.json", out_features=HUGE)


def _header(file: Path, header: bytes, length: int | None = None) -> None:
    file.write_bytes(struct.pack("<Q", len(header) if length is None else length) + header + bytes(64))


@case("plain")
def a_header_of_exabytes(folder: Path) -> None:
    _header(folder / "model.safetensors", b"{}", 1 << 60)


@case("plain")
def tensors_of_more_than_the_file(folder: Path) -> None:
    shape = {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}
    _header(folder / "model.safetensors", json.dumps({"x": shape}).encode())


@case("own")
def tensors_that_share_their_bytes(folder: Path) -> None:
    shape = {"dtype": "F32", "shape": [16], "data_offsets": [0, 64]}
    _header(folder / "weights.safetensors", json.dumps({"a": shape, "b": shape}).encode())
    edit(folder / "encoder.json")


JSON = {
    "own": ("encoder.json", "tokenizer.json"),
    "packed": ("packs/de/pack.json",),
    "engine": ("engine.json", "tokenizer.json"),
    "plain": ("config.json", "tokenizer.json"),
    "peer": (
        *("modules.json", "config.json", "sentence_bert_config.json", "tokenizer_config.json", "tokenizer.json"),
        *("config_sentence_transformers.json", "1_Pooling/config.json", "2_Dense/config.json"),
    ),
}
"""Every JSON file of every kind of model."""
CONTENTS = {
    "null": b"null",
    "a list": b"[]",
    "a list of numbers": b"[1, 2]",
    "a number": b"3",
    "a text": b'"x"',
    "no JSON": b"{",
    "nothing": b"",
    "no UTF-8": b'{"a": "\xff"}',
    "a deep nest": b"[" * 1_000_000,
    "a deep nest of objects": b'{"a":' * 1_000_000,
    "100 MB": b'{"a": "' + b"x" * 100_000_000 + b'"}',
}
for _model, _files in JSON.items():
    for _file in _files:
        for _what, _content in CONTENTS.items():
            CASES[f"{_what} for {_file} ({_model})"] = (
                _model,
                lambda folder, file=_file, content=_content: (folder / file).write_bytes(content),
            )


def _tokenizer(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    rules = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    change(rules)
    (folder / "tokenizer.json").write_text(json.dumps(rules), encoding="utf-8")


@case("plain")
def a_regular_expression_that_never_ends(folder: Path) -> None:
    bomb = {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Removed", "invert": False}
    _tokenizer(folder, lambda rules: rules.update(pre_tokenizer=bomb))


@case("plain")
def a_character_map_of_nonsense(folder: Path) -> None:
    table = {"type": "Precompiled", "precompiled_charsmap": "//////////8="}
    _tokenizer(folder, lambda rules: rules.update(normalizer=table))


@case("plain")
def more_pieces_than_rows(folder: Path) -> None:
    _tokenizer(folder, lambda rules: rules["model"]["vocab"].extend([f"▁{n}", 0.0] for n in range(90)))


@case("plain")
def special_ids_beyond_the_rows(folder: Path) -> None:
    def change(rules: dict[str, Any]) -> None:
        for token in rules["post_processor"]["special_tokens"].values():
            token["ids"] = [HUGE]

    _tokenizer(folder, change)


@case("own")
def weights_that_are_a_pipe(folder: Path) -> None:
    (folder / "weights.safetensors").unlink()
    os.mkfifo(folder / "weights.safetensors")


@case("plain")
def weights_that_never_end(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to("/dev/zero")


@case("plain")
def an_adapter_of_another_model(folder: Path) -> None:
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "https://example.com/x"}))


def attempt(name: str, sound: Path, place: Path) -> str:
    """What comes of loading a case in a process of its own: "refused: ...", or what is wrong."""
    model, damage = CASES[name]
    folder = place / "model"
    shutil.copytree(sound / model, folder)
    damage(folder)
    before = {file: file.lstat().st_mtime_ns for file in place.rglob("*")}
    ours, theirs = START.Pipe(duplex=False)
    child = START.Process(target=_load, args=(folder, theirs))
    child.start()
    theirs.close()
    child.join(SECONDS)
    if child.is_alive():
        child.kill()
        return f"no end after {SECONDS} seconds"
    if (place / MARKER).exists():
        return "something was run"
    if {file: file.lstat().st_mtime_ns for file in place.rglob("*")} != before:
        return "files were written"
    try:
        return ours.recv()
    except EOFError:
        return f"ended with {child.exitcode} and said nothing"


def _load(folder: Path, answer: Any) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    os.chdir(folder)
    try:
        vectors = load(folder).encode(["a" * 200 + "!", "the boat"])
    except InterlinguaError as error:
        answer.send(f"refused: {error}"[:500])
    except BaseException as error:
        answer.send(f"{type(error).__name__}: {error}"[:300])
    else:
        answer.send(f"accepted: {vectors.shape}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("words", nargs="*", help="only the cases whose name holds them; nothing is recorded")
    words = " ".join(parser.parse_args().words)
    asked = [name for name in CASES if words in name]
    if not asked:
        parser.error(f"no case has {words!r} in its name")
    outcomes: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        sound = Path(scratch) / "sound"
        maker = START.Process(target=models, args=(sound,))
        maker.start()
        maker.join()
        for number, name in enumerate(asked):
            outcomes[name] = attempt(name, sound, Path(scratch) / str(number))
            shutil.rmtree(Path(scratch) / str(number))
            if not outcomes[name].startswith("refused: "):
                print(f"{name}: {outcomes[name]}", flush=True)
    failed = {name: outcome for name, outcome in outcomes.items() if not outcome.startswith("refused: ")}
    if not words:
        record("data-only models", "reliability/hostile.py", tried=len(outcomes), failed=len(failed), failures=failed)
    print(f"{len(outcomes)} hostile folders, {len(failed)} not refused")


if __name__ == "__main__":
    main()
