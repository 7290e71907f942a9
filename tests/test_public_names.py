"""The names that code outside of this package may rely on, with their signatures. A change here is a change for users:
CHANGELOG.md says so."""

import ast
import inspect
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

import interlingua
from interlingua import errors

SIGNATURES = {
    "interlingua:load": "(model, device='auto', precision='fp32', pooling=None)",
    "interlingua:load_cross_encoder": "(model, device='auto')",
    "interlingua:mine": "(source, target, margin='ratio', retrieval='max', k=4, threshold=None)",
    "interlingua:mine_texts": "(source, target, encode, *, source_language='und', target_language='und', "
    "margin='ratio', retrieval='max', k=4, threshold=None)",
    "interlingua:Encode.__call__": "(self, texts, language='und')",
    "interlingua:Example": "(texts, languages, target=None, teacher=None)",
    "interlingua:Pair": "(source, target, score)",
    # what `load` gives: an encoder, an engine or a server
    "interlingua.loading:Model.encode": "(self, texts, language='und')",
    "interlingua.loading:Model.describe": "(self)",
    "interlingua.encoders.encoder:Encoder.encode": "(self, texts, language='und', *, normalize=None)",
    "interlingua.encoders.encoder:Encoder.describe": "(self)",
    "interlingua.engines.engine:Engine.encode": "(self, texts, language='und')",
    "interlingua.engines.engine:Engine.describe": "(self)",
    "interlingua.engines.remote:Remote.encode": "(self, texts, language='und')",
    "interlingua.engines.remote:Remote.describe": "(self)",
    # what `load_cross_encoder` gives
    "interlingua.encoders.cross_encoder:CrossEncoder.outputs": "(self, pairs, max_tokens=4096)",
    "interlingua.encoders.cross_encoder:CrossEncoder.probabilities": "(self, pairs)",
    "interlingua.encoders.cross_encoder:CrossEncoder.scores": "(self, pairs)",
    "interlingua.encoders.cross_encoder:CrossEncoder.rerank": "(self, query, texts)",
    # translation memories
    "interlingua.formats:open_memory": "(path, source_language='', target_language='')",
    "interlingua.memories.lookup:entries": "(memory, source_language='', target_language='')",
    "interlingua.memories.lookup:lookup": "(segments, known, encode, k=3, threshold=0.0, language='und')",
}
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    signature = inspect.signature(resolve_name(name))
    bare = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    assert str(inspect.Signature(bare)) == SIGNATURES[name]


def test_public_names_are_these() -> None:
    assert interlingua.__all__ == [
        "Embeddings", "Encode", "Example", "InterlinguaError", "Pair", "load", "load_cross_encoder", "mine", "mine_texts",
    ]  # fmt: skip
    for name in interlingua.__all__:
        assert getattr(interlingua, name) is not None
    assert set(interlingua.__all__) | {"__version__"} == set(dir(interlingua))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        interlingua.nothing  # noqa: B018


def test_every_error_is_caught_by_its_root() -> None:
    for name in ("DataError", "ConfigError", "ModelFormatError", "RemoteError", "UnknownName", "MissingDependency"):
        assert issubclass(getattr(errors, name), interlingua.InterlinguaError)
    error = errors.DataError("no text", "a.tsv", 3)
    assert (str(error), error.path, error.line) == ("a.tsv:3: no text", "a.tsv", 3)


def test_models_have_a_width() -> None:
    for name in ("loading:Model", "encoders.encoder:Encoder", "engines.remote:Remote"):
        assert isinstance(resolve_name(f"interlingua.{name}.width"), property)


def test_what_the_documentation_imports_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for code in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            imports = [node for node in ast.parse(code).body if isinstance(node, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), str(page), "exec"), {})
