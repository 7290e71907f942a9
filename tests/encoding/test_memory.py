"""The memory of `encode` has a ceiling, whatever the lines are: few of a megabyte, or many of kilobytes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder

ENCODE = """
import sys
from interlingua import cli
code = cli.run(["encode", sys.argv[1], "--model", sys.argv[2], "--output", sys.argv[3], "--memory", "512M"])
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))  # of this program alone
print(code, int(peak) // 1024)
"""


def peak(folder: Path, name: str, texts: list[str]) -> int:
    """Megabytes."""
    (folder / f"{name}.txt").write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    files = [str(folder / f"{name}.txt"), str(folder / "model"), str(folder / f"{name}.npy")]
    command = [sys.executable, "-W", "ignore", "-c", ENCODE, *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    code, megabytes = map(int, done.stdout.split())
    assert code == 0, done.stderr
    assert np.load(folder / f"{name}.npy", mmap_mode="r").shape[0] == len(texts)
    return megabytes


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["static"], indirect=True)
def test_memory_has_a_ceiling(encoder: Encoder, tmp_path: Path) -> None:
    storage.save(encoder, tmp_path / "model")
    least = peak(tmp_path, "one", ["A text."])
    words = "The cat sleeps on the mat. "
    assert peak(tmp_path, "few", [f"{n} " + words * 40_000 for n in range(100)]) < least + 512
    assert peak(tmp_path, "many", [f"{n} " + words * 160 for n in range(15_000)]) < least + 512
    assert peak(tmp_path, "blank", [f"{n} " + " " * 4_000_000 for n in range(4)]) < least + 512
