"""What recipes share: what a run's identity is made of, and in which mode the encoder is watched."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.objectives.contrastive import Contrastive
from interlingua.placement import Precision
from interlingua.tensors import Batch, Tokens
from interlingua.training.fit import Fit, begin, fit
from interlingua.training.loop import Optimization, Schedule
from interlingua.training.objective import Objective
from interlingua.training.session import Supervision
from interlingua.training.tasks import Task
from interlingua.types import Example
from tests.conftest import TEXTS

EXAMPLES = [Example((f"{text} {number}",), ("und",)) for number, text in enumerate(TEXTS)]
PLATEAU = Optimization(precision=Precision.fp32, schedule=Schedule.plateau)


def start(config: Fit) -> None:
    begin(config, "a-recipe", {"": EXAMPLES}, {})


def resolved(folder: Path) -> dict[str, object]:
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def forget(folder: Path, fact: str) -> None:
    """As a version wrote it that did not record the fact."""
    written = resolved(folder)
    del written["resolved"][fact]  # type: ignore[attr-defined]
    (folder / "config.json").write_text(json.dumps(written), encoding="utf-8")


def test_another_processor_s_arithmetic_does_not_continue_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auto` is bf16 on one processor and fp32 on another, and the weights would be neither's."""
    config = Fit(output=tmp_path / "run", dev_texts=2)
    monkeypatch.setattr("interlingua.training.fit.resolve", lambda *_: Precision.bf16)
    start(config)
    start(replace(config, resume=True))
    monkeypatch.setattr("interlingua.training.fit.resolve", lambda *_: Precision.fp32)
    with pytest.raises(ConfigError, match="precision was bf16, is fp32"):
        start(replace(config, resume=True))
    forget(config.output, "precision")
    start(replace(config, resume=True))


def test_where_validation_moves_the_learning_rate_its_interval_is_the_run_s(tmp_path: Path) -> None:
    for optimization, belongs in ((PLATEAU, True), (replace(PLATEAU, schedule=Schedule.linear), False)):
        config = Fit(output=tmp_path / str(belongs), dev_texts=2, optimization=optimization)
        start(config)
        again = replace(config, resume=True, supervision=Supervision(evaluate_every=7))
        if belongs:
            with pytest.raises(ConfigError, match="evaluate_every was 500, is 7"):
                start(again)
            forget(config.output, "evaluate_every")
        start(again)


class Watching(Objective):
    """Notes in which mode the encoder is while it learns and while it is judged."""

    def __init__(self, needs_dropout: bool) -> None:
        super().__init__()
        self.needs_dropout = needs_dropout
        self.learning, self.judged = set[bool](), set[bool]()

    def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
        (self.learning if torch.is_grad_enabled() else self.judged).add(encoder.training)
        return encoder(batch.columns[0]).square().sum()


@pytest.mark.parametrize("dropout", [True, False])
@pytest.mark.parametrize("needs_dropout", [True, False])
@pytest.mark.parametrize("encoder", ["static"], indirect=True)
def test_the_dev_loss_is_without_dropout_unless_the_objective_learns_from_it(
    encoder: Encoder, tmp_path: Path, dropout: bool, needs_dropout: bool
) -> None:
    objective = Watching(needs_dropout)
    optimization = Optimization(precision=Precision.fp32, dropout=dropout)
    config = Fit(output=tmp_path, dev_texts=2, max_steps=2, batch_size=2, optimization=optimization)
    fit(config, encoder, Task(objective=objective, examples=EXAMPLES), folder=tmp_path)
    assert objective.learning == {dropout}
    assert objective.judged == {dropout and needs_dropout}


@pytest.mark.parametrize("encoder", ["transformer"], indirect=True)
def test_accumulated_batches_are_one_large_batch_a_few_texts_at_a_time(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its negatives included: gradients of small batches, added up, would know only those of each."""
    examples = [Example((f"{TEXTS[n % 5]} {n}", f"{n} {TEXTS[(n + 1) % 5]}"), ("en", "de")) for n in range(40)]
    beginning = copy.deepcopy(encoder.state_dict())
    sizes: list[int] = []
    forward = Encoder._forward

    def counted(self: Encoder, tokens: Tokens, normalize: bool | None) -> Tensor:
        if torch.is_grad_enabled():  # not for the golden texts of a model that is saved
            sizes.append(len(tokens.ids))
        return forward(self, tokens, normalize)

    def trained(name: str, **options: int) -> list[Tensor]:
        encoder.load_state_dict(beginning)
        sizes.clear()
        config = Fit(
            output=tmp_path / name,
            dev_texts=4,
            max_steps=3,
            optimization=Optimization(precision=Precision.fp32),
            **options,
        )  # pyright: ignore[reportArgumentType]
        monkeypatch.setattr(Encoder, "_forward", counted)
        with monkeypatch.context() as patch:
            patch.setattr("interlingua.training.fit._judge", lambda *_: {"loss": 1.0})
            fit(config, encoder, Task(objective=Contrastive(), examples=examples), folder=config.output)
        return [parameter.detach().clone() for parameter in encoder.parameters()]

    whole, most = trained("whole", batch_size=12), max(sizes)
    parts = trained("parts", batch_size=4, gradient_accumulation=3)
    assert (most, max(sizes)) == (24, 8)
    for one, other in zip(parts, whole, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6)
    assert "a step learns from 12 examples, 4 at a time" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="--gradient-accumulation 0: give at least 1"):
        Fit(output=tmp_path, gradient_accumulation=0)
