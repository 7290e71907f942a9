"""What a translation memory proposes for a text that is still to be translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from interlingua.units.inline import Parts


class Filling(NamedTuple):
    """How a proposal becomes the translation of a segment that has none."""

    by: Literal["id-match", "exact-match", "fuzzy-match"]
    """What it is based on, in the words of XLIFF 1.2."""
    is_sure: bool
    """Whether it counts as translated; otherwise it is to be reviewed."""


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
    filling: Filling | None = None
    """None where it is no more than proposed."""


Proposed = Sequence[tuple[str, Sequence[Proposal]]]
"""Segments, each with the translations proposed for it."""
