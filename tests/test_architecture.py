"""The house rules, read from the source."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import interlingua
from interlingua import discovery

SOURCE = Path(interlingua.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
WITH_TORCH = {"encoders", "objectives", "training", "tensors"}
"""Parts of the package that may import torch. Recipes, engines/export and the quickstart may import these parts."""
ABOVE = {"recipes", "quickstart", "new_language", "commands"}


def imports(file: Path, everywhere: bool) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if everywhere else iter(tree.body)
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_layers(file: Path) -> None:
    here = part(file)
    allowed_torch = here in WITH_TORCH | ABOVE or file.name == "export.py"
    for name in imports(file, everywhere=False):
        if not allowed_torch:
            assert name.split(".")[0] not in ("torch", "transformers", "safetensors"), f"{file} imports {name}"
            assert not any(name.startswith(f"interlingua.{layer}") for layer in WITH_TORCH | {"recipes"}), f"{file} imports {name}"
        if here not in ("commands", "cli", "__main__"):
            assert not name.startswith(("interlingua.cli", "interlingua.commands")), f"{file} imports {name}"
        if here in WITH_TORCH:
            assert not name.startswith("interlingua.recipes"), f"{file} imports {name}"
        if here == "encoders":
            assert not name.startswith(("interlingua.training", "interlingua.objectives")), f"{file} imports {name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_files_are_small_and_named_for_what_they_hold(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300
    assert not re.fullmatch(r"(utils?|common|helpers?|misc|base|core|manager)\.py", file.name)
    text = file.read_text(encoding="utf-8")
    assert not text or ast.get_docstring(ast.parse(text)), f"{file} does not say why it exists"


def test_public_names_exist_and_are_all_there_are() -> None:
    assert sorted(interlingua.__all__) == interlingua.__all__
    for name in interlingua.__all__:
        assert getattr(interlingua, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        interlingua.nothing  # noqa: B018


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_is_quiet_and_light() -> None:
    loaded = python("import sys, interlingua; print(' '.join(sys.modules))").split()
    assert not {"numpy", "torch", "faiss", "scipy", "onnxruntime", "rich"} & set(loaded)


def test_help_imports_neither_numpy_nor_torch() -> None:
    code = "import sys; from interlingua.cli import run; run(['--help']); run(['train', '--help']); print(' '.join(sys.modules))"
    assert not {"numpy", "torch"} & set(python(code).splitlines()[-1].split())


def test_recipes_have_complete_headers() -> None:
    for name, file in discovery.choices("recipes").items():
        header = discovery.header(file)
        assert header.keys() >= {"Summary", "Paper", "Command", "Measured"}, name
        assert f"interlingua train {name}" in header["Command"]
