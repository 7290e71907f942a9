"""Markdown (.md, .markdown; CommonMark with tables): paragraphs, headings, list items, cells and notes, their inline
markup reduced to its text; what images show stands behind the text that they are in.

Front matter is no text. Blocks of code and of HTML are left out, and counted.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from interlingua.documents import Passage, Reader
from interlingua.documents._text import joined, tell, tidy
from interlingua.errors import DataError
from interlingua.files import whole_text

if TYPE_CHECKING:
    from markdown_it.token import Token

LARGEST = 1 << 20
"""Characters of a document, whose blocks the parser holds at once: of tiny ones with four hundred bytes a character."""
LONGEST = 1 << 16
"""Characters of a block of text: the time for one of brackets alone grows with their square."""
FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?:[ \t]*\n|#[^\n]*\n)*[\w\"'.-]+[ \t]*:.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
    r"|\+\+\+[ \t]*\n.*?\n\+\+\+[ \t]*(?:\n|\Z)",
    re.DOTALL,
)
NOTE = re.compile(r"^\[\^[^\]\s]{1,99}\]:[ \t]*", re.MULTILINE)
"""What begins a note; as an item of a list, which it then is, it ends the paragraph before it."""
MARK = re.compile(r"\[\^[^\]\s]{1,99}\]|^\[[ xX]\][ \t]+|[ \t]*\{#[^}\n]{0,99}\}[ \t]*$")
"""What refers to a note, a box to tick, the name of a heading."""
LEFT_OUT = ("fence", "code_block", "html_block")


def passages(path: Path) -> Iterator[Passage]:
    """The texts of blocks in order, with the line where each begins. Raises DataError for a document of more than
    LARGEST characters, and for a block of more than LONGEST.
    """
    from markdown_it import MarkdownIt

    source = whole_text(path).replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > LARGEST:
        raise DataError(f"refused: Markdown of more than {LARGEST >> 20} MB; break the file into several", path)
    if front := FRONT_MATTER.match(source):
        source = "\n" * front[0].count("\n") + source[front.end() :]
    blocks = MarkdownIt("commonmark").enable("table").disable("inline")
    inline = MarkdownIt("commonmark").enable("strikethrough")
    known: dict[str, object] = {}  # what links refer to
    left_out = 0
    for block in blocks.parse(NOTE.sub("- ", source), known):
        left_out += block.type in LEFT_OUT
        if block.type == "inline" and block.map is not None:
            line = block.map[0] + 1
            if len(block.content) > LONGEST:
                raise DataError(f"refused: a paragraph of more than {LONGEST >> 10} KB; break it up", path, line)
            for text in _texts(inline.parseInline(MARK.sub("", block.content), known)[0].children or ()):
                yield Passage(text, f"line {line:,}")
    if left_out:
        tell(f"{path}: left out {left_out:,} blocks of code or HTML")


def _texts(parts: "Sequence[Token]") -> Iterator[str]:
    """The text of a block, and what its images show."""
    lines, images = [""], list[str]()
    for part in parts:
        if part.type == "softbreak":
            lines.append("")
        elif part.type == "hardbreak" or (part.type == "html_inline" and part.content.lower().startswith("<br")):
            lines[-1] += "\n"
        elif part.type == "image":
            images += _texts(part.children or ())
        elif part.type in ("text", "text_special", "code_inline"):
            lines[-1] += part.content
    yield from filter(None, map(tidy, (joined(line.strip(" ") for line in lines), *images)))


READER = Reader(suffixes=(".md", ".markdown"), passages=passages, prose=True)
