"""The nouns that need torch: what a tokenizer hands to a body, and what a batch hands to an objective."""

from dataclasses import dataclass

from jaxtyping import Bool, Int
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Padded token ids of B texts."""

    ids: Int[Tensor, "B T"]
    mask: Bool[Tensor, "B T"]
    """True on real tokens."""
    languages: tuple[str, ...]
    """B of them: the one place in which language travels."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What an objective sees: one Tokens per text position, and what is to be learned from them."""

    columns: tuple[Tokens, ...]
    targets: Tensor | None = None
    """(B,) classes or scores, or (B, D) embeddings of a teacher."""
