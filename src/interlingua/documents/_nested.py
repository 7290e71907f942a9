"""Texts under nested names, as JSON and YAML have them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua.documents import Passage
from interlingua.errors import DataError
from interlingua.languages import is_language


def passages(content: Any, path: Path) -> Iterator[Passage]:
    """Every text by the names that lead to it, with a dot between them; items of a list are numbered from 0. A language
    that stands before all of them, as Rails has it, is no part of their names.

    Raises DataError where there is a single value, and where names are nested without end.
    """
    if not isinstance(content, dict | list):
        raise DataError("no interface strings: texts under names are expected", path)
    try:
        yield from _texts(_without_language(content, path), "")
    except RecursionError as error:
        raise DataError("no interface strings: nested too deeply", path) from error


def _without_language(content: Any, path: Path) -> Any:
    if isinstance(content, dict) and len(content) == 1:
        ((name, inside),) = content.items()
        named = name in path.name.split(".") or re.fullmatch("[a-z]{2}([-_].*)?", name)
        if isinstance(inside, dict) and named and is_language(name.replace("_", "-")):
            return inside
    return content


def _texts(value: Any, key: str) -> Iterator[Passage]:
    if isinstance(value, str):
        if value.strip():
            yield Passage(value, key, key)
    elif isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else ((str(n), item) for n, item in enumerate(value))
        for name, item in named:
            yield from _texts(item, f"{key}.{name}" if key else name)
