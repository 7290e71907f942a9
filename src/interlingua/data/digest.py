"""A fingerprint of data: a run is never continued on other examples."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol, runtime_checkable

from interlingua.folding import canonical
from interlingua.types import Example


class Digest:
    """Sixteen hexadecimal digits that stand for lines, which come one after another."""

    def __init__(self) -> None:
        self._sum, self._between = hashlib.sha256(), b""

    def add(self, line: str) -> None:
        self._sum.update(self._between + line.encode("utf-8", "surrogatepass"))
        self._between = b"\n"

    def finish(self) -> str:
        return self._sum.hexdigest()[:16]


def digest(lines: Iterable[str]) -> str:
    """Sixteen hexadecimal digits that stand for these lines in this order."""
    whole = Digest()
    for line in lines:
        whole.add(line)
    return whole.finish()


def as_line(example: Example) -> str:
    """All that makes examples equal: languages, texts, and a target that is a class or a score."""
    target = example.target if isinstance(example.target, int | float) else None
    return json.dumps([*example.languages, *example.texts, target])


def canonical_example(example: Example) -> Example:
    """An example with texts in their canonical form: what is equal to another says the same."""
    texts = tuple(map(canonical, example.texts))
    return example if texts == example.texts else replace(example, texts=texts)


@runtime_checkable
class HasDigest(Protocol):
    """Examples that know theirs."""

    @property
    def digest(self) -> str: ...


def digest_of(examples: Iterable[Example]) -> str:
    """The digest of these examples; those on disk have theirs already."""
    if isinstance(examples, HasDigest):
        return examples.digest
    return digest(as_line(example) for example in examples)
