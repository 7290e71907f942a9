"""Modular sentence encoders: one language gets a vocabulary and adapters of its own over a shared body, then is aligned
with English.

Paper: Huang et al. 2025, Modular Sentence Encoders: Separating Language Specialization from Cross-Lingual Alignment,
  ACL 2025
Command: interlingua train modular-encoders --base MODEL --language sw --texts sw.txt --pairs en-sw.tsv --output DIR
Measured: STS-B across languages: 76.5 base, 71.7 full-m, 76.2 full-mc, 63.7 modular, 76.8 alignment alone;
  docs/recipes/modular.md

Departures from the paper: paraphrases come from shared translations instead of a translation system, and where a
language has too few, a sentence under two dropout masks stands in (SimCSE); the auxiliary space of FOCUS is a
factorisation of co-occurrence.
"""

from dataclasses import dataclass, replace

from interlingua.data.examples import texts
from interlingua.data.parallel import parallel
from interlingua.data.paraphrases import paraphrases
from interlingua.languages import same
from interlingua.progress import log
from interlingua.recipes.modular_encoders.settings import Material, Settings, Stage
from interlingua.training.session import Outcome


@dataclass(frozen=True, kw_only=True)
class Config(Settings):
    """Modular sentence encoders, one language a run."""


def run(config: Config) -> Outcome:
    """Run the stages that are asked for and leave the model in `config.output`/model, the language's pack in
    `config.output`/pack.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    material = Material(
        texts=sorted({text.strip() for path in config.texts for text in texts(path)} - {""}),
        pairs=sorted(
            {
                (e.texts[0], e.texts[1])
                for path in config.pairs
                for e in parallel(path, config.pivot, None, config.language)
                if same(e.languages[1], config.language)
            }
        ),
        paraphrases=sorted({pair for path in config.paraphrases for pair in paraphrases(path)}),
    )
    return learn(config, material, config.resume)


def learn(config: Config, material: Material, resume: bool) -> Outcome:
    """Run the stages on what has been read already. Raises as `run` does."""
    from interlingua.placement import device, resolve
    from interlingua.recipes.modular_encoders import stages
    from interlingua.training import processes, run_folder

    base = stages.check(config, material)
    facts = {"data": material.digest(), "precision": resolve(config.optimization.precision, device(config.device))}
    alike = replace(config, device="", resume=False)  # each process has its own GPU
    processes.require_same(run_folder.plain({"options": alike, "facts": facts}), "data or options")
    if processes.rank() == 0:
        run_folder.claim(config.output, "modular-encoders", replace(config, stages=tuple(Stage)), facts, resume)
        stages.keep_base(config, base)
    processes.wait()
    outcome = stages.NOTHING
    for stage in (stage for stage in Stage if stage in config.stages):
        if done := stages.finished(config.output / stage):
            log(f"{stage}: done already")
            outcome = done
        else:
            log(f"{stage}: begins")
            outcome = stages.run(config, stage, material)
    if processes.rank() == 0:
        stages.publish(config)
    processes.wait()
    return outcome
