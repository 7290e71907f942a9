"""Set aside examples to validate on, so that no held-out text is ever learned from, however its accents are encoded."""

import hashlib
from collections.abc import Collection, Sequence

from interlingua.data.stored import Stored
from interlingua.errors import DataError
from interlingua.folding import canonical
from interlingua.types import Example


def hold_out(examples: Sequence[Example], texts: int) -> tuple[Sequence[Example], list[Example]]:
    """Split into (train, dev): dev has every example of about `texts` source texts, chosen by their hash.

    The choice depends on the text alone: adding languages or reordering files never moves a text from one side to the
    other unless the number of source texts changes. Raises DataError if there are not at least twice as many source
    texts, or if no example is left to train on.
    """
    sources = first_texts(examples)
    if sources < 2 * texts:
        raise DataError(
            f"{sources:,} different source texts are too few to set {texts:,} aside; give --dev files or a "
            "smaller --dev-texts"
        )
    if isinstance(examples, Stored):
        dev = examples.hold_out(texts)
    else:
        held = set(sorted({canonical(example.texts[0]) for example in examples}, key=_hash)[:texts])
        dev = [example for example in examples if canonical(example.texts[0]) in held]
    train = without(examples, {text for example in dev for text in example.texts})
    if not len(train):
        raise DataError(
            f"every example shares a text with one of the {len(dev):,} set aside to validate on; give --dev files"
        )
    return train, dev


def without(examples: Sequence[Example], texts: Collection[str]) -> Sequence[Example]:
    """The examples that hold none of these texts."""
    if isinstance(examples, Stored):
        return examples.without(texts)
    known = set(map(canonical, texts))
    return [example for example in examples if known.isdisjoint(map(canonical, example.texts))]


def first_texts(examples: Sequence[Example]) -> int:
    """How many different first texts there are."""
    return (
        examples.about["first_texts"]
        if isinstance(examples, Stored)
        else len({canonical(example.texts[0]) for example in examples})
    )


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
