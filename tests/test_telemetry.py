"""No library writes into the user's folders or calls its maker by itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from interlingua import telemetry, tokenization
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.export.export import export
from tests.conftest import TEXTS, peer

ENCODE = """
import sys, time
from interlingua import load
load(sys.argv[1]).encode(["a text", "another"])
time.sleep(float(sys.argv[2]))
"""
CONVERT = """
import sys
from interlingua.telemetry import openvino
library = openvino()
library.convert_model(sys.argv[1])
assert "openvino_telemetry.main" not in sys.modules
"""
ONNXRUNTIME_WAITS = 75
"""Seconds until onnxruntime first looks for its maker's host."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("telemetry") / "engine"
    tokenizer = tokenization.train(TEXTS * 3, 600, max_tokens=32)
    config = transformer.Config(layers=1, width=16, heads=2, feedforward=32)
    body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    export(Encoder(tokenizer=tokenizer, body=body), folder)
    return str(folder)


def environment(folder: Path) -> dict[str, str]:
    """That of a user who has set nothing, with folders of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in telemetry.SWITCHES}
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    return {**kept, "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": "", "CI": ""}


def written(folder: Path) -> list[str]:
    return [str(file.relative_to(folder)) for name in ("home", "tmp") for file in (folder / name).rglob("*")]


def test_an_engine_leaves_nothing_in_the_users_folders(engine: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", ENCODE, engine, "0"], env=environment(tmp_path), check=True, timeout=120)
    assert written(tmp_path) == []


def test_openvino_finds_nothing_to_send_with(tmp_path: Path) -> None:
    peer("openvino")
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "one", [x], [y])
    file = tmp_path / "model.onnx"
    file.write_bytes(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)]).SerializeToString()
    )
    code = [sys.executable, "-W", "ignore", "-c", CONVERT, str(file)]
    subprocess.run(code, env=environment(tmp_path), check=True, timeout=120)
    assert written(tmp_path) == []


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "0")
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    telemetry.switch_off()
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "0"
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_no_process_calls_anybody(engine: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace.txt"
    command = ["strace", "-f", "-e", "trace=connect", "-o", str(trace), sys.executable, "-c", ENCODE, engine]
    subprocess.run([*command, str(ONNXRUNTIME_WAITS + 25)], env=environment(tmp_path), check=True, timeout=300)
    assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []
