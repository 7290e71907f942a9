"""What the machine offers, as far as every machine can say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interlingua import machine


def test_threads_are_those_allowed_or_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    for asked, threads in ((None, 6), ("2", 2), ("64", 6), ("0", 6), ("-1", 6), ("many", 6), ("", 6)):
        if asked is None:
            monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        else:
            monkeypatch.setenv("OMP_NUM_THREADS", asked)
        assert machine.threads() == threads
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.threads() == 1


def test_memory_is_in_bytes() -> None:
    block = bytearray(b"x") * 60_000_000
    assert len(block) < machine.resident_memory() <= machine.peak_memory() * 1.01
    del block
    assert machine.peak_memory() > 60_000_000
    assert machine.peak_memory() < 2**40


def test_a_lock_is_held_by_one_process_and_let_go_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    code = f"from pathlib import Path; from interlingua.machine import lock\nwith lock(Path({str(file)!r})) as ours: print(ours)"

    def another() -> str:
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    with pytest.raises(ValueError, match="stop"), machine.lock(file) as ours:
        assert ours
        assert another() == "False"
        raise ValueError("stop")
    assert another() == "True"
