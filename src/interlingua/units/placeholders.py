"""What in a text a program fills in or reads: placeholders, HTML tags, entities."""

import re
from collections.abc import Iterator

NAME = r"[A-Za-z_][\w.\-]*(?:\[\w*\])*"
IN_PROSE = r"[\w$]|[.,]\d|['’]\w"
"""Behind %1, what makes it a share as Turkish and Basque write it: %1,9 and %1'den."""
PLACEHOLDER = re.compile(
    rf"""
    %%                                                                     # a per cent sign of printf: none
  | \{{\{{[^{{}}\n]+\}}\}}                                                 # Mustache, Angular, Jinja
  | [$%\#]\{{[^{{}}\s]+\}} | \$\({NAME}\)                                  # shells, Ruby, JavaScript
  | (?P<icu>\{{\s*(?:{NAME}|\d+)\s*,\s*(?:plural|select|selectordinal|choice)\s*,)
  | \{{\s*(?:{NAME}|\d+)?(?:![rsa])?(?:\s*,[^{{}}]*|:[^{{}}]*)?\}}         # Python, .NET, ICU
  | %\(\w+\)[-+0\#]*\d*(?:\.\d+)?[a-zA-Z]                                  # Python's names
  | (?<!\d)%(?:\d+\$)?'?[-+0\#]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|L|q|j|z|t)?
    (?:[sd@]|[iouxXeEfFgGaAcCpSn](?!(?u:\w)))                             # printf
  | %[A-Z][A-Z0-9_]+%                                                      # Windows
  | (?P<qt>(?<![\d%])%L?[1-9]\d?(?!{IN_PROSE}))                             # Qt, KDE
  | </?[A-Za-z][\w:.\-]*(?:\s+[\w:.\-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*\s*/?>
  | &(?:[A-Za-z][A-Za-z0-9]{{1,31}}|\#\d{{1,7}}|\#[xX][0-9A-Fa-f]{{1,6}});
    """,
    re.VERBOSE | re.ASCII,
)


FIRST_OF_QT = re.compile(rf"(?<![\d%])%L?1(?!{IN_PROSE})")
"""The first of Qt's; without it, %5 is a share as Turkish and Basque write it."""


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where placeholders stand, in order: those of printf (`%s`, `%1$d`, `%(name)s`), of Qt (`%1`), of Python, .NET
    and ICU (`{0}`, `{name}`; `{n, plural, ...}` is one), of templates (`${x}`, `%{x}`, `{{x}}`), HTML tags and
    entities.

    Per cent signs, braces and angle brackets of prose are none ("100 % sure", "5 < 6"), as far as that can be seen.
    """
    place, closing, is_qt = 0, None, None
    while match := PLACEHOLDER.search(text, place):
        place = match.end()
        if match["icu"]:
            closing = _closing_braces(text) if closing is None else closing
            if match.start() not in closing:
                continue
            place = closing[match.start()]
        if match["qt"]:
            is_qt = bool(FIRST_OF_QT.search(text)) if is_qt is None else is_qt
            if not is_qt:
                continue
        if match[0] != "%%":
            yield match.start(), place


def _closing_braces(text: str) -> dict[int, int]:
    """The end of each pair of braces, by its beginning."""
    opened, found = list[int](), dict[int, int]()
    for brace in re.finditer("[{}]", text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened:
            found[opened.pop()] = brace.end()
    return found
