"""Weights in files: safetensors, and the pickles of other tools, of which torch reads tensors alone."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from interlingua.errors import ModelFormatError

NUMBERING = ("position_ids", "token_type_ids")
"""Tables of whole numbers that older models keep beside their weights."""
REAL = ("f", "bf")
"""How the types of real numbers begin: float16 and bfloat16 in torch, F16 and BF16 in safetensors."""
Shapes = dict[str, tuple[int, ...]]


def write_tensors(tensors: Mapping[str, Tensor], file: Path) -> None:
    """Write named tensors. Raises OSError where the disk does not take them all."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def read_tensors(file: Path) -> dict[str, Tensor]:
    """The tensors of a file by name: safetensors, or a pickle of tensors alone (.bin). Raises ModelFormatError for a
    file that is missing, damaged, or holds anything else.
    """
    from safetensors.torch import load_file

    try:
        tensors: Any = load_file(file) if file.suffix == ".safetensors" else _unpickled(file)
    except Exception as error:  # whatever a damaged file makes of safetensors, torch and pickle
        raise _damaged(file, error) from error
    if not isinstance(tensors, Mapping) or not all(isinstance(tensor, Tensor) for tensor in tensors.values()):
        raise ModelFormatError("holds something else than named tensors", file)
    return dict(tensors)


def shapes(file: Path) -> Shapes:
    """The shapes of the tensors of a file, which are not read. Raises ModelFormatError as `read_tensors` does, and for
    weights that are no real numbers, which others would convert.
    """
    from safetensors import safe_open

    if file.suffix == ".safetensors":
        try:
            with safe_open(file, "pt") as opened:
                parts = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118
                found = {name: (part.get_dtype(), tuple(part.get_shape())) for name, part in parts.items()}
        except Exception as error:
            raise _damaged(file, error) from error
    else:
        found = {name: (_kind(tensor), tuple(tensor.shape)) for name, tensor in read_tensors(file).items()}
    for name, (kind, _) in found.items():
        if not kind.lower().startswith(REAL) and not name.endswith(NUMBERING):
            raise _no_real_numbers(name, kind, file)
    return {name: shape for name, (_, shape) in found.items()}


def check_values(tensors: Mapping[str, Tensor], file: Path) -> None:
    """Raise ModelFormatError for weights that are no finite real numbers."""
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise _no_real_numbers(name, _kind(tensor), file)
        if tensor.numel() and not torch.stack(tensor.float().aminmax()).isfinite().all():
            raise ModelFormatError(
                f"{name} is not finite (nan or infinity): the training diverged, or the file is damaged", file
            )


def fill(module: torch.nn.Module, tensors: Mapping[str, Tensor], file: Path) -> None:
    """Give a module its weights. Raises ModelFormatError where a name, a shape or a value is not as it should be."""
    match_shapes({name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}, tensors, file)
    check_values(tensors, file)
    module.load_state_dict(tensors)


def match_shapes(expected: Shapes, found: Mapping[str, Any], file: Path) -> None:
    """Raise ModelFormatError for a tensor that is missing, unknown or of another shape."""
    have = {name: tuple(getattr(tensor, "shape", tensor)) for name, tensor in found.items()}
    for name in sorted(expected.keys() | have.keys()):
        want, has = (some.get(name, "no tensor") for some in (expected, have))
        if want != has:
            raise ModelFormatError(f"{name} has {has}, expected {want}", file)


def _unpickled(file: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old storages; what matters is what is refused
        return torch.load(file, map_location="cpu", weights_only=True, mmap=_is_archive(file))


def _is_archive(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(2) == b"PK"


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _no_real_numbers(name: str, kind: str, file: Path) -> ModelFormatError:
    return ModelFormatError(f"{name} holds {kind}, no real numbers", file)


def _damaged(file: Path, error: Exception) -> ModelFormatError:
    if isinstance(error, FileNotFoundError):
        return ModelFormatError("the weights are missing; is the copy complete?", file)
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    return ModelFormatError(f"the weights are damaged, or no tensors ({reason})", file)
