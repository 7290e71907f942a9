"""The weights of a transformers folder: which there are, and that a model was made of all of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlingua.encoders.tensor_file import Shapes, shapes
from interlingua.errors import ModelFormatError
from interlingua.model_files import Open, inside, read_json

WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")


class Index(Open):
    """What names the files of weights that are in several."""

    weight_map: dict[str, str]


def shapes_of(folder: Path) -> Shapes:
    """The shapes of all tensors of a folder. Raises ModelFormatError where there are none."""
    file = next((folder / name for name in WEIGHTS if (folder / name).exists()), None)
    if file is None:
        raise ModelFormatError(f"there are no weights here ({' or '.join(WEIGHTS)}); is the download complete?", folder)
    if file.suffix != ".json":
        return shapes(file)
    parts = sorted(set(read_json(file, Index).weight_map.values()))
    return {name: shape for part in parts for name, shape in shapes(inside(folder, part, file)).items()}


def check_all_used(model: Any, loaded: Mapping[str, Any], folder: Path) -> None:
    """Raise ModelFormatError where a part of the model found no weights, or weights found no part of it. Those of
    heads, which a body does not have, are left over as a matter of course.
    """
    if missing := sorted(loaded["missing_keys"]):
        raise ModelFormatError(
            f"the weights lack {missing[0]} and {len(missing) - 1} more: they are not those that config.json describes",
            folder,
        )
    own = {name for name, _ in model.named_children()}
    for name in sorted(loaded["unexpected_keys"]):
        plain = name.removeprefix(model.base_model_prefix + ".")
        if plain.partition(".")[0] in own and not plain.endswith("position_ids"):
            raise ModelFormatError(
                f"the weights have {name}, for which config.json describes no place; they do not belong together",
                folder,
            )
