"""The weights of a transformers folder: which there are, and that a model was made of all of them."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
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


def check_all_used(model: Any, loaded: Mapping[str, Any], names: Iterable[str], folder: Path) -> None:
    """Raise ModelFormatError where a part of the model found no weights, weights found no part of it, or two of the
    weights' `names` one part. Those of heads, which a body does not have, are left over as a matter of course.
    """
    prefix = model.base_model_prefix + "."
    twice = [name for name, count in Counter(name.removeprefix(prefix) for name in names).items() if count > 1]
    if twice:
        raise ModelFormatError(f"the weights have both {twice[0]} and {prefix}{twice[0]}; remove one of them", folder)
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


@contextmanager
def quiet() -> Iterator[None]:
    """Transformers reports every tensor it does not need, and draws progress bars, on stderr."""
    from transformers.utils import logging as transformers_logging

    level, bars = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity(logging.CRITICAL)
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()
