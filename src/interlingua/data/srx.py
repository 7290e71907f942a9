"""Sentences by the segmentation rules of an SRX 2.0 file, such as translation tools keep and exchange."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax import SAXException

from interlingua.errors import DataError, MissingDependency
from interlingua.files import whole_text
from interlingua.languages import standard


def splitter(path: Path, language: str) -> Callable[[str], list[str]]:
    """What gives the sentences of a text in a language, without the space around them.

    Rules are regular expressions of whoever wrote them: one that never ends takes as long here. Raises DataError for
    what is no SRX 2.0, for a rule that cannot be compiled and where no rules are those of the language, and
    MissingDependency.
    """
    try:
        import regex
        from choppa import SrxDocument, SrxTextIterator  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise MissingDependency("splitting by SRX rules", "documents") from error
    if "<!ENTITY" in whole_text(path):
        raise DataError("refused: SRX needs no entities; write them out", path)
    try:
        rules: Any = SrxDocument(ruleset=str(path))
        name = max(_names(standard(language)), key=lambda name: len(rules.get_language_rule_list(name)))
        found = any(rule.rules for rule in rules.get_language_rule_list(name))
        list(SrxTextIterator(rules, name, "A text. Another.") if found else ())  # compiles them
    except SAXException as error:
        raise DataError(f"not SRX 2.0 ({error})", path) from error
    except (regex.error, AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"these SRX rules cannot be used ({error})", path) from error
    if not found:
        raise DataError(f"no rules for {language!r}: choose the language, or add a languagemap for it", path)

    def split(text: str) -> list[str]:
        return [one for piece in SrxTextIterator(rules, name, text) if (one := piece.strip())]

    return split


def _names(language: str) -> list[str]:
    """How patterns of SRX files may write a language: they are compared letter by letter."""
    dashed = [language, language.upper()]
    return [*dashed, *(name.replace("-", "_") for name in dashed), f"{language.split('-')[0]}_two"]
