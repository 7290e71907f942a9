"""A known failure: a multilingual model that is tuned on English alone gets better within languages in the paper, but
not across them.

Paper: Reimers & Gurevych 2020, Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation,
  arXiv:2004.09813, table 1
Command: interlingua train english-nli-transfer --student MODEL --nli nli.tsv --sts sts.tsv --evaluate STS_FOLDER
  --output DIR
Measured: STS-B within, across languages: 87.4, 75.6 start, 58.3, 17.4 tuned, 85.7, 79.4 distilled;
  docs/recipes/english.md
"""

import json
from dataclasses import dataclass
from pathlib import Path

from interlingua.outputs import write_whole
from interlingua.progress import log
from interlingua.recipes import sbert
from interlingua.training.session import Outcome


@dataclass(frozen=True, kw_only=True)
class Config(sbert.Config):
    """Sentence-BERT on English with a multilingual student (--student MODEL), evaluated within and across languages."""

    evaluate: Path
    """A folder of files LANGUAGE.test.tsv with the same scored pairs in every language, en among them."""
    compare: tuple[str, ...] = ()
    """Other models for the table, for example a distilled one."""


def run(config: Config) -> Outcome:
    """Train, then write `config.output`/transfer.json: start, tuned and compared models within and across languages."""
    from interlingua.evaluation.tasks import sts
    from interlingua.loading import load
    from interlingua.placement import arithmetic, device
    from interlingua.training.processes import rank

    outcome = sbert.run(config)
    if rank() > 0:
        return outcome
    table: dict[str, dict[str, float]] = {}
    models = {
        "start": config.student,
        "tuned on English": str(config.output),
        **{Path(name).name: name for name in config.compare},
    }
    for name, model in models.items():
        with arithmetic(config.optimization.precision, device(config.device)):
            table[name] = dict(sts.evaluate(load(model, config.device).encode, config.evaluate).averages)
        log(f"{name}: " + ", ".join(f"{what} {value:.1f}" for what, value in table[name].items()))
    with write_whole(config.output / "transfer.json") as file:
        file.write_text(json.dumps({"definition": sts.DEFINITION, "models": table}, indent=1) + "\n", encoding="utf-8")
    return outcome
