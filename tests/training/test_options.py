"""An option that would have no effect is refused, in every recipe; what stands in effect is in the configuration."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError
from interlingua.objectives.classification import Feature
from interlingua.objectives.triplet import Separation
from interlingua.recipes import (
    averaging,
    cross_encoder,
    labse,
    masked_language,
    modular_encoders,
    multilingual_distillation,
    muse,
    sbert,
    simcse,
)
from interlingua.recipes.cross_encoder import Ranking
from interlingua.recipes.modular_encoders.settings import Form
from interlingua.recipes.multilingual_distillation import Projection
from interlingua.training.loop import Optimization, Optimizer
from interlingua.training.run_folder import plain

X = (Path("x.tsv"),)
CASES: list[tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]] = [
    (sbert.Config, {"sts": X}, {"margin": 0.5}),
    (sbert.Config, {"nli": X}, {"separation": Separation.cosine}),
    (sbert.Config, {"triplets": X}, {"features": (Feature.u,)}),
    (sbert.Config, {"triplets": X}, {"highest_score": 1.0}),
    (sbert.Config, {"nli": X}, {"sts_epochs": 2.0}),
    (sbert.Config, {"sts": X}, {"epochs": 2.0}),
    (sbert.Config, {"sts": X, "student": "m"}, {"vocabulary_size": 500}),
    (sbert.Config, {"sts": X, "dev_sts": X[0]}, {"dev_texts": 9}),
    (labse.Config, {"triplets": X}, {"source_language": "de"}),
    (labse.Config, {"triplets": X}, {"languages": ("de",)}),
    (labse.Config, {"pairs": X, "student": "m"}, {"vocabulary_size": 500}),
    (simcse.Config, {"texts": X, "student": "m"}, {"hard_negative_weight": 2.0}),
    (muse.Config, {"nli": X}, {"scale": 5.0}),
    (muse.Config, {"documents": X}, {"classifier": 5}),
    (muse.Config, {"documents": X}, {"alpha": 0.1}),
    (muse.Config, {"documents": X}, {"weights": (2.0,)}),
    (cross_encoder.Config, {"nli": X}, {"temperature": 3.0}),
    (cross_encoder.Config, {"nli": X}, {"alpha": 0.5}),
    (cross_encoder.Config, {"sts": X}, {"ranking_loss": Ranking.pairwise}),
    (cross_encoder.Config, {"nli": X}, {"highest_score": 1.0}),
    (masked_language.Config, {"texts": X, "start": "m"}, {"vocabulary_size": 500}),
    (averaging.Config, {"vectors": X[0]}, {"pooling": Pooling.max}),
    (averaging.Config, {"vectors": X[0]}, {"texts": X}),
    (averaging.Config, {"model": "m"}, {"most_words": 5}),
    (multilingual_distillation.Config, {"teacher": "t", "pairs": X}, {"projection": Projection.linear}),
    (multilingual_distillation.Config, {"teacher": "t", "pairs": X}, {"freeze_word_embeddings": True}),
    (multilingual_distillation.Config, {"teacher": "t", "pairs": X, "dev": X}, {"dev_texts": 9}),
    (modular_encoders.Config, {"base": "m", "language": "de", "form": Form.full}, {"language_rank": 4}),
    (lambda output, **options: Optimization(**options), {"optimizer": Optimizer.sgd}, {"epsilon": 1e-5}),
]


@pytest.mark.parametrize(("config", "given", "idle"), CASES)
def test_an_option_without_effect(config: Callable[..., Any], given: dict[str, Any], idle: dict[str, Any]) -> None:
    config(output=Path("r"), **given)
    (name,) = idle
    with pytest.raises(ConfigError, match=f"--{name.replace('_', '-')} has an effect only"):
        config(output=Path("r"), **given, **idle)


def test_what_decides_a_loss_stands_in_the_configuration() -> None:
    written = plain(labse.Config(output=Path("r"), pairs=X, scale=250.0, margin=0.0))
    assert (written["scale"], written["margin"]) == (250.0, 0.0)
    assert plain(simcse.Config(output=Path("r"), student="m", texts=X, temperature=0.001))["temperature"] == 0.001
    assert plain(sbert.Config(output=Path("r"), triplets=X))["margin"] == 1.0
