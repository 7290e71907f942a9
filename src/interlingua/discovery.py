"""A folder's modules are its choices: the file name is the key. The one mechanism behind every menu."""

import ast
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

from interlingua.errors import UnknownName

_PACKAGE = Path(__file__).parent


def choices(folder: str) -> dict[str, Path]:
    """The modules of `folder` (such as "recipes" or "data/formats") by the name a user types: my_recipe.py is "my-recipe"."""
    files = sorted((_PACKAGE / folder).glob("*.py"))
    return {file.stem.replace("_", "-"): file for file in files if not file.stem.startswith("_")}


def summary(file: Path) -> str:
    """The first line of a module's docstring, read without importing the module."""
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n", 1)[0]


def defines(file: Path, function: str) -> bool:
    """Whether a module has a function of this name, read without importing the module."""
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in ast.parse(file.read_text(encoding="utf-8")).body)


def header(file: Path) -> dict[str, str]:
    """The summary and the "Name: value" lines of a module's docstring, read without importing the module."""
    lines = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n")
    named = (line.split(": ", 1) for line in lines[1:] if re.match(r"[A-Z][a-z]+: ", line))
    return {"Summary": lines[0]} | dict(named)


def find(folder: str, name: str, what: str) -> ModuleType:
    """Import one choice by name.

    Raises UnknownName, which lists the choices.
    """
    known = choices(folder)
    if name not in known:
        raise UnknownName(what, name, known)
    return import_module(f"interlingua.{folder.replace('/', '.')}.{known[name].stem}")
