"""LASER: a BiLSTM learns to give a text of any language an embedding from which its translation can be written.

Paper: Artetxe & Schwenk 2019, Massively Multilingual Sentence Embeddings for Zero-Shot Cross-Lingual Transfer and
  Beyond, arXiv:1812.10464
Command: interlingua train laser --pairs pairs.tsv --write en es --output DIR
Measured: Tatoeba, 9 languages: 7.5 in 10 min (laser); docs/recipes/multilingual.md

Departures from the paper: the vocabulary is SentencePiece's unigram model, not BPE; alike-long pairs share a batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.data.digest import digest_of
from interlingua.data.gathering import gather_each
from interlingua.data.parallel import ParallelColumns, parallel
from interlingua.data.stored import language_combinations, some_texts
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError, DataError
from interlingua.languages import standard
from interlingua.progress import log
from interlingua.training.fit import Fit
from interlingua.training.session import Outcome
from interlingua.training.validation import translations
from interlingua.types import Example


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """LASER."""

    pairs: tuple[Path, ...]
    """Parallel text: TSV, CSV, JSONL, Parquet, PO, MO, TMX or Moses files, plain, .gz or .zst."""
    write: tuple[str, ...] = ("en",)
    """The languages in which translations are written, two in the paper; all other languages are only read."""
    source_language: str = "en"
    """The language on the source side of the files."""
    target_language: str | None = None
    """The other language, for files that do not name it."""
    columns: ParallelColumns = field(default_factory=ParallelColumns)
    """Which columns hold what, for tables whose headers do not say it."""
    alpha: float = 0.7
    """How often a language pair is drawn: its share of the pairs to this power; 1 in proportion, 0 evenly."""
    layers: int = 5
    """Layers of the BiLSTM."""
    hidden: int = 512
    """Its width in each direction; embeddings are twice as wide."""
    decoder: int = 2048
    """Width of the decoder."""
    vocabulary_size: int = 50_000
    """Pieces in the vocabulary, which all languages share."""
    learning_rate: float = 1e-3
    batch_size: int = 64

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.write or self.layers < 1 or self.hidden < 1 or self.decoder < 1:
            raise ConfigError("name at least one language to write; layers and widths must be at least 1")


def run(config: Config) -> Outcome:
    """Train encoder and decoder; leave the best encoder in `config.output`/model and its decoder in
    `config.output`/decoder.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.encoders.bodies import bilstm
    from interlingua.encoders.encoder import Encoder
    from interlingua.objectives.translation import Translation
    from interlingua.training.fit import begin, fit
    from interlingua.training.start import vocabulary
    from interlingua.training.tasks import Task

    examples = _examples(config)
    written = tuple(standard(language) for language in config.write)
    torch.manual_seed(config.seed)
    tokenizer = vocabulary(lambda: some_texts(examples), config.vocabulary_size, config.max_tokens, config.continued)
    body = bilstm.Body(
        bilstm.Config(layers=config.layers, hidden=config.hidden), tokenizer.vocabulary_size, tokenizer.pad
    )
    encoder = Encoder(tokenizer=tokenizer, body=body, pooling=Pooling.max)
    objective = Translation(encoder, written, config.decoder)
    facts = {"examples": len(examples), "data": digest_of(examples), "vocabulary_size": tokenizer.vocabulary_size}
    begin(config, "laser", {"": examples}, facts)
    directions = len(language_combinations(examples))
    log(f"{len(examples):,} examples in {directions} directions; written from embeddings: {', '.join(written)}")
    task = Task(
        objective=objective,
        examples=examples,
        groups=lambda example: "-".join(example.languages),
        alpha=config.alpha,
        measure=partial(_translations, encoder, written[0]),
    )
    return fit(config, encoder, task, folder=config.output)


def _examples(config: Config) -> Sequence[Example]:
    """Every pair in the directions that end in a language to write."""
    written = {standard(language) for language in config.write}
    chosen = gather_each(
        _directions, config.pairs, config.data_cache, source_language=config.source_language, columns=config.columns,
        target_language=config.target_language, written=sorted(written),
    )  # fmt: skip
    absent = written - {languages[1] for languages in language_combinations(chosen)}
    if absent:
        raise DataError(f"no pairs have a side in {', '.join(sorted(absent))}, which is to be written", config.pairs[0])
    return chosen


def _directions(path: Path, written: Sequence[str], **asked: Any) -> Iterator[Example]:
    for pair in parallel(path, **asked):
        both = (pair, Example(pair.texts[::-1], pair.languages[::-1]))
        yield from (example for example in both if example.languages[1] in written)


def _translations(encoder: Any, pivot: str, dev: Sequence[Example]) -> dict[str, Any]:
    """How many held-out texts find their translation into the first written language at the first try, per language."""
    turned = [Example(example.texts[::-1], example.languages[::-1]) for example in dev if example.languages[1] == pivot]
    return translations(encoder.encode, turned) if turned else {}
