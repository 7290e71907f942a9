"""The learning curve of a new language: what its points have in common and what not."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from interlingua.journeys.new_language import job
from interlingua.journeys.new_language.job import Settings
from interlingua.recipes.modular_encoders import Config
from interlingua.recipes.modular_encoders.settings import Material, Stage

PAIRS = [(f"one {number:03}", f"eins {number:03}") for number in range(200)]


def drawn(folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> list[list[tuple[str, str]]]:
    """The pairs that each point of a curve is trained on."""
    found: list[list[tuple[str, str]]] = []

    def trained(config: Config, stage: Stage, material: Material) -> None:
        assert stage is Stage.alignment
        found.append(material.pairs)

    def encode(texts: Sequence[str], language: str = "und") -> np.ndarray:
        return np.array([[float(text.split()[-1]), 1.0] for text in texts], np.float32)

    monkeypatch.setattr(job.stages, "run", trained)
    monkeypatch.setattr(job.stages, "finished", lambda _: None)
    monkeypatch.setattr(
        job.storage, "load", lambda _: SimpleNamespace(encode=encode, to=lambda _: SimpleNamespace(encode=encode))
    )
    nothing: dict[str, Any] = {"text": (), "pairs": (), "paraphrases": (), "test": ()}
    settings = Settings(
        language="de", base="base", output=folder, pivot="en", held_out=10, curve=(0.5, 0.0, 0.25, 0.01), **nothing,
        vocabulary_size=None, max_steps=None, device="cpu", any_script=False, seed=seed,
    )  # fmt: skip
    config = Config(base="base", language="de", output=folder / "run", texts=(), pairs=())
    points = job._curve(settings, config, Material(texts=[], pairs=PAIRS, paraphrases=[]), PAIRS[:20])
    assert [point["pairs"] for point in points] == [50, 100]  # smallest first; none, and too few, are no points
    return found


def test_shares_are_nested_and_drawn_at_random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quarter, half = drawn(tmp_path / "a", monkeypatch, seed=1)
    assert set(quarter) < set(half) < set(PAIRS)
    for some in (quarter, half):
        assert len(set(some)) == len(some)
        # of the second half of the alphabet about as many as of the first: not the first in the alphabet
        late = sum(pair in PAIRS[100:] for pair in some) / len(some)
        assert 0.3 < late < 0.7
    assert drawn(tmp_path / "b", monkeypatch, seed=1) == [quarter, half]
    assert drawn(tmp_path / "c", monkeypatch, seed=2) != [quarter, half]
