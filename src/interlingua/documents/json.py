"""JSON of interface strings: nested objects of texts (i18next, Vue), Flutter's ARB, messages.json of browsers'
extensions. Plurals and selects of ICU are left alone: they are the text of their key.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.documents import Passage, Reader, _nested
from interlingua.documents._text import tell
from interlingua.errors import DataError
from interlingua.files import whole_text

MESSAGE = {"message", "description", "placeholders"}
"""The names in an object that stands for one message of an extension."""


class _Message(str):
    """What stood in such an object."""


def passages(path: Path) -> Iterator[Passage]:
    """Every text by the names that lead to it. Raises DataError, with the line, for what is not JSON of texts."""
    twice = set[str]()
    try:
        content = json.loads(whole_text(path), object_pairs_hook=partial(_object, twice))
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error.msg})", path, error.lineno) from error
    except (RecursionError, ValueError) as error:  # brackets without end, a number of thousands of digits
        raise DataError("no interface strings: nested too deeply, or a number too long", path) from error
    if twice:
        tell(f"{path}: {len(twice):,} names stand twice in one object; the last counts: {', '.join(sorted(twice)[:5])}")
    yield from _nested.passages({"message": content} if isinstance(content, _Message) else content, path)


def _object(twice: set[str], pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Message:
    """Without what ARB says about a message, or about the file; names that stand `twice` are put there."""
    named = dict[str, Any]()
    for name, value in pairs:
        if name in named:
            twice.add(name)
        if not name.startswith("@"):
            named[name] = value
    text = named.get("message")
    return _Message(text) if isinstance(text, str) and named.keys() <= MESSAGE else named


READER = Reader(suffixes=(".json", ".arb"), passages=passages)
