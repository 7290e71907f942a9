"""A small document of each kind, and what it says."""

import json
from typing import NamedTuple

from tests.documents.packages import W, open_document, paragraph, shapes, slides, word


class Sample(NamedTuple):
    """A file, and its texts in order."""

    content: bytes
    texts: tuple[str, ...]


STRINGS = {"menu": {"open": "Open the file", "close": "Close all files"}, "rain": "It rains today"}
TEXTS = ("Open the file", "Close all files", "It rains today")
RAIN = ("The rain", "It rains today.", "A cloud")
PAGE = b"""<html><head><title>The rain</title></head><body><p>It rains <b>today</b>.</p><img alt="A cloud"></body></html>"""
MARKDOWN = b"# The rain\n\nIt rains *today*.\n\n- A cloud\n"
SAID = b"1\n00:00:01,000 --> 00:00:02,000\nThe rain is\n\n2\n00:00:02,000 --> 00:00:03,000\nhere.\n\n3\n00:00:09,000 --> 00:00:10,000\nA cloud\n"
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
    ".docx": Sample(
        word(
            paragraph("The rain"), paragraph("It rains ", "today."), header=f"<w:hdr {W}>{paragraph('A cloud')}</w:hdr>"
        ),
        RAIN,
    ),
    ".pptx": Sample(
        slides(shapes("sld", "The rain", "It rains."), shapes("sld", "A cloud")), ("The rain", "It rains.", "A cloud")
    ),
    ".odt": Sample(open_document("<text:h>The rain</text:h><text:p>It rains.</text:p>"), ("The rain", "It rains.")),
    ".odp": Sample(
        open_document(
            "<draw:page><text:p>The rain</text:p><text:p>It rains.</text:p></draw:page>", kind="presentation"
        ),
        ("The rain", "It rains."),
    ),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Sample(PAGE, RAIN)),
    **dict.fromkeys((".md", ".markdown"), Sample(MARKDOWN, RAIN)),
    ".srt": Sample(SAID, ("The rain is here.", "A cloud")),
    ".vtt": Sample(b"WEBVTT\n\n" + SAID.replace(b",", b"."), ("The rain is here.", "A cloud")),
}
