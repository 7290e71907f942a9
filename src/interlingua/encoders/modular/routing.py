"""Which language each text is in, so that a modular encoder takes it through the parts of that language."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeGuard, TypeVar

from interlingua.encoders.modular import body as modular
from interlingua.errors import DataError
from interlingua.languages import UNKNOWN, name, same, standard
from interlingua.progress import is_first, log

Result = TypeVar("Result")


def languages_of(texts: Sequence[str], language: str | Sequence[str], body: Any) -> list[str]:
    """The language of each text: the one given, or where that is "und" and the body modular, the one the text is
    identified as.

    Says on stderr, once a body and language, which texts have no pack and take the shared body. Raises DataError where
    languages are given one by one and are not as many as the texts.
    """
    given = [language] * len(texts) if isinstance(language, str) else list(language)
    require_as_many(texts, given)
    if not has_packs(body):
        return given
    given = [standard(one) for one in given]
    unknown = [row for row, one in enumerate(given) if one == UNKNOWN]
    if unknown:
        for row, identified in zip(unknown, _identified([texts[row] for row in unknown]), strict=True):
            given[row] = identified
    _tell(given, body)
    return given


def require_as_many(texts: Sequence[str], languages: Sequence[str]) -> None:
    """Raise DataError where languages are not as many as the texts."""
    if len(languages) != len(texts):
        raise DataError(
            f"{len(texts):,} texts and {len(languages):,} languages; give one language for all, or one a text"
        )


def has_packs(body: Any) -> TypeGuard[modular.Body]:
    """Whether languages make a difference."""
    return isinstance(body, modular.Body) and len(body.packs) > 0


def groups(languages: Sequence[str]) -> dict[str, list[int]]:
    """The rows of each language."""
    rows: dict[str, list[int]] = {}
    for row, language in enumerate(languages):
        rows.setdefault(language, []).append(row)
    return rows


def each(
    texts: Sequence[str], languages: Sequence[str], do: Callable[[Sequence[str], str], list[Result]]
) -> list[Result]:
    """What `do` makes of the texts of each language, in the order of the texts."""
    results: dict[int, Result] = {}
    for language, rows in groups(languages).items():
        results.update(zip(rows, do([texts[row] for row in rows], language), strict=True))
    return [results[row] for row in range(len(texts))]


def _tell(languages: Sequence[str], body: modular.Body) -> None:
    pivots = {pack.pivot for pack in body.packs.values() if isinstance(pack, modular.Pack)}
    for language, rows in groups(languages).items():
        known = body.pack(language) is not None or any(
            language != UNKNOWN and same(language, pivot) for pivot in pivots
        )
        if not known and is_first(body.told, language):
            what = (
                "of unknown language"
                if language == UNKNOWN
                else f"in {name(language)} ({language}), for which there is no pack"
            )
            log(
                f"{len(rows):,} texts {what}: the shared body encodes them; packs are for "
                f"{', '.join(sorted(body.packs))}"
            )


def _identified(texts: Sequence[str]) -> list[str]:
    try:
        identify = import_module("interlingua.data.identify").identify
    except ModuleNotFoundError:
        log(f"{len(texts):,} texts name no language, and this installation cannot identify it; name it with --language")
        return [UNKNOWN] * len(texts)
    return [standard(language) for language in identify(texts)]
