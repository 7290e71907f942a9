"""Save a run and continue it exactly: the final weights are bit-identical to those of an uninterrupted run."""

import os
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from interlingua.errors import ModelFormatError
from interlingua.outputs import write_whole
from interlingua.placement import random_state, set_random_state
from interlingua.training.lazy_adamw import LazyAdamW
from interlingua.training.loop import State

FORMAT = 4
EARLIER = (2, 3, FORMAT)
"""2 had dense moments throughout, 3 the random state of the processor alone."""


@dataclass
class Progress:
    """What a run knows about itself beyond its weights."""

    best_loss: float = float("inf")
    best_step: int = 0
    best: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the validation at the best step measured."""
    waited: int = 0
    """Validations since the best one."""
    seconds: float = 0.0
    """Training time so far, over all sittings."""
    stopped: bool = False
    """No step is left to do."""


def _trained(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    frozen = {name for name, parameter in module.named_parameters() if not parameter.requires_grad}
    return {name: tensor for name, tensor in module.state_dict().items() if name not in frozen}


def save(state: State, progress: Progress, file: Path) -> None:
    """Write the whole state beside `file`, then rename. Frozen parameters are left out: the start of the run has
    them.
    """
    with state.optimizer.as_is() if isinstance(state.optimizer, LazyAdamW) else nullcontext():
        content: dict[str, Any] = {
            "format": FORMAT,
            "step": state.step,
            "learning_rate": state.learning_rate,
            "progress": vars(progress),
            "encoder": _trained(state.encoder),
            "objective": _trained(state.objective),
            "optimizer": state.optimizer.state_dict(),
            "random": random_state(state.encoder.device),
            "scaler": state.scaler.state_dict(),
        }
    with write_whole(file) as temporary, temporary.open("wb") as stream:
        try:
            torch.save(content, stream)
        except RuntimeError as error:  # a full disk, in torch's words
            raise OSError(str(error)) from error
        stream.flush()
        os.fsync(stream.fileno())


def restore(state: State, file: Path) -> Progress:
    """Put the saved run into `state`. Raises ModelFormatError if the file is damaged or belongs to another model."""
    try:
        content: dict[str, Any] = torch.load(file, weights_only=True, map_location="cpu")
        if content["format"] not in EARLIER:
            raise ModelFormatError(f"checkpoint format {content['format']}, this version reads {FORMAT}", file)
        for name, module in (("encoder", state.encoder), ("objective", state.objective)):
            missing, unexpected = module.load_state_dict(content[name], strict=False)
            if unexpected or set(missing) & set(_trained(module)):
                raise ModelFormatError("the checkpoint belongs to another model; choose another --output", file)
        state.optimizer.load_state_dict(content["optimizer"])
        random = content["random"]
        set_random_state(random if isinstance(random, dict) else {"cpu": random}, state.encoder.device)
        if state.scaler.is_enabled() and content.get("scaler"):
            state.scaler.load_state_dict(content["scaler"])
    except (RuntimeError, KeyError, ValueError, EOFError, OSError) as error:
        raise ModelFormatError(f"damaged checkpoint ({type(error).__name__}); delete it to start over", file) from error
    state.step, state.learning_rate = content["step"], content["learning_rate"]
    return Progress(**content["progress"])
