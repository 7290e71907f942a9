"""Proposed translations as a translation memory of their own."""

import re
from collections.abc import Iterator

from interlingua.units.code_types import TMX
from interlingua.units.inline_writing import markup_in
from interlingua.units.proposal import Proposal, Proposed
from interlingua.units.unit import About, Memory, Unit, Variant, prop


def memory_of(proposed: Proposed, languages: tuple[str, str]) -> Memory:
    """Every segment with each translation proposed for it as a unit; what was matched stands in its properties."""

    def units() -> Iterator[Unit]:
        for segment, proposals in proposed:
            for proposal in proposals:
                named = {
                    "score": f"{proposal.score:.4f}",
                    "x-match-source": proposal.source,
                    "x-origin": proposal.origin,
                }
                about = {
                    f"x-match-{re.sub(r'[^A-Za-z0-9-]', '-', name)}": value for name, value in proposal.about.items()
                }
                remarks = tuple(prop(name, value) for name, value in (named | about).items())
                yield Unit((Variant(languages[0], segment), _target(proposal, languages[1])), remarks=remarks)

    return Memory(About({"srclang": languages[0]}), units)


def _target(proposal: Proposal, language: str) -> Variant:
    if not proposal.target_parts:
        return Variant(language, proposal.target)
    return Variant(language, proposal.target, markup_in(proposal.target_parts, TMX), TMX)
