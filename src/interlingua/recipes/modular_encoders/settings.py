"""What a run of modular encoders is asked to do, stage by stage, and from what."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from interlingua.data.digest import digest
from interlingua.data.paraphrases import Texts
from interlingua.errors import ConfigError
from interlingua.languages import same, standard
from interlingua.machine import AUTO
from interlingua.quantities import require_fields
from interlingua.training.loop import Optimization
from interlingua.training.options import only
from interlingua.training.session import Supervision


class Form(StrEnum):
    """Which parts of a language learn."""

    adapters = "adapters"
    """ACL 2025: low-rank adapters beside a frozen body, alignment by contrast and by cosine in turn."""
    full = "full"
    """July 2024: a whole body of the language's own, alignment by contrast alone."""


class Stage(StrEnum):
    """What is learned in which order. Each has a folder in the run's folder."""

    vocabulary = "vocabulary"
    language = "language"
    sentence = "sentence"
    alignment = "alignment"


@dataclass(frozen=True, kw_only=True)
class StageOptions:
    """How long and how fast a stage learns."""

    learning_rate: float = 3e-4
    """The highest learning rate."""
    epochs: float = 1.0
    """How often each example is used."""
    max_steps: int | None = None
    """Stop after this many steps, even if the epochs are not over."""
    batch_size: int = 64
    """Examples in a batch."""
    max_tokens: int = 64
    """Longer texts are cut."""
    dropout: bool = True
    """Whether the body's dropout is on."""

    def __post_init__(self) -> None:
        require_fields(self)


@dataclass(frozen=True, kw_only=True)
class LanguageStageOptions(StageOptions):
    """Masked language modelling. A class of its own, so that one flag of it leaves its other defaults as they are."""

    epochs: float = 3.0


@dataclass(frozen=True, kw_only=True)
class AlignmentStageOptions(StageOptions):
    """The embeddings learn to be near the pivot's."""

    learning_rate: float = 5e-4
    epochs: float = 3.0
    dropout: bool = False


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Modular sentence encoders, one language a run."""

    base: str
    """The shared encoder: any model with a transformer body. One with packs of other languages keeps them."""
    language: str
    """The language to learn."""
    output: Path
    """The run's folder: a folder for each stage, model/ (the base with the language), pack/ (the language alone)."""
    texts: tuple[Path, ...] = ()
    """Plain text in the language, a sentence a line."""
    pairs: tuple[Path, ...] = ()
    """Parallel text of the pivot language and the language."""
    paraphrases: tuple[Path, ...] = ()
    """Pairs of sentences in the language that mean the same; more are found in the parallel text: sentences with the
    same translation."""
    pivot: str = "en"
    """The pivot language: others are aligned with the embeddings that the base gives to its texts."""
    stages: tuple[Stage, ...] = tuple(Stage)
    """Which stages to run, in their order; leave one out to measure what it contributes."""
    form: Form = Form.adapters
    """adapters (ACL 2025) or full (July 2024: a whole body per language)."""
    vocabulary_size: int = 16_000
    """Pieces of the language's own vocabulary; 0 keeps the base's."""
    language_rank: int = 32
    """Rank of the language adapter."""
    sentence_rank: int = 16
    """Rank of the sentence adapter."""
    alignment_width: int = 128
    """Inner width of the parallel adapters."""
    temperature: float = 0.05
    """Divides the cosines in contrastive losses."""
    language_stage: LanguageStageOptions = field(default_factory=LanguageStageOptions)
    """Masked language modelling."""
    sentence_stage: StageOptions = field(default_factory=StageOptions)
    """Contrastive learning from paraphrases."""
    alignment_stage: AlignmentStageOptions = field(default_factory=AlignmentStageOptions)
    """The embeddings learn to be near the pivot's."""
    dev_texts: int = 500
    """How many texts to hold out for validation in each stage; at most a tenth of all."""
    seed: int = 0
    """Seed of the initial weights, the batches and dropout."""
    resume: bool = False
    """Continue the run in --output: finished stages are kept, an interrupted one goes on where it was."""
    device: str = AUTO
    """Where to compute: cpu, cuda, cuda:1 or mps; auto takes a GPU where there is one."""
    optimization: Optimization = field(default_factory=Optimization)
    """How the weights are updated."""
    supervision: Supervision = field(default_factory=Supervision)
    """How the run is logged, validated and saved."""

    def __post_init__(self) -> None:
        require_fields(self)
        if same(self.language, self.pivot):
            raise ConfigError(f"{self.language} is the pivot itself; --language names another")
        if (
            min(self.language_rank, self.sentence_rank, self.alignment_width, self.dev_texts) < 1
            or self.temperature <= 0
        ):
            raise ConfigError("ranks, widths and dev texts must be at least 1, the temperature more than 0")
        if not self.stages:
            raise ConfigError("name at least one stage")
        if self.optimization.dropout:
            raise ConfigError("each stage has its own dropout: use --sentence-stage.dropout instead of --dropout")
        only(self.form == Form.adapters, "with --form adapters", self, "language_rank", "sentence_rank")
        object.__setattr__(self, "language", standard(self.language))
        object.__setattr__(self, "pivot", standard(self.pivot))


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a language is learned from."""

    texts: list[str]
    pairs: list[Texts]
    """Pivot text and text."""
    paraphrases: list[Texts]
    """Two texts in the language."""

    def digest(self) -> str:
        """A fingerprint: a run is never continued on other data."""
        return digest([json.dumps(asdict(self))])
