"""What a caller hands over as texts, held against that once, before anything is computed of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from interlingua.errors import DataError, InputTypeError


def texts_of(given: Any, what: str = "texts") -> list[str]:
    """Texts as a list, of any iterable of str: a list, a generator, a column of pandas, an array of numpy or pyarrow.

    Raises InputTypeError for anything else, with the place of the first that is no str, and DataError for half a
    character.
    """
    texts = list(_items(given, what, "str"))
    for place, text in enumerate(texts):
        if type(text) is not str:
            if not isinstance(text, str):
                raise InputTypeError(
                    f"text {place + 1:,} is no str but {_name(text)}; leave it out, or give '' ({what}[{place}])"
                )
            texts[place] = text = str.__str__(text)  # of a subclass such as numpy's
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise DataError(
                    f"text {place + 1:,} holds a lone surrogate, half a character: {text[:60]!a} ({what}[{place}])"
                ) from error
    return texts


def pairs_of(given: Any, what: str = "pairs") -> list[tuple[str, str]]:
    """Pairs of texts as a list, of any iterable of two texts each. Raises InputTypeError and DataError as `texts_of`
    does.
    """
    pairs: list[tuple[str, str]] = []
    for place, pair in enumerate(_items(given, what, "pairs of str", axes=(1, 2))):
        texts = texts_of(pair, f"{what}[{place}]")
        if len(texts) != 2:
            raise InputTypeError(f"pair {place + 1:,} has {len(texts):,} texts, not two ({what}[{place}])")
        pairs.append((texts[0], texts[1]))
    return pairs


def _items(given: Any, what: str, kind: str, axes: tuple[int, ...] = (1,)) -> Iterator[Any]:
    if isinstance(given, str | bytes | bytearray):
        raise InputTypeError(f"{what}: an iterable of {kind} is needed, not {_name(given)}; give one text as [text]")
    if isinstance(given, Mapping) or getattr(given, "ndim", 1) not in axes:
        raise InputTypeError(f"{what}: an iterable of {kind} is needed, not {_name(given)}; choose one column of it")
    try:
        # items of pyarrow's arrays are objects of its own
        return iter(given.to_pylist() if hasattr(given, "to_pylist") else given)
    except TypeError as error:
        raise InputTypeError(f"{what}: an iterable of {kind} is needed, not {_name(given)}") from error


def _name(given: object) -> str:
    return f"{given}, a {type(given).__name__}" if isinstance(given, int | float) else f"a {type(given).__name__}"
