"""The texts of one side, one at a time: lines or rows as they are, or documents split into sentences; of one
language if asked.
"""

from collections.abc import Iterator
from pathlib import Path

from interlingua.data.passages import sentences
from interlingua.errors import ConfigError
from interlingua.languages import UNKNOWN, standard
from interlingua.machine import within
from interlingua.progress import log

BLOCK, CHARACTERS = 1024, 1 << 22
"""Texts whose language is identified together, fewer where they have so many characters."""


def texts(path: Path, language: str, split: bool, identify: bool, srx: Path | None = None) -> Iterator[str]:
    """Texts of a file, split into sentences where `split` and where they are paragraphs of a document, by the
    rules of `srx` if given; those of another language than `language` left out where `identify`.

    Raises DataError, with the line, where the file cannot be read, ConfigError where a language is needed and none is
    given.
    """
    if identify and language == UNKNOWN:
        raise ConfigError("--identify keeps texts of a language: give --source-language and --target-language")
    read = (one.text for passage in sentences(path, language, split, srx) for one in passage)
    return _of_language(read, path, language) if identify else read


def _of_language(texts: Iterator[str], path: Path, language: str) -> Iterator[str]:
    from interlingua.data.identify import are_kin, identify

    language, other = standard(language), 0
    for block in within(texts, BLOCK, CHARACTERS, len):
        for text, code in zip(block, identify(block), strict=True):
            if code == UNKNOWN or are_kin(code, language):
                yield text
            else:
                other += 1
    if other:
        log(f"{path}: left out {other:,} texts that are not in {language}")
