"""The options of a run from files: TOML, or the configuration that another run left behind."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interlingua.errors import ConfigError

FLAT = ("optimization", "supervision")
"""Groups of options whose flags bear no prefix. A file may name them as tables, or their options by themselves."""
OF_ONE_RUN = ("output", "resume")
"""What another run's configuration says of that run alone."""


def named_files(arguments: Sequence[str]) -> list[Path]:
    """The files that a command line names with --config, in its order."""
    files: list[Path] = []
    taking = False
    for argument in arguments:
        flag, _, value = argument.partition("=")
        if argument.startswith("-"):
            taking = flag == "--config"
            files += [Path(value)] if taking and value else []
        elif taking:
            files.append(Path(argument))
    return files


def read(file: Path, recipe: str) -> dict[str, Any]:
    """The options in a file, by their names: of a TOML file, of the config.json of a run, or of a run's folder.

    Of a run everything is taken but `output` and `resume`: what repeats it must not write into it. Raises ConfigError
    for what cannot be read, and for options of another recipe.
    """
    file = file / "config.json" if file.is_dir() else file
    try:
        content: Any = file.read_bytes().decode("utf-8")
        content = json.loads(content) if file.suffix == ".json" else tomllib.loads(content)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}; --config names a TOML file, or the folder of a run") from error
    except ValueError as error:  # json's, tomllib's and UTF-8's are
        kind = "JSON" if file.suffix == ".json" else "TOML"
        raise ConfigError(f"{file}: this is no {kind} ({error})") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{file}: options by their names are needed, found {type(content).__name__}")
    options: dict[str, Any] = dict(content)
    theirs = options.pop("recipe", recipe)
    if theirs != recipe and not recipe.endswith(".py"):
        raise ConfigError(
            f"{file} holds options of the recipe {theirs}, not of {recipe}; use interlingua train {theirs}"
        )
    if "config" in options and "resolved" in options:
        options = {name: value for name, value in options["config"].items() if name not in OF_ONE_RUN}
    elif "config" in options:
        raise ConfigError(f"{file}: --config stands on a command line, not in a file")
    for group in FLAT:
        if isinstance(options.get(group), dict):
            inner: dict[str, Any] = options.pop(group)
            if twice := {_flag(name) for name in inner} & {_flag(name) for name in options}:
                raise ConfigError(f"{file}: {min(twice)} stands both in [{group}] and outside of it")
            options |= inner
    return options


def _flag(name: str) -> str:
    return name.replace("_", "-")
