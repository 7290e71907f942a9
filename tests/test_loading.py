"""From the name of a model to what is loaded."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

import interlingua
from interlingua import loading
from interlingua.encoders import storage, transformers_folder
from interlingua.encoders.encoder import Encoder
from interlingua.errors import InterlinguaError, ModelFormatError
from interlingua.export.export import export


@pytest.mark.parametrize(("name", "revision"), [("some/model", None), ("some/model@v2.1", "v2.1")])
def test_a_hub_name_may_have_a_revision(
    name: str, revision: str | None, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def download(repository: str, **options: Any) -> str:
        asked.update(options, repository=repository)
        return str(tmp_path / "model")

    storage.save(encoder, tmp_path / "model")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    for variable in ("INTERLINGUA_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    loading.load(name)
    assert (asked["repository"], asked["revision"]) == ("some/model", revision)
    monkeypatch.setenv("INTERLINGUA_OFFLINE", "1")
    with pytest.raises(ModelFormatError, match="offline mode forbids"):
        loading.load(name)


def test_every_kind_of_weights_that_is_read_is_fetched() -> None:
    wanted = [
        *transformers_folder.WEIGHTS,
        "2_Dense/pytorch_model.bin",
        "2_Dense/model.safetensors",
        "1_Pooling/config.json",
    ]
    wanted += ["tokenizer.json", "modules.json", "pytorch_model-00001-of-00002.bin", "model-00001-of-00002.safetensors"]
    for file in wanted:
        assert any(fnmatch(file, pattern) for pattern in loading.HUB_FILES), file
    for file in ("tf_model.h5", "onnx/model.onnx", "rust_model.ot", "flax_model.msgpack", "training_args.bin"):
        assert not any(fnmatch(file, pattern) for pattern in loading.HUB_FILES), file


def test_what_no_model_takes_is_one_error_of_ours(encoder: Encoder, tmp_path: Path) -> None:
    """As a user's program meets it: here, types are checked before it is called."""
    storage.save(encoder, tmp_path / "model")
    export(encoder, tmp_path / "engine", "fp32")
    code = """
import pickle
import interlingua
from interlingua.errors import InterlinguaError
def refused(call):
    try:
        call()
    except InterlinguaError:
        return
    raise SystemExit("not refused")
for name in ("model", "engine"):
    model = interlingua.load(name)
    for language in (None, 5, b"de", ["de"], {}):
        refused(lambda: model.encode(["a"], language) if language != ["de"] or name == "engine" else model.encode(["a"], [5]))
    again = pickle.loads(pickle.dumps(model))
    assert (again.encode(["one"]) == model.encode(["one"])).all()
refused(lambda: interlingua.load("model", precision="fp8"))
refused(lambda: interlingua.load("model", device=None))
refused(lambda: interlingua.load("model", device="abacus"))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    "name", ["a" * 5000, "./" + "a" * 300, "~/" + "a" * 300, "package:numpy/" + "a" * 5000, "a\0b", "\ud800"]
)
def test_a_name_that_no_folder_can_have(name: str) -> None:
    for call in (interlingua.load, interlingua.load_cross_encoder, loading.fingerprint, loading.judges_pairs):
        with pytest.raises(ModelFormatError, match=re.escape(str(InterlinguaError(name)))):
            call(name)
