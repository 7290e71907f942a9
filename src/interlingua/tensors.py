"""The nouns that need torch: what a tokenizer hands to a body, and what a batch hands to an objective."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Padded token ids of B texts."""

    ids: Int[Tensor, "B T"]
    mask: Bool[Tensor, "B T"]
    """True on real tokens."""
    languages: tuple[str, ...]
    """B of them: the one place in which language travels."""
    types: Int[Tensor, "B T"] | None = None
    """0 on the first and 1 on the second text, where two are encoded jointly."""

    def rows(self, some: slice) -> "Tokens":
        """The tokens of some of the texts, as wide as before."""
        types = None if self.types is None else self.types[some]
        return Tokens(self.ids[some], self.mask[some], self.languages[some], types)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What an objective sees: one Tokens per text position, and what is to be learned from them."""

    columns: tuple[Tokens, ...]
    targets: Tensor | None = None
    """(B,) classes or scores, or (B, D) embeddings of a teacher."""
    teacher: Tensor | None = None
    """(B, C) a teacher's class scores, where there are classes to learn beside them."""
    task: str = ""
    """What is learned from it, where a run has several tasks."""


def precise(numbers: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """In fp32 or finer: losses are computed so, whatever arithmetic the encoder's layers run in."""
    return numbers.to(torch.promote_types(numbers.dtype, torch.float32))
