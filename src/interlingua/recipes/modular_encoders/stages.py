"""The stages in which a language becomes a pack: vocabulary, language, sentences, alignment. Each runs, resumes and is
kept on its own.

Huang et al. 2025, "Modular Sentence Encoders" (ACL), sections 3 and 4; the form of July 2024 is that of their public
code.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from interlingua import tokenization
from interlingua.data.paraphrases import Texts, across, sharing_a_translation
from interlingua.data.teaching import teach
from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.modular import adapters, focus, packs
from interlingua.encoders.modular import body as modular
from interlingua.errors import ConfigError, DataError
from interlingua.objectives.alignment import Alignment
from interlingua.objectives.contrastive import Contrastive
from interlingua.objectives.masked_language import MaskedLanguage
from interlingua.outputs import copy_whole_folder, write_whole
from interlingua.placement import device
from interlingua.progress import log
from interlingua.recipes.modular_encoders.settings import Form, Material, Settings, Stage, StageOptions
from interlingua.tensors import Tokens
from interlingua.training.fit import Fit, fit
from interlingua.training.processes import first, rank, wait, world
from interlingua.training.session import Outcome
from interlingua.training.start import trainable
from interlingua.training.tasks import Task
from interlingua.training.validation import nearest_targets
from interlingua.types import Example

FEW = 200
"""Fewer paraphrases than this teach nothing by themselves."""
SMALLEST = 20
"""Texts or pairs that a stage needs to begin at all."""
NOTHING = Outcome(0, 0, float("nan"), {}, 0.0, False)
"""How a stage ends in which nothing is trained."""

Some = TypeVar("Some")


def check(config: Settings, material: Material) -> Encoder:
    """The base of a run, once it is sure that it can begin. Raises DataError, ConfigError or ModelFormatError where
    it cannot.
    """
    needs = {Stage.vocabulary: _texts(material), Stage.language: _texts(material), Stage.alignment: material.pairs}
    for stage in config.stages:
        if len(needs.get(stage, [""] * SMALLEST)) < SMALLEST:
            what = "--pairs" if stage == Stage.alignment else "--texts"
            raise DataError(
                f"{len(needs[stage])} texts in {config.language} are too few for the {stage} stage: give more with "
                f"{what}"
            )
    of_stages = (config.language_stage, config.sentence_stage, config.alignment_stage)
    if uneven := next((options.batch_size for options in of_stages if options.batch_size % world()), None):
        raise ConfigError(f"a stage's batch size of {uneven} cannot be shared by {world()} processes evenly")
    encoder = packs.modular_from(trainable(config.base))
    assert isinstance(encoder.body, modular.Body)
    if claimed := encoder.body.pack(config.language):
        remedy = f"interlingua packs remove {config.base} {claimed.language}"
        raise ConfigError(f"{config.base} has a pack for {claimed.language} already. Remedy: {remedy}")
    return encoder


def keep_base(config: Settings, encoder: Encoder) -> None:
    """Put the base, in this package's format, into the run's folder: every stage links to it."""
    if not (config.output / "base").exists():
        storage.save(encoder, config.output / "base")


def base(config: Settings) -> Encoder:
    """The base, able to hold packs, frozen."""
    encoder = packs.modular_from(storage.load(config.output / "base"), config.output / "base")
    assert isinstance(encoder.body, modular.Body)
    encoder.body.origin = config.output / "base"
    return encoder.requires_grad_(False)


def finished(folder: Path) -> Outcome | None:
    """How a stage ended, if it did."""
    file = folder / "outcome.json"
    return Outcome(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def run(config: Settings, stage: Stage, material: Material) -> Outcome:
    """Run one stage, or continue it. Raises DataError or ConfigError where its data or the stage before it are
    missing.
    """
    for later in list(Stage)[list(Stage).index(stage) + 1 :]:
        if finished(config.output / later):
            raise ConfigError(f"the {later} stage is done already, without the {stage} stage; choose another --output")
    encoder, folder = base(config), config.output / stage
    torch.manual_seed(config.seed)
    pack = _before(config, stage, encoder)
    began = time.monotonic()
    if stage == Stage.vocabulary:
        outcome = _vocabulary(config, pack, material, encoder, folder)
    else:
        packs.add(encoder, pack)
        match stage:
            case Stage.language:
                outcome = _language(config, pack, material, encoder, folder)
            case Stage.sentence:
                outcome = _sentence(config, pack, material, encoder, folder)
            case Stage.alignment:
                outcome = _alignment(config, pack, material, encoder, folder)
    if not outcome.steps:
        outcome = replace(outcome, seconds=time.monotonic() - began)
    if rank() == 0:
        with write_whole(folder / "outcome.json") as temporary:
            temporary.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
    wait()
    return outcome


def publish(config: Settings) -> None:
    """Put the pack of the last stage that is done, and the base with it, where they are looked for."""
    last = [stage for stage in Stage if finished(config.output / stage)][-1]
    model = config.output / last / "model"
    if model.exists():
        copy_whole_folder(model, config.output / "model")
        copy_whole_folder(model / packs.FOLDER / config.language, config.output / "pack")


def _let_learn(pack: modular.Pack) -> None:
    """A whole body learns, its embeddings among it: those that are in use."""
    if pack.body is None:
        raise ConfigError(
            "--form full changes a body of the language's own, which the language stage makes; do not leave that stage "
            "out"
        )
    pack.requires_grad_(True)
    if pack.words is not None:
        unused: Any = pack.body
        unused.word_embeddings.weight.requires_grad_(False)


def _texts(material: Material) -> list[str]:
    """All text in the language."""
    return sorted({*material.texts, *(target for _, target in material.pairs)})


def _before(config: Settings, stage: Stage, encoder: Encoder) -> modular.Pack:
    """The pack as the last stage before left it; empty where there is none."""
    place = list(Stage).index(stage)
    for earlier in reversed(list(Stage)[:place]):
        if finished(config.output / earlier):
            folder = config.output / earlier / "model" / packs.FOLDER / config.language
            return packs.load(folder, encoder, packs.fingerprint(packs.shared(encoder)))
        if earlier == Stage.vocabulary and config.vocabulary_size:
            raise ConfigError(
                f"the {stage} stage builds on the {earlier} stage, which is not done; run --stages {earlier} first"
            )
    return modular.Pack(config.language, pivot=config.pivot)


def _vocabulary(config: Settings, pack: modular.Pack, material: Material, encoder: Encoder, folder: Path) -> Outcome:
    """A vocabulary of the language's text, and embeddings for it out of the base's."""
    texts = _enough(_texts(material), "texts")
    if config.vocabulary_size:
        pack.max_tokens = encoder.tokenizer.max_tokens
        pack.tokenizer = tokenization.train(texts, config.vocabulary_size, pack.max_tokens, pad=encoder.tokenizer.pad)
        old = encoder.body.word_embeddings.weight.detach().numpy()[: encoder.tokenizer.vocabulary_size]
        ids = pack.tokenizer.ids(texts)
        places = focus.same_pieces(pack.tokenizer, encoder.tokenizer)
        space, known = focus.cooccurrence_space([row[1:-1] for row in ids], len(places))
        weight, origin = focus.initialise(old, places, space, known, config.seed)
        pack.words = nn.Embedding.from_pretrained(torch.from_numpy(weight), freeze=True)
        log(
            f"{len(places):,} pieces: {origin.copied:,} copied, {origin.mixed:,} mixed, {origin.drawn:,} drawn at "
            "random"
        )
    packs.add(encoder, pack)
    if rank() == 0:
        storage.save(encoder, folder / "model")
    return NOTHING


def _language(config: Settings, pack: modular.Pack, material: Material, encoder: Encoder, folder: Path) -> Outcome:
    """Guess hidden tokens of the language's text, through its own embeddings and adapters."""
    texts = _enough(_texts(material), "texts")
    shared: Any = packs.shared(encoder).body
    if config.form == Form.full:
        pack.body = packs.own_body(encoder)
        _let_learn(pack)
    else:
        pack.adapters[Stage.language] = adapters.low_rank(shared, config.language_rank)
    if pack.words is not None:
        pack.words.weight.requires_grad_(True)
    examples = [Example((text,), (config.language,)) for text in texts]
    ids = np.concatenate(encoder.tokenizer_of(config.language).ids(texts))
    counts = torch.from_numpy(np.bincount(ids, minlength=len(encoder.words_of(config.language).weight)))
    objective = MaskedLanguage(encoder, language=config.language, counts=counts)
    task = Task(objective=objective, examples=examples)
    return fit(_fit(config, config.language_stage, pack, examples, folder), encoder, task, folder=folder)


def _sentence(config: Settings, pack: modular.Pack, material: Material, encoder: Encoder, folder: Path) -> Outcome:
    """Paraphrases find each other; where there are few, so do sentences under two dropout masks."""
    paraphrases = sorted({*material.paraphrases, *sharing_a_translation(material.pairs)[0]})
    repeated = len(paraphrases) < FEW
    if repeated:
        if not config.sentence_stage.dropout:
            raise ConfigError("without paraphrases the sentence stage needs dropout; use --sentence-stage.dropout")
        few = f"{len(paraphrases):,} paraphrases are too few"
        log(f"{few}: each sentence is its own paraphrase, under another dropout mask")
        paraphrases += [(text, text) for text in _texts(material)]
    paraphrases = _enough(paraphrases, "paraphrases")
    if config.form == Form.full:
        _let_learn(pack)
    else:
        pack.adapters[Stage.sentence] = adapters.low_rank(packs.shared(encoder).body, config.sentence_rank)  # pyright: ignore[reportArgumentType]
    examples = [Example(texts, (config.language,) * 2) for texts in paraphrases]
    task = Task(objective=Contrastive(config.temperature, needs_dropout=repeated), examples=examples)
    return fit(_fit(config, config.sentence_stage, pack, examples, folder), encoder, task, folder=folder)


def _alignment(config: Settings, pack: modular.Pack, material: Material, encoder: Encoder, folder: Path) -> Outcome:
    """Come to lie where the frozen pivot puts translations and paraphrases."""
    pairs = _enough(sorted(set(material.pairs)), "pairs of parallel text")
    in_language, in_pivot = sharing_a_translation(pairs)
    loose = across(pairs, in_pivot, [*in_language, *material.paraphrases])
    if len(loose) < FEW:
        log(f"{len(loose):,} cross-lingual paraphrases are too few: translations serve the contrastive loss, too")
        loose += pairs
    language, pivot = config.language, config.pivot
    translations: list[Texts] = [] if config.form == Form.full else pairs
    everything = [*translations, *loose]
    encode = base(config).to(device(config.device)).encode
    with first():
        vectors = teach([source for source, _ in everything], encode, config.output / "pivot", pivot, "pivot")
    examples = [
        Example((target,), (language,), vector)
        if row < len(translations)
        else Example((target, source), (language, pivot), vector)
        for row, ((source, target), vector) in enumerate(zip(everything, vectors, strict=True))
    ]
    shared: Any = packs.shared(encoder).body
    pack.adapters[Stage.alignment] = adapters.parallel(shared, shared.width, config.alignment_width)

    def columns(some: Sequence[Example]) -> tuple[Tokens, ...]:
        """One column for translations, whose vectors are approached, two for paraphrases, which are told apart."""
        texts = encoder.tokens([e.texts[0] for e in some], [language] * len(some))
        if any(len(e.texts) == 1 for e in some):
            return (texts,)
        return texts, encoder.tokens([e.texts[1] for e in some], [pivot] * len(some))

    task = Task(
        objective=Alignment(config.temperature),
        examples=examples,
        columns=columns,
        measure=partial(nearest_targets, encoder.encode),
        groups=_kind,
        alpha=0.0,
        in_turn=True,
    )
    return fit(_fit(config, config.alignment_stage, pack, examples, folder), encoder, task, folder=folder)


def _kind(example: Example) -> str:
    return "translations" if len(example.texts) == 1 else "paraphrases"


def _fit(config: Settings, options: StageOptions, pack: modular.Pack, examples: Sequence[Example], folder: Path) -> Fit:
    """A stage's options, as every recipe has them; the language's tokenizer is cut to them."""
    if pack.tokenizer is not None:
        pack.tokenizer.truncate(min(options.max_tokens, pack.max_tokens))
    dev_texts = min(config.dev_texts, max(1, len({e.texts[0] for e in examples}) // 10))
    return Fit(
        output=folder,
        dev_texts=dev_texts,
        learning_rate=options.learning_rate,
        batch_size=options.batch_size,
        epochs=options.epochs,
        max_steps=options.max_steps,
        max_tokens=options.max_tokens,
        seed=config.seed,
        device=config.device,
        optimization=replace(config.optimization, dropout=options.dropout),
        supervision=config.supervision,
    )


def _enough(examples: list[Some], what: str) -> list[Some]:
    if len(examples) < SMALLEST:
        raise DataError(f"{len(examples)} {what} are too few to learn from; give at least {SMALLEST}, better thousands")
    return examples
