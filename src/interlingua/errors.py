"""What can go wrong for a user, each with its remedy in the message.

InterlinguaError
├── DataError           a file or a row that cannot be used: path, line, what was expected
│   └── InputTypeError  a Python value of another type than texts or numbers; a TypeError as well
├── ConfigError         options that do not fit together
├── ModelFormatError    a model folder that cannot be read
├── RemoteError         a server that cannot be reached, refuses, or answers with nonsense
├── UnknownName         a name that is not among the choices, which it lists
└── MissingDependency   something to install; names the extra

They are caught once, in the command line: one line on stderr, exit code 2. Every other exception is a bug and keeps its
traceback.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

LONGEST = 2000
"""Characters of a message; of a longer one, which quotes a file, the middle is left out."""


class InterlinguaError(Exception):
    """The root of every error a user can mend."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        # what a message cites of a file must neither break its line nor command the terminal
        super().__init__(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", lambda sign: ascii(sign[0])[1:-1], message))


class DataError(InterlinguaError):
    """Input that cannot be used.

    `line` counts from 1, as editors do.
    """

    def __init__(self, problem: str, path: str | Path | None = None, line: int | None = None) -> None:
        self.path, self.line = path, line
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        cut = len(problem) > LONGEST
        super().__init__(where + (f"{problem[: LONGEST // 2]} [...] {problem[-LONGEST // 2 :]}" if cut else problem))


class InputTypeError(DataError, TypeError):
    """A Python value of another type than was asked for."""


class ConfigError(InterlinguaError):
    """Options that do not fit together."""


class ModelFormatError(InterlinguaError):
    """A model folder that cannot be read."""

    def __init__(self, problem: str, path: str | Path) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}")


class RemoteError(InterlinguaError):
    """A server that cannot be reached, refuses, or answers with nonsense."""


class UnknownName(InterlinguaError):
    """A name that is not among the choices."""

    def __init__(self, what: str, name: str, choices: Iterable[str]) -> None:
        choices = sorted(str(choice) for choice in choices)
        near = get_close_matches(name, choices, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"there is no {what} {name!r}.{hint} Choices: {', '.join(choices)}.")


class MissingDependency(InterlinguaError):
    """A package that must be installed first."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs packages that are not installed. Remedy: pip install 'interlingua[{extra}]'")
