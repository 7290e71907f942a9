"""Numbers of a segment put into a proposal where the memory's text has others."""

from interlingua.memories.edits import Edit, Piece, What, places


def carried(edits: tuple[Edit, ...], known: str, target: str) -> tuple[str, bool]:
    """The target with the numbers of the segment, and whether all that differ have found their place: each must stand
    in the target as often as in the memory's source, written in the same way.
    """
    changed: dict[str, set[str]] = {}
    for edit in edits:
        if edit.what is What.number:
            changed.setdefault(edit.known, set()).add(edit.segment)
    there, here = ([text for kind, text, _ in places(side) if kind is Piece.number] for side in (known, target))
    unchanged = {edit.known for edit in edits if edit.what in (What.word, What.negation)}
    for number, wanted in changed.items():
        once = len(wanted) == 1 and there.count(number) == here.count(number) == _count(edits, number)
        if not once or any(number in text.split() for text in unchanged):
            return target, False
    parts, end = list[str](), 0
    for kind, text, start in places(target):
        if kind is Piece.number and text in changed:
            parts += [target[end:start], *changed[text]]
            end = start + len(text)
    return "".join([*parts, target[end:]]), True


def _count(edits: tuple[Edit, ...], number: str) -> int:
    return sum(edit.what is What.number and edit.known == number for edit in edits)
