"""What a language pack says of itself: pack.json."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from interlingua.errors import DataError, ModelFormatError
from interlingua.languages import standard
from interlingua.model_files import Description, Strict, read_card

FORMAT = 2
READ = {1: False, FORMAT: True}
"""The formats that are read, and whether they have checksums."""


class Size(Strict, kw_only=True):
    """One kind of adapters."""

    kind: Literal["parallel", "low rank"]
    inner: Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class Card(Description, kw_only=True):
    """What pack.json holds."""

    language: str
    pivot: str
    base: str
    vocabulary_size: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    max_tokens: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    adapters: dict[str, Size]
    body: bool


def read_pack_card(folder: Path) -> Card:
    """What a pack says of itself. Raises ModelFormatError where it says nothing this version understands."""
    if not (folder / "pack.json").exists():
        raise ModelFormatError("not a language pack: it has no pack.json", folder)
    card = read_card(folder / "pack.json", Card, READ)
    try:
        standard(card.language)
    except DataError as error:
        raise ModelFormatError(str(error), folder) from error
    return card
