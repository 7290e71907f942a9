"""A copy of an encoder with the part of its vocabulary that some languages need: most of a multilingual model is word
embeddings.

Abdaoui et al. 2020, "Load What You Need: Smaller Versions of Multilingual BERT". A text all of whose pieces are kept is
cut into the same pieces and has bit-identical vectors: Unigram and WordPiece choose among fewer rivals, and of BPE's
merges every one that can make a kept piece is kept.
"""

import copy
import json
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.languages import script, standard
from interlingua.tokenization import Tokenizer

NAMED = {
    "Latn": ("LATIN",), "Cyrl": ("CYRILLIC",), "Grek": ("GREEK",), "Arab": ("ARABIC",), "Hebr": ("HEBREW",),
    "Deva": ("DEVANAGARI",),
    "Beng": ("BENGALI",), "Guru": ("GURMUKHI",), "Gujr": ("GUJARATI",), "Orya": ("ORIYA",), "Taml": ("TAMIL",),
    "Telu": ("TELUGU",),
    "Knda": ("KANNADA",), "Mlym": ("MALAYALAM",), "Sinh": ("SINHALA",), "Thai": ("THAI",), "Laoo": ("LAO",),
    "Tibt": ("TIBETAN",),
    "Mymr": ("MYANMAR",), "Geor": ("GEORGIAN",), "Armn": ("ARMENIAN",), "Ethi": ("ETHIOPIC",), "Khmr": ("KHMER",),
    "Mong": ("MONGOLIAN",),
    "Hans": ("CJK",), "Hant": ("CJK",), "Hani": ("CJK",), "Bopo": ("BOPOMOFO",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL", "CJK"), "Thaa": ("THAANA",), "Syrc": ("SYRIAC",), "Cher": ("CHEROKEE",), "Tfng": ("TIFINAGH",),
    "Nkoo": ("NKO",),
    "Olck": ("OL",), "Cans": ("CANADIAN",), "Copt": ("COPTIC",), "Yiii": ("YI",),
}  # fmt: skip
"""The first word of the Unicode names of a script's letters."""


def alphabets(languages: Iterable[str]) -> frozenset[str]:
    """The first words of the names of the letters some languages are written in. Raises ConfigError for a script
    without an entry.
    """
    scripts: set[str] = set()
    for language in languages:
        code = script(language)
        if code not in NAMED:
            raise ConfigError(
                f"it is not known what {language} is written in (script {code or 'unknown'}); give --text of that "
                "language"
            )
        scripts.update(NAMED[code])
    return frozenset(scripts)


@lru_cache(maxsize=200_000)
def _alphabet(character: str) -> str:
    """The first word of a letter's name; "" for what is no letter, such as digits, marks of punctuation, symbols."""
    if not unicodedata.category(character).startswith("L"):
        return ""
    return unicodedata.name(character, "UNKNOWN").split()[0].removesuffix("-COMPATIBILITY")


def in_alphabets(piece: str, known: frozenset[str]) -> bool:
    """Whether all letters of a piece belong to some alphabets; digits and punctuation belong to every one."""
    return all(_alphabet(character) in known or not _alphabet(character) for character in piece)


def pieces_of_scripts(tokenizer: Tokenizer, languages: Sequence[str]) -> set[int]:
    """The pieces written in the scripts of some languages alone: the rule that needs no text."""
    known = alphabets(languages)
    if _is_byte_level(tokenizer):
        raise ConfigError("this vocabulary is made of bytes, whose pieces have no script; give --text")
    return {number for piece, number in tokenizer.vocabulary().items() if in_alphabets(piece, known)}


def pieces_of_texts(tokenizer: Tokenizer, texts: Sequence[str], languages: Sequence[str]) -> set[int]:
    """The pieces texts are cut into, and every single character of the languages' scripts, so that no new word is
    lost.
    """
    used = {int(number) for ids in tokenizer.ids(texts) for number in ids}
    if _is_byte_level(tokenizer):
        return used | {number for piece, number in tokenizer.vocabulary().items() if len(piece) == 1}
    known = alphabets(languages) if languages else frozenset[str]()
    single = {
        number
        for piece, number in tokenizer.vocabulary().items()
        if len(piece.removeprefix("##").replace("▁", "")) <= 1 and in_alphabets(piece, known)
    }
    return used | single


def _is_byte_level(tokenizer: Tokenizer) -> bool:
    rules = tokenizer.rules()
    return "ByteLevel" in json.dumps([rules["pre_tokenizer"], rules["decoder"]])


def trim(encoder: Encoder, keep: set[int], languages: Sequence[str] = ()) -> Encoder:
    """A copy with the pieces `keep` and those no vocabulary can do without. It answers for `languages` alone, where any
    are named.

    Raises ConfigError for a kind of vocabulary that cannot be trimmed.
    """
    rules = encoder.tokenizer.rules()
    kept, rules = _cut(rules, keep | {encoder.tokenizer.pad})
    place = {old: new for new, old in enumerate(kept)}
    import tokenizers

    smaller = copy.deepcopy(encoder)
    smaller.tokenizer = Tokenizer(
        tokenizers.Tokenizer.from_str(json.dumps(rules)), encoder.tokenizer.max_tokens, place[encoder.tokenizer.pad]
    )
    smaller.body.keep_words(kept)
    return smaller.change(languages=tuple(dict.fromkeys(standard(language) for language in languages)))


def _cut(rules: dict[str, Any], keep: set[int]) -> tuple[list[int], dict[str, Any]]:
    """The ids that stay, in their old order, and the rules with new ids."""
    model = rules["model"]
    keep = keep | {token["id"] for token in rules["added_tokens"]}
    pieces: list[list[Any]] = []
    if model["type"] == "Unigram":
        pieces = model["vocab"]
        keep |= {number for number, (piece, _) in enumerate(pieces) if len(piece) == 6 and piece.startswith("<0x")}
        keep |= {
            model["unk_id"],
            min(range(len(pieces)), key=lambda number: pieces[number][1]),
        }  # the lowest score prices the unknown
        by_id = {number: piece for number, (piece, _) in enumerate(pieces)}
    elif model["type"] in ("WordPiece", "BPE"):
        by_id = {number: piece for piece, number in model["vocab"].items()}
        if model.get("unk_token") in model["vocab"]:
            keep |= {model["vocab"][model["unk_token"]]}
        if model["type"] == "BPE":
            keep = _with_parts(model, keep)
    else:
        raise ConfigError(f"a vocabulary of the kind {model['type']} cannot be trimmed; Unigram, WordPiece and BPE can")
    by_id |= {token["id"]: token["content"] for token in rules["added_tokens"]}
    kept = [number for number in sorted(keep) if number in by_id]
    place = {old: new for new, old in enumerate(kept)}
    if model["type"] == "Unigram":
        model["vocab"] = [pieces[old] for old in kept if old < len(pieces)]
        model["unk_id"] = place[model["unk_id"]]
    else:
        vocabulary = model["vocab"]
        model["vocab"] = {piece: place[number] for piece, number in vocabulary.items() if number in place}
        if model["type"] == "BPE":
            model["merges"] = [
                merge for merge in model["merges"] if all(part in model["vocab"] for part in _made(merge))
            ]
    for token in rules["added_tokens"]:
        token["id"] = place[token["id"]]
    _renumber(rules["post_processor"], place)
    return kept, {**rules, "padding": None, "truncation": None}


def _made(merge: Any) -> tuple[str, str, str]:
    one, other = merge.split(" ") if isinstance(merge, str) else merge
    return one, other, one + other


def _with_parts(model: dict[str, Any], keep: set[int]) -> set[int]:
    """The ids and whatever they can be merged from."""
    parents: dict[str, set[str]] = {}
    for merge in model["merges"]:
        one, other, whole = _made(merge)
        parents.setdefault(whole, set()).update((one, other))
    by_id = {number: piece for piece, number in model["vocab"].items()}
    waiting = [by_id[number] for number in keep if number in by_id]
    seen = set(waiting)
    while waiting:
        new = parents.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return keep | {model["vocab"][piece] for piece in seen}


def _renumber(part: Any, place: dict[int, int]) -> None:
    """Write new ids into a post-processor, whatever its kind."""
    if isinstance(part, list):
        for item in part:
            _renumber(item, place)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in ("sep", "cls") and isinstance(value, list):  # BERT's and RoBERTa's: [token, id]
                value[1] = place[value[1]]
            elif name == "ids":
                part[name] = [place[number] for number in value]
            else:
                _renumber(value, place)
