"""What the kinds of document share: white space that makes no difference, lines that were one, what is told once."""

import re
from collections.abc import Iterable

from interlingua.folding import WITHOUT_SPACES
from interlingua.progress import is_first, log

SPACE = re.compile(r"[ \t\r\f\v]+")
"""White space that a program may break or drop; no-break spaces are signs like others."""
SOFT_HYPHEN = "\u00ad"

_told: set[str] = set()


def tidy(text: str) -> str:
    """A passage as it is seen: no white space around its lines and no more than one space in them, no empty lines, and
    no hyphens for line ends that did not come to be.
    """
    lines = (SPACE.sub(" ", line).strip() for line in text.replace(SOFT_HYPHEN, "").split("\n"))
    return "\n".join(line for line in lines if line)


def paired(text: str) -> str:
    """A text in which two escapes stood for the halves of a character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def joined(lines: Iterable[str]) -> str:
    """Lines that belong together as one: with a space between them, but none within scripts that have none."""
    text = ""
    for line in lines:
        between = "" if WITHOUT_SPACES.match(text[-1:]) and WITHOUT_SPACES.match(line[:1]) else " "
        text = text + between + line if text and line else text or line
    return text


def tell(message: str) -> None:
    """Say it, once: a document may be read several times."""
    if is_first(_told, message):
        log(message)
