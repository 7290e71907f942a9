"""A fingerprint of data: a run is never continued on other examples."""

import hashlib
import json
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from interlingua.types import Example


def digest(lines: Iterable[str]) -> str:
    """Sixteen hexadecimal digits that stand for these lines in this order."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Digest:
    """The digest of languages, texts, and targets that are classes or scores, of examples one after another."""

    def __init__(self) -> None:
        self._sum, self._between = hashlib.sha256(), b""

    def add(self, example: Example) -> None:
        target = example.target if isinstance(example.target, int | float) else None
        line = json.dumps([*example.languages, *example.texts, target])
        self._sum.update(self._between + line.encode("utf-8", "surrogatepass"))
        self._between = b"\n"

    def finish(self) -> str:
        return self._sum.hexdigest()[:16]


@runtime_checkable
class HasDigest(Protocol):
    """Examples that know theirs."""

    @property
    def digest(self) -> str: ...


def digest_of(examples: Iterable[Example]) -> str:
    """The digest of these examples; those on disk have theirs already."""
    if isinstance(examples, HasDigest):
        return examples.digest
    whole = Digest()
    for example in examples:
        whole.add(example)
    return whole.finish()
