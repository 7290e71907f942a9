"""Killed at random moments, commands leave whole outputs, and the same command finishes the work: a few kills of some."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "reliability" / "kills.py"


@pytest.mark.slow
def test_kills_leave_whole_outputs(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--kills", "8", "--only", "encode npy", "tm convert tmx", "packs add"]
    result = tmp_path / "result.json"
    done = subprocess.run([*command, "--result", str(result)], capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    (figures,) = json.loads(result.read_text(encoding="utf-8"))["promises"].values()
    assert (figures["tried"], figures["lost"]) == (24, 0)
    assert figures["found"]["killed"] > 12
