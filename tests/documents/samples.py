"""A small document of each kind, and what it says."""

import json
from typing import NamedTuple


class Sample(NamedTuple):
    """A file, and its texts in order."""

    content: bytes
    texts: tuple[str, ...]


STRINGS = {"menu": {"open": "Open the file", "close": "Close all files"}, "rain": "It rains today"}
SAMPLES: dict[str, Sample] = {
    **dict.fromkeys(
        (".json", ".arb"),
        Sample(json.dumps(STRINGS).encode(), ("Open the file", "Close all files", "It rains today")),
    ),
}
