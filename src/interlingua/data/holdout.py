"""Set aside examples to validate on, so that no held-out text is ever learned from."""

import hashlib
from collections.abc import Sequence

from interlingua.errors import DataError
from interlingua.types import Example


def hold_out(examples: Sequence[Example], texts: int) -> tuple[list[Example], list[Example]]:
    """Split into (train, dev): dev has every example of about `texts` source texts, chosen by their hash.

    The choice depends on the text alone: adding languages or reordering files never moves a text from one side to the
    other unless the number of source texts changes. Raises DataError if there are not at least twice as many source
    texts, or if no example is left to train on.
    """
    sources = {example.texts[0] for example in examples}
    if len(sources) < 2 * texts:
        raise DataError(
            f"{len(sources):,} different source texts are too few to set {texts:,} aside; give --dev files or a "
            "smaller --dev-texts"
        )
    held = set(sorted(sources, key=lambda text: hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())[:texts])
    dev = [example for example in examples if example.texts[0] in held]
    known = {text for example in dev for text in example.texts}
    train = [example for example in examples if known.isdisjoint(example.texts)]
    if not train:
        raise DataError(
            f"every example shares a text with one of the {len(dev):,} set aside to validate on; give --dev files"
        )
    return train, dev
