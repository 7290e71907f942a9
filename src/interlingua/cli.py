"""The command line: finds the command, runs it, and turns what a user can mend into one line and exit code 2."""

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from interlingua import discovery
from interlingua.errors import InterlinguaError
from interlingua.machine import is_one_of_several
from interlingua.version import __version__

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130


def application(arguments: list[str]) -> "App":
    """The commands, each imported only when it is called; a recipe in a file of the user's is one as well."""
    from interlingua import parameters

    app = parameters.menu(
        "interlingua",
        "Turn text in any language into embeddings in one shared space, and use these embeddings.",
        version=__version__,
        suppress_keyboard_interrupt=False,  # run() has a word to say on Ctrl-C
    )
    for name, choice in discovery.choices("commands").items():
        command = f"{choice.module}:{choice.stem}"
        if not choice.own:  # it may be broken, which concerns only who asks for it
            asked = arguments[:1] == [name]
            command = (
                vars(discovery.find("commands", name, "command", (choice.stem,)))[choice.stem] if asked else _other
            )
        app.command(command, name=name, help=discovery.summary(choice.file))
    if arguments[:1] == ["train"] and arguments[1:2]:
        from interlingua.commands import train

        if arguments[1].endswith(".py"):
            app["train"].command(train.command_of(Path(arguments[1])), name=arguments[1])
        app.config = train.options_of(arguments[1], arguments[2:])
    return app


def _other() -> None:
    """Another package's command, while it is not the one asked for."""


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    from cyclopts import CycloptsError

    if is_one_of_several() and arguments[:1] != ["train"]:
        sys.stderr.write("error: torchrun starts several processes, which only train shares work among; leave it out\n")
        return BAD_INPUT
    try:
        application(arguments)(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()  # a reader that has gone is found here, not at the interpreter's exit
    except InterlinguaError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except CycloptsError as error:
        named = "".join(f"{name} " for name in application([]).parse_commands(arguments)[0])
        sys.stderr.write(f"error: {_mistake(error)} (interlingua {named}--help shows the usage)\n")
        return BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write(
            "interrupted; a finished part is kept, and the same command with --resume (where there is one) continues\n"
        )
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()  # the reader has gone; say nothing more to it
        return DONE
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _drop_output()
        sys.stderr.write(f"error: no space is left to write to {error.filename or 'standard output'}; make some\n")
        return BAD_INPUT
    return DONE


def _drop_output() -> None:
    """What is still in standard output's buffer goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _mistake(error: "CycloptsError") -> str:
    """What is wrong with a command line. Where a value is missing, a flag that is none may be the one that was meant,
    and is named first.
    """
    from cyclopts import MissingArgumentError

    if not isinstance(error, MissingArgumentError) or error.argument is None:
        return _one_line(error)
    own = set(error.argument.names)
    flags = [token.partition("=")[0] for token in error.unused_tokens or () if token.startswith("-")]
    # the values of --config were read before the command line, which leaves its tokens over
    unknown = next((flag for flag in flags if flag not in own and flag != "--config"), None)
    missing = f"{error.argument.name} {'needs a value' if own & set(flags) or error.keyword else 'is missing'}."
    return missing if unknown is None else f"Unknown option: {unknown}. {missing}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def main() -> None:
    """The console script."""
    code = run(sys.argv[1:])
    if is_one_of_several():  # threads of gloo may still be there, at which an interpreter that goes down aborts
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
