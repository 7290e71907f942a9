"""What is asked of the rules of a tokenizer, as the library has them: to begin a long text, and to be changed."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import tokenizers

from interlingua.errors import ConfigError

ENOUGH = 32
"""Tokens beyond the limit from which those before it no longer depend on where a text was cut."""
WORD = 256
"""Characters before a cut among which a space is looked for: there, no word is cut in two."""


@contextmanager
def at_work() -> Iterator[None]:
    """Raise ConfigError where the rules of a tokenizer fail: the library raises bare Exception, and panics."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic is no Exception
        problem = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise ConfigError(f"the tokenizer of this model fails ({problem}); mend tokenizer.json") from error


class _File(msgspec.Struct):
    """What of a tokenizer.json is looked at before the library reads it."""

    normalizer: Any = None


def read(file: Path) -> tokenizers.Tokenizer:
    """The rules of a tokenizer.json. Raises ConfigError where it cannot be read."""
    with at_work():
        found: list[Any] = [msgspec.json.decode(file.read_bytes(), type=_File).normalizer]
        while found:
            rules = found.pop()
            if isinstance(rules, dict):
                found += rules.values()
                check_character_map(base64.b64decode(str(rules.get("precompiled_charsmap", ""))))
            elif isinstance(rules, list):
                found += rules
        return tokenizers.Tokenizer.from_file(str(file))


def check_character_map(content: bytes) -> None:
    """Raise ConfigError for a table of characters that is larger than its bytes, by what it says: the library would
    allocate that, and end the process where it fails.
    """
    if int.from_bytes(content[:4], "little") > max(0, len(content) - 4):
        raise ConfigError("the tokenizer's table of characters says that it is larger than it is")


def head(text: str, most: int) -> str:
    """The first `most` characters of a text, or a few less, so as to end between two words."""
    if len(text) <= most:
        return text
    space = text.rfind(" ", most - WORD, most)
    return text[: most if space < 0 else space]


def is_all(encoding: tokenizers.Encoding, text: str, most: int) -> bool:
    """Whether the encoding of the first `most` characters of a text begins like that of the whole."""
    return len(text) <= most or sum(map(len, encoding.overflowing)) >= ENOUGH


def lower_case(rules: tokenizers.Tokenizer) -> None:
    """Write texts in lower case before anything else is done, if no rule does so yet."""
    before = json.loads(rules.to_str())["normalizer"]
    if not _lowers(before):
        lower = tokenizers.normalizers.Lowercase()
        own = rules.normalizer
        rules.normalizer = lower if own is None else tokenizers.normalizers.Sequence([lower, own])


def override_bert(rules: tokenizers.Tokenizer, lower: bool, strip_accents: bool | None, split_chinese: bool) -> bool:
    """Change BERT's rules, and return True; False, and nothing is changed, where the rules are others."""
    found: Any = rules.normalizer
    if not isinstance(found, tokenizers.normalizers.BertNormalizer):
        return False
    rules.normalizer = tokenizers.normalizers.BertNormalizer(
        clean_text=found.clean_text, handle_chinese_chars=split_chinese, strip_accents=strip_accents, lowercase=lower
    )
    return True


def override_prefix_space(rules: tokenizers.Tokenizer, add: bool) -> None:
    """Put a space before every text, or none; without effect on rules that are not of bytes."""
    found: Any = rules.pre_tokenizer
    if isinstance(found, tokenizers.pre_tokenizers.ByteLevel):
        rules.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=add, use_regex=found.use_regex)


def _lowers(rules: Any) -> bool:
    """Whether normalising rules, as tokenizer.json has them, write text in lower case."""
    if not isinstance(rules, dict):
        return False
    kind = rules.get("type")
    return (
        kind == "Lowercase"
        or (kind == "BertNormalizer" and bool(rules.get("lowercase")))
        or any(map(_lowers, rules.get("normalizers", ())))
    )
