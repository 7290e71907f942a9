"""Language codes: what people write (deu, zh_CN, iw) as BCP-47, with names and scripts; "und" where a language is not known."""

from functools import lru_cache

from interlingua.errors import DataError

UNKNOWN = "und"


@lru_cache(maxsize=4096)
def standard(code: str) -> str:
    """The shortest BCP-47 form: "deu" and "ger" are "de", "cmn" is "zh", "zh_CN" is "zh-CN". Raises DataError for what is no language."""
    import langcodes

    if code == UNKNOWN:
        return code
    try:
        found = langcodes.standardize_tag(code.strip().replace("_", "-"), macro=False)
        language = langcodes.Language.get(found)
        if language.language is None or not langcodes.tag_is_valid(found):
            raise ValueError(code)
    except (ValueError, LookupError) as error:
        raise DataError(
            f"{code!r} is not a language code; use BCP-47 or ISO 639, such as de, deu, pt-BR, zh-Hant, or und for unknown"
        ) from error
    return "zh" + found.removeprefix("cmn") if found == "cmn" or found.startswith("cmn-") else found


def same(one: str, other: str) -> bool:
    """Whether two codes name one language, region aside: en and en-US do, zh-Hans and zh-Hant do not."""
    import langcodes

    first, second = langcodes.Language.get(standard(one)), langcodes.Language.get(standard(other))
    return first.language == second.language and (first.script or "") == (second.script or "")


def name(code: str) -> str:
    """The English name: "German" for "de"."""
    import langcodes

    return langcodes.Language.get(standard(code)).display_name()


def script(code: str) -> str:
    """The ISO 15924 code of the script a language is mostly written in: "Cyrl" for "ru", "" where it is not known."""
    import langcodes

    return langcodes.Language.get(standard(code)).maximize().script or ""
