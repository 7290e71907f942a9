"""What training asks of a loss."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch


@runtime_checkable
class Classifier(Protocol):
    """An objective that predicts classes: validation then counts the right ones."""

    def logits(self, encoder: Encoder, batch: Batch) -> Float[Tensor, "B C"]: ...


class Objective(nn.Module, ABC):
    """A loss that is given the encoder with every batch.

    It owns what exists for training alone (heads, decoders), never the encoder: so an encoder can be wrapped, shared
    between objectives, or trained by several in turn.
    """

    needs_dropout: bool = False
    """Whether it learns from the encoder's dropout itself, so that without it a loss says nothing (SimCSE)."""

    @abstractmethod
    def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
        """The loss of one batch: a scalar."""

    def keep(self, folder: Path) -> None:
        """Write what is of use after training into the run's folder; called whenever the best encoder is written.
        Most keep nothing.
        """
        return
