"""A small document of each kind, and what it says."""

import json
from typing import NamedTuple


class Sample(NamedTuple):
    """A file, and its texts in order."""

    content: bytes
    texts: tuple[str, ...]


STRINGS = {"menu": {"open": "Open the file", "close": "Close all files"}, "rain": "It rains today"}
TEXTS = ("Open the file", "Close all files", "It rains today")
SAMPLES: dict[str, Sample] = {
    **dict.fromkeys(
        (".json", ".arb"),
        Sample(json.dumps(STRINGS).encode(), TEXTS),
    ),
    **dict.fromkeys(
        (".yaml", ".yml"),
        Sample(b"menu:\n  open: Open the file\n  close: Close all files\nrain: It rains today\n", TEXTS),
    ),
    ".properties": Sample(b"# menu\nopen=Open the file\nclose = Close all files\nrain: It \\\n  rains today\n", TEXTS),
    ".xml": Sample(
        b'<resources><string name="open">Open the file</string>\n<string name="close">Close all\nfiles</string>'
        b'<string-array name="rain"><item>It rains today</item></string-array></resources>',
        TEXTS,
    ),
    **dict.fromkeys(
        (".resx", ".resw"),
        Sample(
            b'<root><data name="open"><value>Open the file</value></data>'
            b'<data name="close"><value>Close all files</value></data>'
            b'<data name="rain"><value>It rains today</value></data></root>',
            TEXTS,
        ),
    ),
    ".strings": Sample(
        b'/* menu */\n"open" = "Open the file";\n"close" = "Close all files";\nrain="It rains today";', TEXTS
    ),
    ".stringsdict": Sample(
        b'<?xml version="1.0"?><plist version="1.0"><dict><key>open</key><string>Open the file</string>'
        b"<key>n</key><dict><key>n</key><dict><key>one</key><string>Close all files</string>"
        b"<key>other</key><string>It rains today</string></dict></dict></dict></plist>",
        TEXTS,
    ),
}
