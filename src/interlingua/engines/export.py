"""An encoder as an engine folder: ONNX, tokenizer, and golden vectors that prove it gives the same answers (needs torch)."""

import json
import logging
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.engines import onnx
from interlingua.errors import ModelFormatError
from interlingua.files import write_whole_folder
from interlingua.tensors import Tokens

FORMAT = 1
GOLDEN_TEXTS = (
    "The cat sleeps on the mat.", "Die Katze schläft auf der Matte.", "Le train part à huit heures.", "Кошка спит на коврике.",
    "猫在垫子上睡觉。", "電車は八時に出ます。", "القطة تنام على السجادة.", "बिल्ली चटाई पर सोती है।", "고양이가 매트 위에서 잔다.", "7", "",
    "A longer text, of more than one sentence, shows that length and padding are handled. It ends here; the next one would be too much.",
)  # fmt: skip


class _Graph(nn.Module):
    """The encoder as a function of ids and mask alone, as ONNX wants it."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.encoder(Tokens(ids, mask, ("und",)))  # a tuple of B languages would fix B in the graph


def export(encoder: Encoder, folder: Path) -> float:
    """Write the engine folder, whole or not at all, and return the largest difference of a coordinate to the encoder's own vectors.

    Raises ModelFormatError where the body cannot be expressed or the engine disagrees with the encoder.
    """
    encoder.eval()
    golden = encoder.encode(GOLDEN_TEXTS)
    with write_whole_folder(folder) as temporary:
        _write_graph(encoder, temporary / "model.onnx")
        encoder.tokenizer.save(temporary / "tokenizer.json")
        np.savez(temporary / "golden.npz", vectors=golden)
        card = {
            "format": FORMAT,
            "engine": "onnx",
            "precision": "fp32",
            "width": encoder.width,
            "pad": encoder.tokenizer.pad,
            "max_tokens": encoder.tokenizer.max_tokens,
            "prompt": encoder.prompt,
            "golden_texts": GOLDEN_TEXTS,
            "tolerance": onnx.TOLERANCE,
            "encoder": encoder.describe(),
        }
        (temporary / "engine.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return onnx.load(temporary).difference


def _write_graph(encoder: Encoder, file: Path) -> None:
    ids, mask = torch.ones(2, 7, dtype=torch.long), torch.ones(2, 7, dtype=torch.bool)
    mask[1, 4:] = False
    sizes = {0: torch.export.Dim("texts", min=1), 1: torch.export.Dim("tokens", min=1, max=encoder.tokenizer.max_tokens)}
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
        raise ModelFormatError(f"a body of kind {encoder.body.kind!r} could not be exported to ONNX ({reason})", file) from error
    finally:
        exporter.setLevel(level)
