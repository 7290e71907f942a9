"""A fingerprint of data: a run is never continued on other examples."""

import hashlib
import json
from collections.abc import Iterable

from interlingua.types import Example


def digest(lines: Iterable[str]) -> str:
    """Sixteen hexadecimal digits that stand for these lines in this order."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def digest_of(examples: Iterable[Example]) -> str:
    """The digest of languages, texts, and targets that are classes or scores."""
    return digest(
        json.dumps([*e.languages, *e.texts, e.target if isinstance(e.target, int | float) else None]) for e in examples
    )
