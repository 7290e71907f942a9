"""mUSE: one transformer from scratch learns four tasks, one a step: translations, next sentences, answers, and
inference.

Paper: Chidambaram et al. 2019, Learning Cross-Lingual Sentence Representations via a Multi-task Dual-Encoder Model,
  arXiv:1810.12836
Command: interlingua train muse --pairs pairs.tsv --nli nli.tsv --documents text.txt --responses qa.tsv --output DIR
Measured: Tatoeba, 9 languages: 53.4 in 10 min (muse); docs/recipes/multilingual.md

Departures from the paper: a SentencePiece vocabulary as in the released model (1907.04307), not words and character
n-grams; cosines times a scale where the paper has dot products; AdamW, not SGD; the encoder's head in a task is its
response tower alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from interlingua.data.digest import digest_of
from interlingua.data.examples import texts
from interlingua.data.gathering import gather_each
from interlingua.data.labelled import class_names, labelled_pairs, positives
from interlingua.data.parallel import ParallelColumns, read_parallel
from interlingua.data.stored import some_texts
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError, DataError
from interlingua.languages import UNKNOWN
from interlingua.progress import log
from interlingua.training.fit import Fit
from interlingua.training.options import only
from interlingua.training.session import Outcome
from interlingua.training.validation import translations
from interlingua.types import Example


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """The multilingual universal sentence encoder. Each kind of data is a task; at least one is needed."""

    pairs: tuple[Path, ...] = ()
    """Translation ranking: parallel text."""
    nli: tuple[Path, ...] = ()
    """Classification: labelled pairs (premise, hypothesis, label)."""
    documents: tuple[Path, ...] = ()
    """Next-sentence ranking: running text, a sentence a line; an empty line ends a document."""
    responses: tuple[Path, ...] = ()
    """Response ranking: questions or posts and their answers (anchor, positive)."""
    weights: tuple[float, ...] = ()
    """How often each task has a step, in the order above; by default the tasks strictly alternate."""
    source_language: str = "en"
    """The language on the source side of the parallel text."""
    target_language: str | None = None
    """The other language, for files that do not name it."""
    columns: ParallelColumns = field(default_factory=ParallelColumns)
    """Which columns hold what, for tables whose headers do not say it."""
    alpha: float = 0.7
    """How often a language is drawn for translation ranking: its share of the pairs to this power."""
    layers: int = 3
    """Layers of the transformer."""
    width: int = 512
    """Width of its hidden states and of embeddings."""
    heads: int = 8
    """Attention heads."""
    feedforward: int = 2048
    """Width inside a layer."""
    scale: float = 20.0
    """Multiplies the cosines of the ranking tasks: the inverse of the temperature."""
    classifier: int = 512
    """Width of the classifier's hidden layers."""
    vocabulary_size: int = 32_000
    """Pieces in the vocabulary, which all languages share."""
    learning_rate: float = 1e-3
    batch_size: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        given = sum(map(bool, (self.pairs, self.nli, self.documents, self.responses)))
        if not given:
            raise ConfigError("give something to learn from: --pairs, --nli, --documents or --responses")
        if self.weights and (len(self.weights) != given or min(self.weights) <= 0):
            raise ConfigError(f"--weights needs {given} numbers above 0, one for each kind of data")
        if self.scale <= 0 or self.layers < 1 or self.classifier < 1:
            raise ConfigError("the scale must be more than 0, layers and the classifier at least 1")
        only(given > 1, "with several kinds of data", self, "weights")
        only(bool(self.pairs), "with --pairs", self, "alpha", "source_language", "target_language", "columns")
        only(bool(self.nli), "with --nli", self, "classifier")
        ranked = bool(self.pairs or self.documents or self.responses)
        only(ranked, "with --pairs, --documents or --responses", self, "scale")


def run(config: Config) -> Outcome:
    """Train the encoder and leave the best one in `config.output`/model; the response heads serve training alone.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.encoders.bodies import transformer
    from interlingua.encoders.from_scratch import transformer_encoder
    from interlingua.objectives.classification import Feature, PairClassification
    from interlingua.objectives.contrastive import Contrastive, ResponseHead, candidates
    from interlingua.training.fit import begin, fit
    from interlingua.training.objective import Objective
    from interlingua.training.processes import world
    from interlingua.training.start import vocabulary
    from interlingua.training.tasks import Task

    classes = class_names(config.nli) if config.nli else ()
    data = _examples(config, classes)
    torch.manual_seed(config.seed)
    tokenizer = vocabulary(
        lambda: (text for some in data.values() for text in some_texts(some)),
        config.vocabulary_size, config.max_tokens, config.continued,
    )  # fmt: skip
    size = transformer.Config(
        layers=config.layers,
        width=config.width,
        heads=config.heads,
        feedforward=config.feedforward,
        max_positions=config.max_tokens,
    )
    encoder = transformer_encoder(size, tokenizer, pooling=Pooling.mean)

    def objective(name: str) -> Objective:
        if name == "inference":
            return PairClassification(config.width, len(classes), tuple(Feature), config.classifier)
        # a translation lies where its source lies; an answer does not
        head = None if name == "translation" else ResponseHead(config.width)
        return Contrastive(1 / config.scale, symmetric=name == "translation", response_head=head)

    weights = config.weights or (1.0,) * len(data)
    tasks = [
        Task(
            name=name,
            objective=objective(name),
            examples=some,
            weight=weight,
            groups=_language if name == "translation" else None,
            alpha=config.alpha,
            measure=partial(translations, encoder.encode) if name == "translation" else None,
        )
        for (name, some), weight in zip(data.items(), weights, strict=True)
    ]
    facts = {name: {"examples": len(some), "data": digest_of(some)} for name, some in data.items()}
    begin(config, "muse", data, {**facts, "vocabulary_size": encoder.tokenizer.vocabulary_size})
    if data.keys() - {"inference"}:
        log(f"in the ranking tasks {candidates(config.examples_a_step, 2, world())}")
    return fit(config, encoder, tasks, folder=config.output)


def _examples(config: Config, classes: Sequence[str]) -> dict[str, Sequence[Example]]:
    """By task, in the order of the options."""
    cache = config.data_cache
    tasks = {
        "translation": read_parallel(
            config.pairs,
            source_language=config.source_language,
            target_language=config.target_language,
            columns=config.columns,
            cache=cache,
        )
        if config.pairs
        else [],
        "inference": gather_each(labelled_pairs, config.nli, cache, classes=classes) if config.nli else [],
        "next_sentence": gather_each(_neighbours, config.documents, cache) if config.documents else [],
        "response": gather_each(_answers, config.responses, cache) if config.responses else [],
    }
    if config.nli and len(classes) < 2:
        raise DataError(f"all pairs are labelled {classes[0]!r}: there is nothing to tell apart", config.nli[0])
    return {name: some for name, some in tasks.items() if len(some)}


def _neighbours(path: Path) -> list[Example]:
    """Every sentence with the one behind it in the same document (Logeswaran & Lee 2018, quick thoughts)."""
    lines = [text.strip() for text in texts(path)]
    pairs = [Example((a, b), (UNKNOWN,) * 2) for a, b in pairwise(lines) if a and b and a != b]
    if not pairs:
        raise DataError("no two sentences follow each other in this file", path)
    return pairs


def _answers(path: Path) -> Iterator[Example]:
    yield from (Example(e.texts[:2], e.languages[:2]) for e in positives(path))


def _language(example: Example) -> str:
    return example.languages[1]
