"""Mutations that know what an input is made of: pieces of text, and what is packed in a compressed file."""

import gzip
import random
import re
from collections.abc import Callable

import zstandard

Mutate = Callable[[bytes, int], bytes]
"""Mutates bytes to at most so many, knowing nothing."""


def behind_first_line(
    data: bytes, longest: int, seed: int, pieces: str, tokens: tuple[str, ...], blind: Mutate
) -> bytes:
    """The same for all but the first line, which says what the rest is."""
    head, _, rest = data.partition(b"\n")
    return head + b"\n" + mutated(rest, max(1, longest - len(head) - 1), seed, pieces, tokens, blind)


def mutated(data: bytes, longest: int, seed: int, pieces: str, tokens: tuple[str, ...], blind: Mutate) -> bytes:
    """Half of the time blindly; else pieces are doubled, dropped, moved, exchanged or replaced by a token."""
    chance = random.Random(seed)
    if chance.random() < 0.5:
        return blind(data, longest)
    if data[:2] == b"\x1f\x8b" or data[:4] == b"\x28\xb5\x2f\xfd":
        return _repacked(data, longest, seed, pieces, tokens, blind)
    parts = re.findall(pieces, data.decode("utf-8", "surrogateescape"), re.DOTALL)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at, other = (chance.randrange(len(parts) + 1) for _ in "12")
        match chance.randrange(5):
            case 0 if tokens:
                parts.insert(at, chance.choice(tokens))
            case 1 if tokens:
                parts[at : at + 1] = [chance.choice(tokens)]
            case 2:
                parts[at:at] = parts[other : other + chance.randrange(1, 9)]
            case 3:
                del parts[at : at + chance.randrange(1, 4)]
            case _:
                parts[at : at + 1], parts[other : other + 1] = parts[other : other + 1], parts[at : at + 1]
    return "".join(parts).encode("utf-8", "surrogateescape")[:longest]


def _repacked(data: bytes, longest: int, seed: int, pieces: str, tokens: tuple[str, ...], blind: Mutate) -> bytes:
    """What is in a compressed file mutated, and compressed again."""
    zipped = data[:2] == b"\x1f\x8b"
    try:
        content = gzip.decompress(data) if zipped else zstandard.decompress(data, max_output_size=1 << 16)
    except Exception:  # damaged already
        return blind(data, longest)
    content = mutated(content[: 1 << 16], longest, seed + 1, pieces, tokens, blind)
    return (gzip.compress(content, mtime=0) if zipped else zstandard.compress(content))[:longest]
