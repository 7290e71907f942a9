"""The tokenizer of a transformers folder: tokenizer.json, and what the files beside it change of it.

transformers makes its tokenizer of both. A setting that would give other ids is followed, or refused by its name.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from interlingua import tokenizer_rules
from interlingua.encoders.bodies import pretrained
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.model_files import Open, read_json
from interlingua.tokenization import Tokenizer

LOWERING = re.compile(r"(bert|distilbert|electra|mobilebert|mpnet)(tokenizer(fast)?)?", re.IGNORECASE)
"""Classes and model types that normalise texts as BERT did, in lower case where nothing else is said."""
OF_BYTES = re.compile(r"roberta(tokenizer(fast)?)?", re.IGNORECASE)
"""Those of bytes, without a space before a text where nothing else is said."""
BEHIND_PADDING = ("roberta", "xlm-roberta", "camembert", "mpnet")
"""Model types whose positions start behind the padding index, 1."""
LONGEST = 10**6
CONFIG, SPECIAL, ADDED = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"


class Special(Open):
    """special_tokens_map.json."""

    additional_special_tokens: Any = None


class Settings(Special):
    """What of tokenizer_config.json changes tokenizer.json, or cuts texts otherwise."""

    model_max_length: Annotated[float, msgspec.Meta(ge=1)] | None = None
    truncation_side: Literal["right"] | None = None
    split_special_tokens: bool | None = None
    tokenizer_class: str | None = None
    do_lower_case: bool | None = None
    strip_accents: bool | None = None
    tokenize_chinese_chars: bool | None = None
    add_prefix_space: bool | None = None
    added_tokens_decoder: dict[str, Any] | None = None
    extra_special_tokens: Any = None


def tokenizer_of(folder: Path, body: pretrained.Body, max_tokens: int | None) -> Tokenizer:
    """The tokenizer for a body; texts are cut at `max_tokens`, or where the folder says. Raises ModelFormatError for
    what is missing, damaged, contradicts itself or is not supported.
    """
    file = folder / "tokenizer.json"
    if not file.exists():
        raise ModelFormatError(
            "there is no tokenizer.json here; save the model's fast tokenizer into the folder", folder
        )
    settings: Settings = read_optional(folder / CONFIG, Settings)
    kind = body.model.config.model_type
    longest = int(getattr(body.model.config, "max_position_embeddings", 512)) - 2 * (kind in BEHIND_PADDING)
    limits = [limit for limit in (max_tokens, settings.model_max_length) if limit]
    tokenizer = Tokenizer.load(file, int(min(limits[0] if max_tokens else min([*limits, longest]), LONGEST)))
    tokenizer.truncate(min(tokenizer.max_tokens, longest))
    special = tokenizer.library.num_special_tokens_to_add(False)
    if tokenizer.max_tokens <= special:
        raise ModelFormatError(f"texts are cut at {tokenizer.max_tokens} tokens, and {special} are special", folder)
    _follow(tokenizer, settings, kind, folder / CONFIG)
    _check_added(tokenizer, settings, folder)
    try:
        tokenizer.check_rows(body.word_embeddings.num_embeddings)
    except ConfigError as error:
        raise ModelFormatError(str(error), file) from error
    return tokenizer


def _follow(tokenizer: Tokenizer, settings: Settings, model_type: str, file: Path) -> None:
    """Change the rules as transformers does, by the class that is named, or else by the model type."""
    if settings.split_special_tokens:
        raise ModelFormatError("split_special_tokens: true is not supported", file)
    named, rules = settings.tokenizer_class, tokenizer.library
    if LOWERING.fullmatch(named or model_type):
        lower, split_chinese = (
            value is not False for value in (settings.do_lower_case, settings.tokenize_chinese_chars)
        )
        followed = tokenizer_rules.override_bert(rules, lower, settings.strip_accents, split_chinese)
    else:
        followed = not OF_BYTES.fullmatch(named or "") or rules.normalizer is None
    if named and not followed:
        raise ModelFormatError(
            f"a {named} normalises texts otherwise than the tokenizer.json beside it; which of the two counts depends "
            'on the version of transformers; "PreTrainedTokenizerFast" as tokenizer_class follows tokenizer.json',
            file,
        )
    by_bytes = OF_BYTES.fullmatch(named or model_type)
    if by_bytes or settings.add_prefix_space is not None:
        tokenizer_rules.override_prefix_space(rules, bool(settings.add_prefix_space))


def _check_added(tokenizer: Tokenizer, settings: Settings, folder: Path) -> None:
    """Raise ModelFormatError for a token that a file adds to the vocabulary, and that tokenizer.json does not know."""
    known = {token.content for token in tokenizer.library.get_added_tokens_decoder().values()}
    special: Special = read_optional(folder / SPECIAL, Special)
    decoder = (settings.added_tokens_decoder or {}).values()
    added = {
        CONFIG: (*decoder, settings.additional_special_tokens, settings.extra_special_tokens),
        SPECIAL: (special.additional_special_tokens,),
        ADDED: list(read_json(folder / ADDED, dict[str, int])) if (folder / ADDED).exists() else (),
    }
    for name, tokens in added.items():
        for content in _contents(tokens):
            if content not in known:
                raise ModelFormatError(
                    f"adds the token {content!r}, which tokenizer.json lacks; save the model's fast tokenizer again",
                    folder / name,
                )


def _contents(tokens: Any) -> Iterator[str]:
    """The strings of tokens, however they are written: alone, with their options, in lists, or by name."""
    if isinstance(tokens, str):
        yield tokens
    elif isinstance(tokens, dict) and isinstance(tokens.get("content"), str):
        yield tokens["content"]
    elif isinstance(tokens, Iterable):
        for one in tokens.values() if isinstance(tokens, dict) else tokens:
            yield from _contents(one)


def read_optional(file: Path, schema: Any) -> Any:
    """The settings of a file; those that hold where nothing is said, where there is none."""
    return read_json(file, schema) if file.exists() else schema()
