"""The nouns that need torch: what a tokenizer hands to a body, and what a batch hands to an objective."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

os.environ.setdefault(
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64"
)  # batches differ in shape: code for the last 1,024 shapes is gigabytes

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from interlingua.placement import send


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
    planned: Bool[np.ndarray, "B T"] | None = None
    """The mask again, for plans that are made on the processor while the tokens lie on another device."""

    @property
    def real(self) -> Bool[np.ndarray, "B T"]:
        """The mask as an array, without waiting for a device."""
        return self.mask.numpy() if self.planned is None else self.planned

    def rows(self, some: slice) -> "Tokens":
        """The tokens of some of the texts, as wide as before."""
        types = None if self.types is None else self.types[some]
        planned = None if self.planned is None else self.planned[some]
        return Tokens(self.ids[some], self.mask[some], self.languages[some], types, planned)

    def to(self, device: torch.device) -> "Tokens":
        """The same tokens on a device."""
        if self.ids.device == device:
            return self
        types = None if self.types is None else send(self.types, device)
        return Tokens(send(self.ids, device), send(self.mask, device), self.languages, types, self.real)


def join(columns: Sequence[Tokens]) -> Tokens:
    """All texts of several columns, one column after the other."""
    widest = max(tokens.ids.shape[1] for tokens in columns)

    def wide(parts: Sequence[Tensor]) -> Tensor:
        return torch.cat([F.pad(part, (0, widest - part.shape[1])) for part in parts])

    types = [torch.zeros_like(tokens.ids) if tokens.types is None else tokens.types for tokens in columns]
    return Tokens(
        wide([tokens.ids for tokens in columns]),
        wide([tokens.mask for tokens in columns]),
        tuple(language for tokens in columns for language in tokens.languages),
        None if all(tokens.types is None for tokens in columns) else wide(types),
    )


def distinct(tokens: Tokens) -> tuple[Tokens, Int[Tensor, " B"]]:
    """Each text once, where its tokens, types and language are those of another; and for every text the place of its
    own.
    """
    ids = torch.where(tokens.mask, tokens.ids, -1)
    rows = ids.numpy() if tokens.types is None else torch.cat([ids, tokens.types * tokens.mask], dim=1).numpy()
    places: dict[tuple[bytes, str], int] = {}
    firsts: list[int] = []
    place_of: list[int] = []
    for number, (row, language) in enumerate(zip(rows, tokens.languages, strict=True)):
        place = places.setdefault((row.tobytes(), language), len(places))
        if place == len(firsts):
            firsts.append(number)
        place_of.append(place)
    if len(firsts) == len(rows):
        return tokens, torch.arange(len(rows))
    types = None if tokens.types is None else tokens.types[firsts]
    once = Tokens(tokens.ids[firsts], tokens.mask[firsts], tuple(tokens.languages[number] for number in firsts), types)
    return once, torch.tensor(place_of)


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
    whole: bool = True
    """Whether this is the batch, or one process's share of it."""

    def aimed(self, device: torch.device) -> "Batch":
        """The same batch with its targets on a device. Its tokens stay: who reads them moves them."""
        targets, teacher = (None if part is None else send(part, device) for part in (self.targets, self.teacher))
        return replace(self, targets=targets, teacher=teacher)


def precise(numbers: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """In fp32 or finer: losses are computed so, whatever arithmetic the encoder's layers run in."""
    return numbers.to(torch.promote_types(numbers.dtype, torch.float32))
