"""What a translation memory proposes for a text that is still to be translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Proposal:
    """A translation with its score (0 to 1), the memory it comes from, and what is known about it."""

    score: float
    source: str
    target: str
    origin: str
    about: Mapping[str, str]


Proposed = Sequence[tuple[str, Sequence[Proposal]]]
"""Segments, each with the translations proposed for it."""
