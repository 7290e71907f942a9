"""An encoder as an engine folder, checked against the encoder's own vectors (needs torch)."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from interlingua import discovery
from interlingua.coverage import Coverage
from interlingua.encoders.architecture import Head, Recurrent, Static, Transformer, linear
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.tensor_file import check_values
from interlingua.encoding import batches
from interlingua.engines import engine
from interlingua.engines.engine import GOLDEN_TEXTS
from interlingua.engines.runtimes import onnx
from interlingua.errors import ConfigError, MissingDependency, ModelFormatError
from interlingua.export import build, openvino, static
from interlingua.export.calibration import calibrate
from interlingua.export.graph import Graph
from interlingua.model_files import write_card
from interlingua.outputs import write_whole_folder
from interlingua.tensors import Tokens


class _Graph(nn.Module):
    """The encoder as a function of ids and mask alone, as ONNX wants it."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.encoder(Tokens(ids, mask, ("und",)))  # a tuple of B languages would fix B in the graph


def kinds(encoder: Encoder) -> dict[str, str]:
    """The precisions in which this encoder can be exported, and the engine of each."""
    match encoder.body.architecture():
        case Static():
            return {"fp32": "static", "int8": "static"}
        case Transformer():
            return {"fp32": "onnx", "bf16": "openvino", "int8": "onnx"}
        case _:
            return {"fp32": "onnx"}


def export(encoder: Encoder, folder: Path, precision: str = "fp32", texts: Sequence[str] = ()) -> float:
    """Write the engine folder, whole or not at all, and return the largest difference of a coordinate to the encoder's
    own vectors.

    `texts` beside the golden ones calibrate int8. The difference is relative to the longest vector. Raises
    ModelFormatError where the body cannot be expressed in this precision or the engine disagrees with the encoder,
    ConfigError for a precision that this processor does not have.
    """
    check_values(encoder.eval().state_dict(), folder)
    possible = kinds(encoder)
    if precision not in possible:
        known = f"a body of kind {encoder.body.kind!r} exports to {', '.join(possible)}, not to {precision}"
        raise ModelFormatError(f"{known}; remedy: --precision {next(iter(possible))}", folder)
    discovery.find("engines/runtimes", possible[precision], "engine", ("require",)).require(precision)
    coverage, encoder.coverage = encoder.coverage, Coverage(())  # golden texts are none of the user's
    golden = encoder.encode(GOLDEN_TEXTS)
    encoder.coverage = coverage
    with write_whole_folder(folder) as temporary:
        padded = _write_model(encoder, temporary, precision, [*GOLDEN_TEXTS, *texts])
        encoder.tokenizer.save(temporary / "tokenizer.json")
        card = {**_card(encoder), "engine": possible[precision], "precision": precision, "padded": padded}
        embeddings = engine.open_folder(temporary, card).encode(GOLDEN_TEXTS)
        apart, allowed = engine.difference(embeddings, golden), engine.TOLERANCE[precision]
        if not apart <= allowed:
            raise ModelFormatError(
                f"the engine's vectors differ from the encoder's by {apart:.2g} (tolerance {allowed:.2g})", folder
            )
        np.savez(temporary / "golden.npz", encoder=golden, engine=embeddings)
        write_card(temporary / "engine.json", {**card, "difference": apart})
        engine.load(temporary)
        return apart


def _head(encoder: Encoder) -> Head:
    """What follows the encoder's body."""
    projection = None if encoder.projection is None else linear(encoder.projection.state_dict())
    return Head(str(encoder.pooling), projection, encoder.normalize)


def _card(encoder: Encoder) -> dict[str, Any]:
    return {
        "format": engine.FORMAT,
        "width": encoder.width,
        "pad": encoder.tokenizer.pad,
        "max_tokens": encoder.tokenizer.max_tokens,
        "batch_tokens": engine.BATCH,
        "prompt": encoder.prompt,
        "golden_texts": GOLDEN_TEXTS,
        "nothing": _nothing(encoder),
        "encoder": encoder.describe(),
    }


@torch.inference_mode()
def _nothing(encoder: Encoder) -> list[float]:
    """The embedding of a text without any token."""
    tokens = Tokens(
        torch.full((1, batches.COLUMNS), encoder.tokenizer.pad),
        torch.zeros(1, batches.COLUMNS, dtype=torch.bool),
        ("und",),
    )
    return encoder(tokens)[0].tolist()


def _write_model(encoder: Encoder, folder: Path, precision: str, texts: Sequence[str]) -> bool:
    """Write the model's own files; whether it wants padded batches and a mask."""
    model, head = encoder.body.architecture(), _head(encoder)
    if isinstance(model, Static):
        static.write(folder, model, head, precision)
        return False
    if model is None:
        write_any(encoder, folder / "model.onnx")
        return True
    graph = Graph()
    if isinstance(model, Recurrent):
        states = build.recurrent(graph, model)
    else:
        ranges = _ranges(encoder, model, texts) if precision == "int8" else None
        states, _ = build.transformer(graph, model, ranges, plain=precision == "bf16")
    graph.write(folder, build.head(graph, states, head), encoder.width)
    if precision == "bf16":
        openvino.convert(folder)
    return False


def _ranges(encoder: Encoder, model: Transformer, texts: Sequence[str]) -> build.Ranges:
    """What the fp32 graph's products read on `texts`."""
    with TemporaryDirectory() as scratch:
        graph = Graph()
        states, products = build.transformer(graph, model, None)
        graph.write(
            Path(scratch),
            states,
            model.words.shape[1],
            tuple(dict.fromkeys(value for value, _ in products.inputs.values())),
        )
        session = onnx.session(Path(scratch))
        ids = encoder.tokenizer.ids([encoder.prompt + text for text in texts])
        groups = batches.by_length([len(row) for row in ids], engine.BATCH, equal=True)
        padless = [np.stack([ids[row] for row in group]).astype(np.int64) for group in groups if len(ids[group[0]])]
        return calibrate(lambda batch, names: session.run(list(names), {"ids": batch}), padless, products.inputs)


def write_any(encoder: Encoder, file: Path) -> None:
    """Any body, by torch's own exporter: padded batches with a mask."""
    ids, mask = torch.ones(2, 7, dtype=torch.long), torch.ones(2, 7, dtype=torch.bool)
    mask[1, 4:] = False
    sizes = {
        0: torch.export.Dim("texts", min=1, max=2**31 - 1),
        1: torch.export.Dim("tokens", min=1, max=encoder.tokenizer.max_tokens),
    }
    exporter = logging.getLogger("torch.onnx")
    level = exporter.level
    exporter.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
            torch.onnx.export(
                _Graph(encoder),
                (ids, mask),
                file,
                input_names=["ids", "mask"],
                output_names=["embeddings"],
                dynamic_shapes={"ids": sizes, "mask": sizes},
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    except Exception as error:  # the exporter raises many kinds for what it cannot express
        reason = str(error).strip().splitlines()[0][:300]
        raise ModelFormatError(
            f"a body of kind {encoder.body.kind!r} could not be exported to ONNX ({reason})", file
        ) from error
    finally:
        exporter.setLevel(level)


def fastest(encoder: Encoder, folder: Path, texts: Sequence[str] = ()) -> tuple[str, float, dict[str, str]]:
    """Export in every precision this processor and body allow, keep the one that encodes fastest within its tolerance.

    Returns the precision, the difference to the encoder and what became of the others: a speed, or why it is none.
    """
    from interlingua.export.report import speeds

    tried: dict[str, str] = {}
    reports: dict[str, float] = {}
    with TemporaryDirectory(prefix="interlingua-") as scratch:
        for precision in kinds(encoder):
            try:
                reports[precision] = export(encoder, Path(scratch) / precision, precision, texts)
            except (ConfigError, MissingDependency, ModelFormatError) as error:
                tried[precision] = str(error)
        if not reports:
            raise ModelFormatError("; ".join(tried.values()), folder)
        models = {precision: engine.load(Path(scratch) / precision) for precision in reports}
        rates = speeds(models, list(texts) or list(GOLDEN_TEXTS))
        best = max(rates, key=lambda precision: rates[precision])
        tried |= {precision: f"{rate:.0f} texts/s" for precision, rate in rates.items()}
        models.clear()
        with write_whole_folder(folder) as temporary:
            for file in (Path(scratch) / best).iterdir():
                (temporary / file.name).write_bytes(file.read_bytes())
    return best, reports[best], tried
