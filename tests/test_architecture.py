"""The house rules, read from the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import interlingua
from interlingua import discovery

SOURCE = Path(interlingua.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
FLOORS = (
    "version", "shapes", "errors", "network", "telemetry", "quantities", "types", "discovery", "languages", "progress", "printing", "files", "machine", "outputs", "resumable", "model_files",
    "texts", "vectors", "folding", "tokenizer_rules", "tokenization", "coverage", "units", "documents", "formats", "data", "encoding", "engines", "search", "placement", "tensors",
    "encoders", "interchange", "loading", "mining", "memories", "evaluation", "export", "training", "objectives",
    "recipes", "journeys", "parameters", "commands", "cli", "__main__",
)  # fmt: skip
"""The rooms from the ground up: a room imports from those before it, and from nothing behind it."""
WITH_TORCH = {"placement", "tensors", "encoders", "interchange", "export", "training", "objectives"}
"""Rooms whose files may import torch as they are imported."""
ABOVE = {"recipes", "journeys", "commands"}
"""Rooms that may import those."""


def module_of(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(file): file for file in FILES}


def imports(file: Path, everywhere: bool = True) -> Iterator[str]:
    """The dotted names that a file imports, inside functions and by import_module too; of names, the module they are in."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if everywhere else iter(tree.body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (
                part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


ARROWS = {
    module: {name for name in imports(file) if name in MODULES and name not in (module, "interlingua")}
    for module, file in MODULES.items()
    if module != "interlingua"
}


def test_every_room_has_its_floor() -> None:
    assert {room(module) for module in MODULES} - {"__init__"} == set(FLOORS)


def test_no_arrow_points_upward() -> None:
    height = {name: floor for floor, name in enumerate(FLOORS)}
    upward = [
        f"{module} -> {name}"
        for module, names in ARROWS.items()
        for name in names
        if height[room(name)] > height[room(module)]
    ]
    assert upward == []


def test_no_circle() -> None:
    try:
        TopologicalSorter(ARROWS).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_torch_is_imported_where_it_is_used(file: Path) -> None:
    here = room(module_of(file))
    if here in WITH_TORCH | ABOVE:
        return
    for name in imports(file, everywhere=False):
        assert name.split(".")[0] not in ("torch", "transformers", "safetensors"), f"{file} imports {name}"
        assert not name.startswith("interlingua.") or room(name) not in WITH_TORCH, f"{file} imports {name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_files_are_small_and_named_for_what_they_hold(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300
    assert not re.fullmatch(r"(utils?|common|helpers?|misc|base|core|manager)\.py", file.name)
    text = file.read_text(encoding="utf-8")
    assert not text or ast.get_docstring(ast.parse(text)), f"{file} does not say why it exists"


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def unverified(tree: ast.AST) -> Iterator[str]:
    """Public functions that use their `Encode` in another way than to verify it, or to hand it to another public one."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name.startswith(("_", "verified")):
            continue
        given = {
            one.arg
            for one in function.args.args
            if one.annotation and "Encode" in ast.unparse(one.annotation).split(" | ")
        }
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        if any(ast.unparse(call) == f"verified({name})" for call in calls for name in given):
            continue
        for call in calls:
            callee = ast.unparse(call.func)
            handed = {
                part.id for part in [*call.args, *(one.value for one in call.keywords)] if isinstance(part, ast.Name)
            }
            private = callee.rpartition(".")[2].startswith("_") or callee == "partial"
            if callee in given or (given & handed and private):
                yield f"{function.name}: {ast.unparse(call)[:60]}"


def test_what_an_encode_from_outside_gives_is_verified() -> None:
    assert list(unverified(ast.parse("def f(encode: Encode): return encode([])"))) == ["f: encode([])"]
    assert list(unverified(ast.parse("def f(encode: Encode): return _g(encode, 1)"))) == ["f: _g(encode, 1)"]
    assert not list(unverified(ast.parse("def f(encode: Encode):\n encode = verified(encode)\n return _g(encode, 1)")))
    found = {module: list(unverified(ast.parse(file.read_text(encoding="utf-8")))) for module, file in MODULES.items()}
    assert {module: names for module, names in found.items() if names} == {}


def test_importing_is_quiet_and_light() -> None:
    loaded = python("import sys, interlingua; print(' '.join(sys.modules))").split()
    assert not {"numpy", "torch", "faiss", "scipy", "onnxruntime", "rich"} & set(loaded)


def test_help_imports_neither_numpy_nor_torch() -> None:
    code = "import sys; from interlingua.cli import run; run(['--help']); run(['train', '--help']); print(' '.join(sys.modules))"
    assert not {"numpy", "torch"} & set(python(code).splitlines()[-1].split())


def test_recipes_have_complete_headers() -> None:
    for name, choice in discovery.choices("recipes").items():
        header = discovery.header(choice.file)
        assert header.keys() >= {"Summary", "Paper", "Command", "Measured"}, name
        assert f"interlingua train {name}" in header["Command"]
