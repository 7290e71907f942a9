"""Weights in a file, as safetensors."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor


def write_tensors(tensors: Mapping[str, Tensor], file: Path) -> None:
    """Write named tensors. Raises OSError where the disk does not take them all."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    except SafetensorError as error:
        raise OSError(str(error)) from error
