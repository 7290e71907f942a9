"""The nouns that need no torch. `tensors.py` holds those that do.

Axes, everywhere in the package:

    B  texts in a batch        N  texts, or source texts      K  neighbours
    T  tokens in a text        M  target texts                L  layers
    H  width inside a body     D  width of an embedding       V  pieces in a vocabulary
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from interlingua.shapes import Float32

Embeddings: TypeAlias = Float32[np.ndarray, "N D"]
"""One row a text, in float32."""


@runtime_checkable
class Encode(Protocol):
    """All that evaluation, search, mining, alignment and serving may ask of a model."""

    def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        """Embed `texts`, which are in `language` (a BCP-47 code; "und" where it is not known)."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """Texts that are learned from together; what the positions mean is the objective's contract."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    target: int | float | np.ndarray | None = None
    """A class, a score, or a teacher's embedding of shape (D,)."""
    teacher: np.ndarray | None = None
    """A teacher's class scores of shape (C,), where there is a class to learn beside them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: its named columns, and the line it stands on (from 1)."""

    columns: dict[str, str]
    line: int


class Pair(NamedTuple):
    """A mined pair: row numbers on the source and the target side, and the margin score."""

    source: int
    target: int
    score: float
