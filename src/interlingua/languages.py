"""Language codes: what people write (deu, zh_CN, iw) as BCP-47, with names and scripts; "und" where a language is
not known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Any

from interlingua.errors import ConfigError, DataError, InputTypeError

UNKNOWN = "und"
# Test sets name the main variety by ISO 639-3, everything else by the code of the whole: one language must not have two
# names.
MAIN_VARIETIES = {
    "als": "sq", "arb": "ar", "azj": "az", "cmn": "zh", "ekk": "et", "fil": "tl", "khk": "mn", "lvs": "lv", "npi": "ne",
    "ory": "or",
    "pes": "fa", "plt": "mg", "swh": "sw", "uzn": "uz", "ydd": "yi", "zsm": "ms",
}  # fmt: skip
OPTIONS = ("pivot", "write", "to", "cross")
"""Options that take languages, beside those that are called so."""
NEWER = ("tok",)
"""In ISO 639-3, not yet in the library's copy of the registry."""


def standard(code: str) -> str:
    """The shortest BCP-47 form: "deu" and "ger" are "de", "cmn" is "zh", "zh_CN" is "zh-CN". Raises DataError for
    what is no language.
    """
    tag = _standard(code)
    if tag is None:
        raise DataError(
            f"{code!r} is not a language code; use BCP-47 or ISO 639, such as de, deu, pt-BR, zh-Hant, or und for "
            f"unknown{_hint(code)}"
        )
    return tag


@lru_cache(maxsize=4096)
def spelled(code: str) -> str:
    """A tag as it is usually spelled (RFC 5646, 2.1.1): EN_us is en-US, ZH-HANT is zh-Hant. Case and the underscore of
    gettext and Java make no difference to what it says.
    """
    first, *rest = code.strip().replace("_", "-").split("-")
    parts, is_region = [first.lower()], True
    for part in rest:
        is_region = is_region and len(part) > 1  # what follows a singleton is an extension
        shape = str.upper if len(part) == 2 else str.title if len(part) == 4 and part.isalpha() else str.lower
        parts.append(shape(part) if is_region else part.lower())
    return "-".join(parts)


def is_language(code: str) -> bool:
    """Whether `standard` knows it."""
    return _standard(code) is not None


@lru_cache(maxsize=4096)
def _standard(code: str) -> str | None:
    if code.strip().lower() == UNKNOWN:
        return UNKNOWN
    import langcodes

    try:
        tag = langcodes.standardize_tag(code.strip().replace("_", "-"), macro=False)
        language = langcodes.Language.get(tag)
    except (ValueError, LookupError):
        return None
    if language.language is None or not (langcodes.tag_is_valid(tag) or tag in NEWER):
        return None
    return "-".join((MAIN_VARIETIES.get(language.language, language.language), *tag.split("-")[1:]))


def _hint(name: str) -> str:
    """What was meant, where it is the name of a language in English or in itself."""
    import langcodes

    if not name.isprintable():  # the library looks names up in a tree that a NUL leads astray
        return ""
    try:
        found = langcodes.find(name.strip()).language
    except LookupError:
        return ""
    return f". Did you mean {found!r}?" if found else ""


@lru_cache(maxsize=4096)
def same(one: str, other: str) -> bool:
    """Whether two codes name one language in one script, region aside: en and en-US do; zh and zh-TW, zh-Hans and
    zh-Hant do not.
    """
    return standard(one).split("-")[0] == standard(other).split("-")[0] and script(one) == script(other)


def require(asked: Iterable[str], served: Sequence[str]) -> None:
    """Raise DataError for what is no language, ConfigError where a language is asked of a model that was trimmed to
    others; one without a list serves all. Raises InputTypeError for what is no text at all.
    """
    asked = list(asked)
    for language in asked:
        if not isinstance(language, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputTypeError(f"a language is a str, such as 'de', not a {type(language).__name__}")
    for language in set(asked) - {UNKNOWN}:
        standard(language)
        if served and not any(same(language, kept) for kept in served):
            raise ConfigError(
                f"this model was trimmed to {', '.join(served)} and cannot encode {language}; use the model it was "
                "made of"
            )


def check_options(options: Mapping[str, Any]) -> None:
    """Raise DataError where an option that takes languages was given something else, whether a model uses it or not.

    Such options are called language, languages, or end so, or are in `OPTIONS`; a recipe's Config holds options, too.
    """
    for option, value in options.items():
        if option in OPTIONS or option.endswith(("language", "languages")):
            given = (value,) if isinstance(value, str) else value if isinstance(value, (tuple, list)) else ()
            for code in (part for one in given if isinstance(one, str) for part in one.split(",")):
                standard(code)
        elif option == "config" and is_dataclass(value):
            check_options(vars(value))


def name(code: str) -> str:
    """The English name: "German" for "de"."""
    import langcodes

    return langcodes.Language.get(standard(code)).display_name()


@lru_cache(maxsize=4096)
def script(code: str) -> str:
    """The ISO 15924 code of the script a language is mostly written in: "Cyrl" for "ru", "" where it is not known."""
    import langcodes

    return "" if standard(code) == UNKNOWN else langcodes.Language.get(standard(code)).maximize().script or ""
