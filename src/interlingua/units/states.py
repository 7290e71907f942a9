"""How far a translation is, in one vocabulary for all formats: the words of XLIFF 2, and "needs work" for what PO calls
fuzzy.
"""

from enum import IntEnum

from interlingua.units.catalogue import is_fuzzy, is_obsolete
from interlingua.units.unit import Unit


class State(IntEnum):
    """Of a translation; from `translated` on it may be used."""

    initial = 0
    """None yet, or one that nobody made for this text."""
    needs_work = 1
    translated = 2
    reviewed = 3
    final = 4


XLIFF_1 = {
    "new": State.initial, "needs-translation": State.initial, "needs-adaptation": State.needs_work,
    "needs-l10n": State.needs_work, "needs-review-adaptation": State.needs_work, "needs-review-l10n": State.needs_work,
    "needs-review-translation": State.needs_work, "translated": State.translated, "signed-off": State.reviewed,
    "final": State.final,
}  # fmt: skip
XLIFF_2 = {
    "initial": State.needs_work, "translated": State.translated, "reviewed": State.reviewed, "final": State.final,
}  # fmt: skip
"""A target in the state `initial` is not yet a translation to be used."""
TRADOS = {
    "Draft": State.needs_work, "Translated": State.translated, "RejectedTranslation": State.needs_work,
    "ApprovedTranslation": State.reviewed, "RejectedSignOff": State.needs_work, "ApprovedSignOff": State.final,
}  # fmt: skip
MEMOQ = {
    "NotStarted": State.initial, "Edited": State.needs_work, "PartiallyEdited": State.needs_work,
    "Pretranslated": State.needs_work, "AssembledFromFragments": State.needs_work, "Rejected": State.needs_work,
    "ManuallyConfirmed": State.translated, "Proofread": State.reviewed, "Reviewer1Confirmed": State.reviewed,
}  # fmt: skip
PHRASE = {"0": State.needs_work, "1": State.translated}
APPROVED = {"no": State.needs_work, "yes": State.final}
KNOWN = {
    "x-sdl-conf": TRADOS, "x-xliff1-mq:status": MEMOQ, "x-xliff1-m:confirmed": PHRASE, "x-xliff1-state": XLIFF_1,
    "x-xliff2-state": XLIFF_2, "x-xliff1-approved": APPROVED,
}  # fmt: skip
"""By the property that stands for a format's state, the surest first: a tool's own says more than what it exports."""


def state_of(unit: Unit) -> State | None:
    """The state of the unit's translation, the lowest of those of its texts; None where nothing is said of it."""
    if is_fuzzy(unit):
        return State.needs_work
    remarks = [*unit.remarks, *(remark for variant in unit.variants for remark in variant.remarks)]
    for name, states in KNOWN.items():
        if found := [states[r.text] for r in remarks if r.name == name and r.text in states]:
            return min(found)
    return None


def is_unfinished(unit: Unit) -> bool:
    """Whether a translator marked the unit as not to be used: fuzzy, a draft, obsolete."""
    state = state_of(unit)
    return (state is not None and state < State.translated) or is_obsolete(unit)
