"""What a translation memory proposes for a text that is still to be translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlingua.units.inline import Parts


@dataclass(frozen=True)
class Proposal:
    """A translation with its score (0 to 1), the memory it comes from, and what is known about it."""

    score: float
    source: str
    target: str
    origin: str
    about: Mapping[str, str]
    source_parts: Parts = ()
    """The source with its codes; where it is empty, the text is all."""
    target_parts: Parts = ()
    """The target with the codes of the segment it is proposed for, under their identities."""


Proposed = Sequence[tuple[str, Sequence[Proposal]]]
"""Segments, each with the translations proposed for it."""
