"""How a forward pass is computed while an encoder trains, and what that cost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from interlingua.placement import send
from interlingua.tensors import Tokens, distinct


@dataclass
class Work:
    """Tokens so far: what an encoder computed, what of that was not padding, and what it was spared because a text was
    repeated.
    """

    computed: int = 0
    read: int = 0
    spared: int = 0

    def since(self, before: "Work") -> "Work":
        """What has been added."""
        return Work(self.computed - before.computed, self.read - before.read, self.spared - before.spared)


@dataclass
class Computation:
    """What training asks of an encoder beyond its embeddings."""

    chunk: int = 0
    """Compute this many texts at a time and again for their gradient, so that memory holds one chunk's states (Gao et
    al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup"); 0 computes a batch at once."""
    work: Work = field(default_factory=Work)

    def __call__(
        self, forward: Callable[[Tokens], Float[Tensor, "B D"]], tokens: Tokens, dropout: bool
    ) -> Float[Tensor, "B D"]:
        """The embeddings that `forward` gives, with gradients. Without dropout, a text that occurs several times is
        computed once.
        """
        once, places = (tokens, None) if dropout else distinct(tokens)
        rows = len(once.ids)
        self.work.spared += int(tokens.mask.sum() - once.mask.sum()) if rows < len(tokens.ids) else 0
        if self.chunk and rows > self.chunk:
            chunks = [once.rows(slice(start, start + self.chunk)) for start in range(0, rows, self.chunk)]
            # checkpointing draws the same dropout again
            vectors = torch.cat([checkpoint(forward, chunk, use_reentrant=False) for chunk in chunks])
        else:
            vectors = forward(once)
        if places is None or rows == len(tokens.ids):
            return vectors
        return vectors.index_select(0, send(places, vectors.device))

    def in_parts(self, part: Callable[[slice], Float[Tensor, ""]], rows: int) -> Float[Tensor, ""]:
        """The sum of what `part` gives for the rows of each chunk, such as losses of their tokens: what it computes on
        the way is computed again for the gradient, where a batch has more than one chunk.
        """
        if not self.chunk or rows <= self.chunk:
            return part(slice(0, rows))
        parts = [slice(start, start + self.chunk) for start in range(0, rows, self.chunk)]
        return torch.stack([checkpoint(part, some, use_reentrant=False) for some in parts]).sum()

    def count(self, tokens: Tokens, body: Any) -> None:
        """Take note of what a body has just computed."""
        self.work.read += int(tokens.real.sum())
        self.work.computed += getattr(body, "computed", tokens.mask.numel())
