"""The command line: finds the command, runs it, and turns what a user can mend into one line and exit code 2."""

import os
import sys
from typing import TYPE_CHECKING

from interlingua import discovery
from interlingua.errors import InterlinguaError
from interlingua.version import __version__

if TYPE_CHECKING:
    from cyclopts import App

DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130


def application() -> "App":
    """The commands, each imported only when it is called."""
    from cyclopts import App, Parameter

    app = App(
        name="interlingua",
        help="Text in any language to vectors in one shared space, and those vectors put to work.",
        version=__version__,
        help_format="plaintext",
        default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
        suppress_keyboard_interrupt=False,  # run() has a word to say on Ctrl-C
    )
    for name, choice in discovery.choices("commands").items():
        app.command(f"{choice.module}:{choice.stem}", name=name, help=discovery.summary(choice.file))
    return app


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    from cyclopts import CycloptsError

    try:
        application()(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()  # a reader that has gone is found here, not at the interpreter's exit
    except InterlinguaError as error:
        sys.stderr.write(f"error: {error}\n")
        return BAD_INPUT
    except CycloptsError as error:
        sys.stderr.write(
            f"error: {_one_line(error)} (interlingua {' '.join(_command(arguments))}--help shows the usage)\n"
        )
        return BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write(
            "interrupted; a finished part is kept, and the same command with --resume (where there is one) continues\n"
        )
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; say nothing more to it
        return DONE
    return DONE


def _command(arguments: list[str]) -> list[str]:
    named = [word for word in arguments[:2] if not word.startswith("-")]
    return [*(named if named[:1] in (["train"], ["evaluate"], ["tm"]) else named[:1]), ""]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))
