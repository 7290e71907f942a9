"""What training asks of a loss."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch


class Objective(nn.Module, ABC):
    """A loss that is given the encoder with every batch.

    It owns what exists for training alone (heads, decoders), never the encoder: so an encoder can be wrapped, shared between
    objectives, or trained by several in turn.
    """

    @abstractmethod
    def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
        """The loss of one batch: a scalar."""
