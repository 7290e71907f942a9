"""Language codes: what people write (deu, zh_CN, iw) as BCP-47, with names and scripts; "und" where a language is
not known.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from interlingua.errors import ConfigError, DataError

UNKNOWN = "und"
# Test sets name the main variety by ISO 639-3, everything else by the code of the whole: one language must not have two
# names.
MAIN_VARIETIES = {
    "als": "sq", "arb": "ar", "azj": "az", "cmn": "zh", "ekk": "et", "fil": "tl", "khk": "mn", "lvs": "lv", "npi": "ne",
    "ory": "or",
    "pes": "fa", "plt": "mg", "swh": "sw", "uzn": "uz", "ydd": "yi", "zsm": "ms",
}  # fmt: skip
NEWER = ("tok",)
"""In ISO 639-3, not yet in the library's copy of the registry."""


@lru_cache(maxsize=4096)
def standard(code: str) -> str:
    """The shortest BCP-47 form: "deu" and "ger" are "de", "cmn" is "zh", "zh_CN" is "zh-CN". Raises DataError for
    what is no language.
    """
    import langcodes

    if code.strip().lower() == UNKNOWN:
        return UNKNOWN
    try:
        tag = langcodes.standardize_tag(code.strip().replace("_", "-"), macro=False)
        language = langcodes.Language.get(tag)
        if language.language is None or not (langcodes.tag_is_valid(tag) or tag in NEWER):
            raise ValueError(code)
    except (ValueError, LookupError) as error:
        raise DataError(
            f"{code!r} is not a language code; use BCP-47 or ISO 639, such as de, deu, pt-BR, zh-Hant, or und for "
            "unknown"
        ) from error
    return "-".join((MAIN_VARIETIES.get(language.language, language.language), *tag.split("-")[1:]))


def is_language(code: str) -> bool:
    """Whether `standard` knows it."""
    try:
        standard(code)
    except DataError:
        return False
    return True


@lru_cache(maxsize=4096)
def same(one: str, other: str) -> bool:
    """Whether two codes name one language in one script, region aside: en and en-US do; zh and zh-TW, zh-Hans and
    zh-Hant do not.
    """
    return standard(one).split("-")[0] == standard(other).split("-")[0] and script(one) == script(other)


def require(asked: Iterable[str], served: Sequence[str]) -> None:
    """Raise ConfigError where a language is asked of a model that was trimmed to others; one without a list serves
    all.
    """
    for language in set(asked) - {UNKNOWN}:
        if served and not any(same(language, kept) for kept in served):
            raise ConfigError(
                f"this model was trimmed to {', '.join(served)} and cannot encode {language}; use the model it was "
                "made of"
            )


def name(code: str) -> str:
    """The English name: "German" for "de"."""
    import langcodes

    return langcodes.Language.get(standard(code)).display_name()


@lru_cache(maxsize=4096)
def script(code: str) -> str:
    """The ISO 15924 code of the script a language is mostly written in: "Cyrl" for "ru", "" where it is not known."""
    import langcodes

    return "" if standard(code) == UNKNOWN else langcodes.Language.get(standard(code)).maximize().script or ""
