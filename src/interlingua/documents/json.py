"""JSON of interface strings: nested objects of texts (i18next, Rails, Vue), Flutter's ARB, messages.json of browsers'
extensions. Plurals and selects of ICU are left alone: they are the text of their key.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua.documents import Passage, Reader
from interlingua.errors import DataError
from interlingua.files import whole_text

MESSAGE = {"message", "description", "placeholders"}
"""The names in an object that stands for one message of an extension."""


def passages(path: Path) -> Iterator[Passage]:
    """Every text by the names that lead to it, with a dot between them; items of a list are numbered from 0. Raises
    DataError, with the line, for what is not JSON, and for a single value.
    """
    try:
        content = json.loads(whole_text(path))
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error.msg})", path, error.lineno) from error
    except (RecursionError, ValueError) as error:  # brackets without end, a number of thousands of digits
        raise DataError("not the JSON of interface strings: nested too deeply, or a number too long", path) from error
    if not isinstance(content, dict | list):
        raise DataError("not the JSON of interface strings: an object of texts is expected", path)
    try:
        yield from _texts(content, "")
    except RecursionError as error:
        raise DataError("not the JSON of interface strings: nested too deeply", path) from error


def _texts(value: Any, key: str) -> Iterator[Passage]:
    if isinstance(value, str):
        if value.strip():
            yield Passage(value, key, key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, _inside(key, str(number)))
    elif isinstance(value, dict):
        if isinstance(value.get("message"), str) and value.keys() <= MESSAGE:
            value = {"": value["message"]}
        for name, item in value.items():
            if not name.startswith("@"):  # what ARB says about a message, or about the file
                yield from _texts(item, _inside(key, name))


def _inside(key: str, name: str) -> str:
    return f"{key}.{name}" if key and name else key or name


READER = Reader(suffixes=(".json", ".arb"), passages=passages)
