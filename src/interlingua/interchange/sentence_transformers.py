"""Encoders that other tools wrote: sentence-transformers folders and plain transformers folders.

Every setting of a sentence-transformers folder is either followed or refused by its name: the schemas below hold all
that are understood, each with the values under which it changes nothing.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from torch import nn

from interlingua import tokenizer_rules
from interlingua.encoders.bodies import pretrained
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.encoders.tensor_file import fill, read_tensors
from interlingua.errors import ModelFormatError
from interlingua.interchange.transformers_tokenizer import read_optional, tokenizer_of
from interlingua.model_files import Open, Strict, inside, read_json

POOLINGS = {
    "pooling_mode_mean_tokens": Pooling.mean,
    "pooling_mode_cls_token": Pooling.cls,
    "pooling_mode_max_tokens": Pooling.max,
    "pooling_mode_lasttoken": Pooling.last,
}
NAMES = {"mean": Pooling.mean, "cls": Pooling.cls, "max": Pooling.max, "lasttoken": Pooling.last}
IDENTITY = ("torch.nn.modules.linear.Identity", "torch.nn.Identity")
ORDER = ("Transformer", "Pooling", "Dense", "Normalize")
LENGTHS = ("sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json")
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
Sentence: TypeAlias = Literal["sentence_embedding"] | None


class Module(Open):
    """A line of modules.json."""

    type: str
    path: str


class Nothing(Strict):
    """Settings of which there must be none."""


class TextModality(Strict):
    method: Literal["forward"] = "forward"
    method_output_name: Literal["last_hidden_state"] = "last_hidden_state"


class Modalities(Strict):
    text: TextModality
    message: Any = None


class TransformerSettings(Strict):
    """sentence_bert_config.json."""

    max_seq_length: Count | None = None
    do_lower_case: bool | None = None
    transformer_task: Literal["feature-extraction"] = "feature-extraction"
    modality_config: Modalities | None = None
    module_output_name: Literal["token_embeddings"] | None = None
    processing_kwargs: Nothing | None = None
    model_args: Nothing | None = None
    tokenizer_args: Nothing | None = None
    config_args: Nothing | None = None
    unpad_inputs: Any = None
    query_length: None = None
    document_length: None = None
    query_expansion: None = None


class PoolingSettings(Strict):
    """1_Pooling/config.json."""

    pooling_mode: str | list[str] | None = None
    pooling_mode_cls_token: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False
    pooling_mode_weightedmean_tokens: bool = False
    pooling_mode_lasttoken: bool = False
    include_prompt: bool = True
    word_embedding_dimension: Count | None = None
    embedding_dimension: Count | None = None


class DenseSettings(Strict, kw_only=True):
    """2_Dense/config.json."""

    in_features: Count
    out_features: Count
    bias: bool = True
    activation_function: str
    module_input_name: Sentence = None
    module_output_name: Sentence = None
    use_residual: bool = False


class NormalizeSettings(Strict):
    """3_Normalize/config.json, which may be missing."""

    module_input_name: Sentence = None
    module_output_name: Sentence = None


class Whole(Strict):
    """config_sentence_transformers.json."""

    model_type: Literal["SentenceTransformer"] = "SentenceTransformer"
    prompts: dict[str, str] | None = None
    default_prompt_name: str | None = None
    similarity_fn_name: Any = None
    truncate_dim: None = None
    versions: Any = msgspec.field(default=None, name="__version__")


def from_transformers(folder: Path) -> Encoder:
    """A plain transformers folder, mean-pooled. Raises ModelFormatError where it cannot be read."""
    body = pretrained.from_folder(folder)
    return Encoder(tokenizer=tokenizer_of(folder, body, None), body=body).eval()


def from_sentence_transformers(folder: Path) -> Encoder:
    """A sentence-transformers folder: Transformer, Pooling, and perhaps Dense (linear) and Normalize.

    Raises ModelFormatError for any other module, a setting or a pooling this package does not have, or a damaged
    folder.
    """
    whole = read_optional(folder / "config_sentence_transformers.json", Whole)
    prompt = ""
    if whole.default_prompt_name is not None:
        prompt = (whole.prompts or {}).get(whole.default_prompt_name)
        if prompt is None:
            raise ModelFormatError(
                f"there is no prompt {whole.default_prompt_name!r}", folder / "config_sentence_transformers.json"
            )
    modules = _modules(folder)
    names = [module.type.rsplit(".", 1)[-1] for module in modules]
    for name, module in zip(names, modules, strict=True):
        if name not in ORDER or not module.type.startswith("sentence_transformers."):
            raise ModelFormatError(f"module {module.type} is not supported here; supported: {', '.join(ORDER)}", folder)
    places = {
        name: inside(folder, module.path, folder / "modules.json") for name, module in zip(names, modules, strict=True)
    }
    if names != [name for name in ORDER if name in names] or not set(ORDER[:2]) <= set(names):
        raise ModelFormatError(
            f"the modules {', '.join(names) or 'none'} are not supported, only, in this order, {', '.join(ORDER)}; the "
            "last two may be missing",
            folder / "modules.json",
        )
    encoder = _transformer(places["Transformer"])
    encoder.change(pooling=_pooling(places["Pooling"] / "config.json", encoder.body.width, bool(prompt)))
    if "Dense" in places:
        encoder.projection = _dense(places["Dense"], encoder.body.width)
    if "Normalize" in places:
        read_optional(places["Normalize"] / "config.json", NormalizeSettings)
        encoder.change(normalize=True)
    return encoder.change(prompt=prompt).eval()


def named_pooling(folder: Path) -> Pooling | None:
    """The pooling a sentence-transformers folder names; None for a plain transformers folder, which names none."""
    if not (folder / "modules.json").exists():
        return None
    places = [
        inside(folder, module.path, folder / "modules.json")
        for module in _modules(folder)
        if module.type.endswith("Pooling")
    ]
    return _pooling(places[0] / "config.json") if places else None


def _modules(folder: Path) -> list[Module]:
    return read_json(folder / "modules.json", list[Module])


def _transformer(path: Path) -> Encoder:
    file = next((path / name for name in LENGTHS if (path / name).exists()), path / LENGTHS[0])
    settings: TransformerSettings = read_optional(file, TransformerSettings)
    body = pretrained.from_folder(path)
    tokenizer = tokenizer_of(path, body, settings.max_seq_length)
    if settings.do_lower_case:
        tokenizer_rules.lower_case(tokenizer.library)
    return Encoder(tokenizer=tokenizer, body=body)


def _pooling(file: Path, width: int | None = None, prompted: bool = False) -> Pooling:
    config = read_json(file, PoolingSettings)
    if config.pooling_mode is not None:
        names = [config.pooling_mode] if isinstance(config.pooling_mode, str) else config.pooling_mode
        modes = [NAMES.get(name) for name in names]
    else:
        names = [
            name for name in config.__struct_fields__ if name.startswith("pooling_mode_") and getattr(config, name)
        ]
        modes = [POOLINGS.get(name) for name in names]
    if len(modes) != 1 or modes[0] is None:
        raise ModelFormatError(
            f"one pooling of {', '.join(NAMES)} is supported, not {', '.join(names) or 'none'}", file
        )
    if prompted and not config.include_prompt:
        raise ModelFormatError("include_prompt: false, to pool without the prompt's tokens, is not supported", file)
    named = config.embedding_dimension or config.word_embedding_dimension
    if width is not None and named not in (None, width):
        raise ModelFormatError(f"says that vectors have {named:,} dimensions; the model's have {width:,}", file)
    return modes[0]


def _dense(folder: Path, width: int) -> nn.Linear:
    config = read_json(folder / "config.json", DenseSettings)
    if config.activation_function not in IDENTITY or config.use_residual:
        raise ModelFormatError(
            f"a Dense module with activation {config.activation_function}"
            f"{' and a residual' if config.use_residual else ''} is not supported, only Identity without",
            folder,
        )
    file = next(
        (folder / name for name in ("model.safetensors", "pytorch_model.bin") if (folder / name).exists()), None
    )
    if file is None:
        raise ModelFormatError("there are no weights here (model.safetensors or pytorch_model.bin)", folder)
    weights = {name.removeprefix("linear."): tensor for name, tensor in read_tensors(file).items()}
    have = tuple(weights["weight"].shape) if "weight" in weights else None
    if have != (config.out_features, config.in_features) or config.in_features != width:
        raise ModelFormatError(
            f"a map of {config.in_features:,} to {config.out_features:,} dimensions does not fit its weights {have} "
            f"and the model's {width:,}",
            folder / "config.json",
        )
    layer = nn.Linear(config.in_features, config.out_features, bias=config.bias)
    fill(layer, weights, file)
    return layer
