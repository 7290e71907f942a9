"""A commit gives the same wheel and sdist, bit for bit."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import peer

HERE = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.skipif(not (HERE / ".git").exists(), reason="needs the repository")
def test_two_builds_are_the_same(tmp_path: Path) -> None:
    peer("hatchling")
    script = [sys.executable, str(HERE / "scripts" / "reproducible.py")]
    done = subprocess.run(script, capture_output=True, text=True, check=True, timeout=280)
    assert [line.split()[1].rpartition(".")[2] for line in done.stdout.splitlines()] == ["whl", "gz"]
    (tmp_path / "other.whl").write_bytes(b"")
    assert subprocess.run([*script, str(tmp_path)], capture_output=True, timeout=280).returncode == 1
