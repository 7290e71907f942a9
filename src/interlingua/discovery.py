"""A folder's modules are its choices: the file name is the key. The one mechanism behind every menu.

Another package adds to a menu by an entry point of the group "interlingua.FOLDER" (interlingua.recipes, say), whose
value is a module like those in the folder. It cannot replace a choice of this package.
"""

import ast
import pkgutil
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from interlingua.errors import ConfigError, MissingDependency, UnknownName

TRAINING = ("torch", "transformers", "safetensors", "sentencepiece")
"""Packages of the extra `train`, which a choice may import as it is imported."""


@dataclass(frozen=True)
class Choice:
    """One entry of a menu: a module, found and described without being imported."""

    module: str
    """Its dotted name."""
    file: Path

    @property
    def stem(self) -> str:
        """The last part of the module's name."""
        return self.module.rpartition(".")[2]

    @property
    def own(self) -> bool:
        """Whether it is a module of this package."""
        return self.module.startswith("interlingua.")


def choices(folder: str) -> dict[str, Choice]:
    """The modules of `folder` (such as "recipes" or "evaluation/tasks") by the name a user types: my_recipe.py is
    "my-recipe".
    """
    package = "interlingua." + folder.replace("/", ".")
    own = _own(package, tuple(import_module(package).__path__))
    return dict(sorted((_installed(package) | own).items()))


@lru_cache(maxsize=64)  # a format is looked up for every file that is opened
def _own(package: str, places: tuple[str, ...]) -> dict[str, Choice]:
    modules: dict[str, Choice] = {}
    for place in places:
        for module in pkgutil.iter_modules([place]):
            if not module.name.startswith("_"):
                inside = f"{module.name}/__init__.py" if module.ispkg else f"{module.name}.py"
                modules[_name(module.name)] = Choice(f"{package}.{module.name}", Path(place) / inside)
    return modules


@lru_cache(maxsize=64)  # looking through all installed packages takes time
def _installed(package: str) -> dict[str, Choice]:
    modules: dict[str, Choice] = {}
    for entry in entry_points(group=package):
        try:
            spec = find_spec(entry.module)
        except Exception:  # of the package it is in, which is gone or broken: nobody's choice
            continue
        if spec is not None and spec.origin is not None:
            modules[_name(entry.name)] = Choice(entry.module, Path(spec.origin))
    return modules


def _name(stem: str) -> str:
    return stem.replace("_", "-")


def summary(file: Path) -> str:
    """The first paragraph of a module's docstring as one line, read without importing the module."""
    return " ".join(_docstring(file).partition("\n\n")[0].split())


def header(file: Path) -> dict[str, str]:
    """The summary and the "Name: value" lines of a module's docstring, read without importing the module.

    A value goes on in the lines behind it that are indented.
    """
    fields = re.findall(r"^([A-Z][a-z]+): (.*(?:\n[ ]+.*)*)", _docstring(file), re.MULTILINE)
    return {"Summary": summary(file)} | {name: " ".join(value.split()) for name, value in fields}


@lru_cache(maxsize=256)
def _docstring(file: Path) -> str:
    try:
        return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    except (OSError, ValueError, SyntaxError):  # of another package; whoever asks for it is told by `find`
        return ""


def _explain_missing(group: str, name: str, what: str) -> None:
    """Raise ConfigError for a choice that an installed package promises and does not have."""
    for entry in entry_points(group=group):
        if _name(entry.name) == name:
            package = entry.dist.name if entry.dist else "another package"
            raise ConfigError(
                f"the {what} {name} is the module {entry.module} of {package}, which cannot be found; install "
                f"{package} again, or uninstall it"
            )


def find(folder: str, name: str, what: str, needs: Iterable[str] = ()) -> ModuleType:
    """Import one choice by name.

    Raises UnknownName, which lists the choices, and ConfigError for a module of another package that cannot be
    imported, and for one without what it `needs` to define.
    """
    known = choices(folder)
    if name not in known:
        _explain_missing("interlingua." + folder.replace("/", "."), name, what)
        raise UnknownName(what, name, known)
    try:
        module = import_module(known[name].module)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in TRAINING:
            raise MissingDependency(f"the {what} {name}", "train") from error
        if known[name].own:
            raise
        raise ConfigError(
            f"{known[name].file}: the module {known[name].module} cannot be imported ({type(error).__name__}: "
            f"{error}); mend it, or uninstall the package that adds it"
        ) from error
    for needed in needs:
        if not hasattr(module, needed):
            raise ConfigError(
                f"{known[name].file}: the module {known[name].module} is no {what}, as it does not define {needed}; "
                "define it, or uninstall the package that adds the module"
            )
    return module
