import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import TEXTS
from interlingua import load
from interlingua.cli import run
from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.engines.export import export
from interlingua.errors import ModelFormatError


def test_the_engine_gives_the_encoders_vectors(encoder: Encoder, tmp_path: Path) -> None:
    assert export(encoder, tmp_path / "engine") < 1e-5
    engine = load(tmp_path / "engine")
    assert np.abs(engine.encode(TEXTS) - encoder.encode(TEXTS)).max() < 1e-5
    assert engine.encode([]).shape == (0, encoder.width)
    assert engine.describe()["pooling"] == "mean"


def test_the_first_vector_needs_no_torch(encoder: Encoder, tmp_path: Path) -> None:
    export(encoder, tmp_path / "engine")
    code = (
        "import sys, interlingua\n"
        f"print(interlingua.load({str(tmp_path / 'engine')!r}).encode(['hello']).shape)\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"(1, {encoder.width})", "False False"]
    assert done.stderr == ""


def swap_vectors(folder: Path) -> None:
    with np.load(folder / "golden.npz") as archive:
        vectors = archive["vectors"]
    np.savez(folder / "golden.npz", vectors=vectors[::-1])


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (swap_vectors, "differ from the golden ones"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"nonsense"), "damaged or incomplete"),
        (lambda folder: (folder / "golden.npz").unlink(), "damaged or incomplete"),
        (lambda folder: (folder / "engine.json").write_text(json.dumps({"format": 9})), "format 9"),
    ],
)
def test_a_damaged_engine_is_refused(encoder: Encoder, tmp_path: Path, damage, problem: str) -> None:
    export(encoder, tmp_path / "engine")
    damage(tmp_path / "engine")
    with pytest.raises(ModelFormatError, match=problem):
        load(tmp_path / "engine")


def test_the_command(encoder: Encoder, tmp_path: Path, capsys) -> None:
    storage.save(encoder, tmp_path / "model")
    assert run(["export", str(tmp_path / "model"), "--output", str(tmp_path / "engine"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["largest_difference"] < 1e-5
    assert run(["export", str(tmp_path / "engine"), "--output", str(tmp_path / "again")]) == 2
    assert "is an engine already" in capsys.readouterr().err
    assert run(["export", str(tmp_path / "model"), "--output", str(tmp_path / "model")]) == 2
    assert "is no engine" in capsys.readouterr().err
