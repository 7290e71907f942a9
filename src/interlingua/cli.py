"""The command line: finds the command, runs it, and turns what a user can mend into one line and exit code 2."""

import errno
import inspect
import io
import os
import re
import signal
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from cyclopts import App, CycloptsError, MissingArgumentError

from interlingua import discovery, languages, network, parameters, telemetry
from interlingua.errors import ConfigError, InterlinguaError
from interlingua.machine import is_one_of_several
from interlingua.version import __version__

DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130
ABOUT_NAMES = {errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENOTDIR, errno.EROFS}
"""What the system may say of a name that a user gave, wherever it is looked at first."""
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF, errno.EIO)
"""What writing fails with where a disk is full or standard output is closed."""
OFFLINE = "--offline"


def application(arguments: list[str]) -> App:
    """The commands, each imported only when it is called; a recipe in a file of the user's is one as well."""
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
    app.command(_other, name=OFFLINE, help="With any command: nothing is fetched or sent (or INTERLINGUA_OFFLINE=1).")
    if arguments[:1] == ["train"] and arguments[1:2]:
        from interlingua.commands import train

        if arguments[1].endswith(".py"):
            app["train"].command(train.command_of(Path(arguments[1])), name=arguments[1])
        app.config = train.options_of(arguments[1], arguments[2:])
    if "--help" in arguments or "-h" in arguments:
        _explain(app, arguments)
    return app


def _explain(app: App, arguments: list[str]) -> None:
    """Give the page of the command asked for all of its description; lists of commands have its first sentence."""
    for word in arguments:
        if word not in app or word.startswith("-"):
            break
        app = app[word]
    described = inspect.cleandoc(getattr(app.default_command, "__doc__", None) or "").split("\nParameters\n")[0]
    if described:
        app.help = "\n\n".join(" ".join(part.split()) for part in described.split("\n\n"))


def _other() -> None:
    """A command that help lists and that is not the one asked for: another package's, or what `run` has heeded."""


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        _call(_heeded(arguments))
    except KeyboardInterrupt:
        sys.stderr.write(
            "interrupted; finished parts are kept: give the same command again, with --resume where it has one\n"
        )
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()  # the reader has gone; say nothing more to it
    except Exception as error:
        problem = _problem(error)
        if problem is None:
            raise
        sys.stderr.write(f"error: {InterlinguaError(problem)}\n")
        return error.exit_code if isinstance(error, InterlinguaError) else BAD_INPUT
    return DONE


def _call(arguments: list[str]) -> None:
    if is_one_of_several() and arguments[:1] != ["train"]:
        raise ConfigError("torchrun starts several processes, which only train shares work among; leave it out")
    command, bound, _ = application(arguments).parse_args(arguments, exit_on_error=False, print_error=False)
    languages.check_options(bound.arguments)
    parameters.check_apart(bound)
    command(*bound.args, **bound.kwargs)
    sys.stdout.flush()  # a reader that has gone is found here, not at the interpreter's exit


def _problem(error: Exception) -> str | None:
    """What a user can mend, in one line; None for a bug."""
    if isinstance(error, InterlinguaError):
        return str(error)
    if isinstance(error, CycloptsError):
        usage = " ".join(("interlingua", *(error.command_chain or ()), "--help"))
        return f"{_mistake(error)} ({usage} shows the usage)"
    if isinstance(error, OSError):
        return _refusal(error)
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error)):
        asked = re.search(r"allocate (\d+ bytes|[\d.]+ \w+)", str(error))
        told = f" ({asked[1]} more were asked for)" if asked else ""
        return f"there is not enough memory for this{told}; give smaller sizes, batches or inputs"
    return None


def _refusal(error: OSError) -> str | None:
    """What the system refuses and a user can mend: a name, or an output; None for anything else."""
    if error.errno in ABOUT_NAMES and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if error.errno not in UNWRITABLE:
        return None
    _drop_output()
    where = error.filename or "standard output"
    if error.errno == errno.ENOSPC:
        return f"no space is left to write to {where}; make some"
    return f"{where} cannot be written ({error.strerror})"


def _heeded(arguments: list[str]) -> list[str]:
    """A command line without --offline, wherever it stands, once this process and those it starts are in that mode."""
    if OFFLINE in arguments:
        network.go_offline()
        telemetry.switch_off()
    if network.is_offline():
        network.guard()
    return [argument for argument in arguments if argument != OFFLINE]


def _drop_output() -> None:
    """What is still in standard output's buffer goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _mistake(error: CycloptsError) -> str:
    """What is wrong with a command line. Where a value is missing, a flag that is none may be the one that was meant,
    and is named first.
    """
    if not isinstance(error, MissingArgumentError) or error.argument is None or error.app is None:
        return " ".join(str(error).split())
    own = set(error.argument.names)
    left = [*(error.unused_tokens or ())]
    negative = next((two for one, two in pairwise(left) if one in own and re.match(r"-\.?\d", two)), None)
    if negative is not None:
        return f"{error.argument.name} needs a value, not {negative}."
    flags = [token.partition("=")[0] for token in left if token.startswith("-")]
    known = {name for argument in error.app.assemble_argument_collection() for name in argument.names}
    unknown = next((flag for flag in flags if flag not in known), None)
    missing = f"{error.argument.name} {'needs a value' if own & set(flags) or error.keyword else 'is missing'}."
    return missing if unknown is None else f"Unknown option: {unknown}. {missing}"


class _Messages(io.FileIO):
    """Standard error: where it cannot be written, messages are lost, and the work goes on."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _open_streams() -> None:
    """A standard stream that is closed fails when it is written to, as others do; no file that is opened later takes
    its number.
    """
    for number, way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)  # takes the lowest number that is free
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        _Messages(2, "w", closefd=False), sys.stderr.encoding if sys.stderr else "utf-8", "backslashreplace",
        line_buffering=True, write_through=True,
    )  # fmt: skip


def _end_as_on_ctrl_c() -> None:
    """SIGTERM, and a terminal that is closed, are as good as Ctrl-C, unless whoever started this (nohup) has them
    ignored.
    """

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)


def main() -> None:
    """The console script."""
    _open_streams()
    _end_as_on_ctrl_c()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # data, whatever the machine's own encoding is
    code = run(sys.argv[1:])
    if is_one_of_several():  # threads of gloo may still be there, at which an interpreter that goes down aborts
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
