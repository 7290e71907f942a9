"""Parameters that several commands share, each explained once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import is_dataclass
from inspect import BoundArguments
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, ArgumentCollection, Group, Parameter, Token

from interlingua import discovery, quantities
from interlingua.errors import ConfigError
from interlingua.machine import Precision
from interlingua.outputs import is_stream

_LOCAL = "a folder, package:NAME[/SUBFOLDER], {}a Hugging Face name (NAME@REVISION for a revision)"
MODEL = _LOCAL.format("") + ", or an embeddings server: http://HOST/v1[#MODEL]."
"""What can be named as a model."""


def _paths(kind: Any, tokens: Sequence[Token]) -> Path | tuple[Path, ...]:
    for token in tokens:
        if token.value.startswith("-") and token.value != "-":
            raise ValueError(f"Unknown option: {token.value}")  # a file of such a name is given as ./--name
    paths = tuple(Path(token.value) for token in tokens)
    return paths[0] if kind is Path else paths


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


_MODEL = Parameter(alias="-m", help=_sentence(MODEL))
STDIO = Parameter(allow_leading_hyphen=True, converter=_paths)
"""Of a path that may be "-". Without the converter, all that begins with a hyphen would be taken for a file."""
Model = Annotated[str, _MODEL]
LocalModel = Annotated[str, Parameter(help=_sentence(_LOCAL.format("or ") + "."))]
OptionalModel = Annotated[str | None, _MODEL]
Device = Annotated[
    str, Parameter(help="Where to compute: cpu, cuda, cuda:1 or mps; auto takes a GPU where there is one.")
]
Arithmetic = Annotated[
    Precision,
    Parameter(help="Arithmetic of an encoder: fp32, bf16, fp16 or tf32; auto takes bf16 where the device has it."),
]
Output = Annotated[Path, Parameter(alias="-o")]
OutputOrStdout = Annotated[Path, Parameter(alias="-o"), STDIO]
Input = Annotated[Path, STDIO]
Srx = Annotated[
    Path | None,
    Parameter(help="Split texts into sentences by the segmentation rules of this SRX 2.0 file instead of our own."),
]
Inputs = Annotated[tuple[Path, ...], STDIO]
Flag = Annotated[bool, Parameter(negative=())]
Json = Annotated[bool, Parameter(negative=(), help="Print the result as JSON instead of text.")]

STDOUT = Path("-")
OUTPUTS = ("output", "former_output", "rejected", "curve", "plot", "work", "rest", "conflicts", "table", "report")
"""Parameters that name what is written."""
MODELS = ("model", "base", "cross_encoder", "teacher", "student", "start", "compare")
"""Texts that may be the name of a folder which is read."""
UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def menu(name: str, summary: str, **more: Any) -> App:
    """A command whose subcommands do the work. `more` goes to cyclopts' App."""
    return App(
        name=name,
        help=summary,
        help_format="plaintext",
        default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
        group_arguments=Group("Arguments", validator=_check_numbers),
        group_parameters=Group("Parameters", validator=_check_numbers),
        **more,
    )


def _check_numbers(arguments: ArgumentCollection) -> None:
    """Raise ConfigError for a number that its option cannot be; cyclopts itself would round 1.5 where a whole one is
    needed. Tokens are those of the command line, and of the files of --config.
    """
    for argument in arguments:
        kinds = quantities.kinds_of(argument.hint)
        for token in argument.tokens if kinds else ():
            if token.value.lower() not in ("", "none", "null"):
                file = f"{token.source}: " if token.source != "cli" else ""
                if not token.value.isascii():  # Python reads the digits of every script
                    raise ConfigError(f"{file}{argument.name} {token.value}: write the number in digits from 0 to 9")
                quantities.require(f"{file}{argument.name}", _number(token.value), kinds)


def _number(text: str) -> int | float:
    """The number in a text that cyclopts has read as one."""
    try:
        return int(text, 0)
    except ValueError:
        return float(text)


def menu_of(folder: str, module: str, summary: str) -> App:
    """The choices of a folder as subcommands, each of which `module` makes when it is called, as its attribute."""
    app = menu(module.rpartition(".")[2], summary)
    for name, choice in discovery.choices(folder).items():
        app.command(f"{module}:{_attribute(name)}", name=name, help=discovery.summary(choice.file))
    return app


def choice_of(folder: str, attribute: str) -> str:
    """The choice whose command is this attribute of the menu's module. Raises AttributeError where there is none."""
    for name in discovery.choices(folder):
        if _attribute(name) == attribute:
            return name
    raise AttributeError(attribute)


def _attribute(name: str) -> str:
    return name.replace("-", "_")


def size(flag: str, text: str) -> int:
    """4G, 800M, 1.5G: as bytes. Raises ConfigError for anything else."""
    number, unit = text.strip().upper().removesuffix("B").removesuffix("I"), ""
    if number[-1:] in UNITS and number:
        number, unit = number[:-1], number[-1]
    try:
        asked = int(float(number.encode("ascii")) * UNITS[unit])  # float takes the digits of every script
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"{flag} {text!r} is no size; write it like 800M or 4G") from error
    if asked <= 0:
        raise ConfigError(f"{flag} {text!r} must be more than nothing")
    return asked


def check_apart(bound: BoundArguments) -> None:
    """Raise ConfigError where an output is what is read, or another output: writing it would destroy that."""
    flags = {
        name: f"--{name.replace('_', '-')}" if one.kind is one.KEYWORD_ONLY else name.upper()
        for name, one in bound.signature.parameters.items()
    }
    given = list(_given(bound.arguments))
    for place, (name, path) in enumerate(given):
        if name not in OUTPUTS or path == STDOUT or is_stream(path):
            continue
        for other, read in given[:place] + given[place + 1 :]:
            if _is_same(path, read):
                one, two = (flags.get(option, f"--{option.replace('_', '-')}") for option in (name, other))
                raise ConfigError(f"{one} {path} is the same as {two} {read}; give the output a name of its own")


def _given(options: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """What options name on the disk. A cache, and the folders of other runs, are read and written alike."""
    for name, value in options.items():
        if name == "config" and is_dataclass(value):
            yield from _given(vars(value))
        elif name != "config_files" and not name.endswith("cache"):
            for one in value if isinstance(value, tuple | list) else (value,):  # pyright: ignore[reportUnknownVariableType]
                if isinstance(one, Path) or (isinstance(one, str) and name in MODELS):
                    yield name, Path(one)
                elif isinstance(one, str) and name == "memory":  # FILE or FILE:POINTS
                    yield name, Path(one)
                    yield name, Path(one.rpartition(":")[0] or one)


def _is_same(one: Path, other: Path) -> bool:
    with suppress(OSError, ValueError):  # a name that no file can have is for others to refuse
        return os.path.realpath(one) == os.path.realpath(other) or os.path.samefile(one, other)
    return False
