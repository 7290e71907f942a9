"""ONNX graphs as OpenVINO's own files."""

from pathlib import Path


def convert(folder: Path) -> None:
    """Turn the ONNX graph of `folder` into OpenVINO's own files, which load faster."""
    import openvino  # pyright: ignore[reportMissingImports]

    model = openvino.convert_model(folder / "model.onnx")
    openvino.save_model(model, folder / "model.xml", compress_to_fp16=False)
    for name in ("model.onnx", "table.bin"):
        (folder / name).unlink(missing_ok=True)
