"""The vocabularies of LASER's releases as one set of rules: what its Python scripts do to a text, in tokenizers' own
terms.

Preprocessing: LASER's laser_encoders (control characters, Moses's punctuation rules for English, lower case), then
SentencePiece. A file of rules needs neither sacremoses nor sentencepiece to encode, and an exported engine reads it as
it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors

from interlingua.errors import InterlinguaError, MissingDependency, ModelFormatError
from interlingua.tokenization import Tokenizer
from interlingua.tokenizer_rules import check_character_map

SPECIAL: tuple[str, ...] = ("<s>", "<pad>", "</s>", "<unk>")
"""The first four symbols of every vocabulary of fairseq, in its order."""
HELD = "\ue000"
"""Stands for a quotation mark on its way behind commas and full stops; texts hold none, private characters having
become spaces."""
# Moses's normalize-punctuation.perl for English, in its order, with the two changes of LASER.
PUNCTUATION: tuple[tuple[str, str], ...] = (
    (r"\(", " ("), (r"\)", ") "), (r" +", " "), (r"(?<=\)) (?=[.!:?;,])", ""), (r"\( ", "("), (r" \)", ")"),
    (r"(?<=\d) %", "%"),
    (" :", ":"), (" ;", ";"), ("`", "'"), ("''", ' " '), ("[„“”]", '"'), ("–", "-"), ("—", " - "), (r" +", " "),
    ("´", "'"),
    ("(?<=[a-zA-Z])[‘’](?=[a-zA-Z])", "'"), ("[‘‚’]", '"'), ("''", '"'), ("…", "..."), ("\u00a0«\u00a0", ' "'),
    ("«\u00a0", '"'),
    ("«", '"'), ("\u00a0»\u00a0", '" '), ("\u00a0»", '"'), ("»", '"'), ("\u00a0%", "%"), ("nº\u00a0", "nº "),
    ("\u00a0:", ":"),
    ("\u00a0ºC", " ºC"), ("\u00a0cm", " cm"), (r"\u00a0\?", "?"), ("\u00a0!", "!"), ("\u00a0;", ";"), (",\u00a0", ", "),
    (r" +", " "),
    (r'"(?=[,.])', HELD), *((HELD + mark, mark + HELD) for _ in range(8) for mark in (",", r".")), (HELD, '"'),
    (r"(?<=\d)\u00a0(?=\d)", "."),
)  # fmt: skip


def preprocessing() -> list[normalizers.Normalizer]:
    """What happens to a text before SentencePiece sees it."""
    steps: list[Any] = [normalizers.Replace(Regex(r"\p{C}"), " ")]
    for pattern, content in PUNCTUATION:
        literal = pattern.startswith(HELD)
        steps.append(normalizers.Replace(pattern if literal else Regex(pattern.replace(r"\u00a0", "\u00a0")), content))
    final_sigma = normalizers.Replace(
        Regex(r"(?<=\p{L})Σ(?!\p{L})"), "ς"
    )  # which lower-casing character by character does not see
    return [*steps, normalizers.Strip(), final_sigma, normalizers.Lowercase()]


def symbols_of(vocabulary: Path, with_mask: bool) -> list[str]:
    """The symbols of a vocabulary file (a symbol and its count a line), behind fairseq's four.

    Raises ModelFormatError for another layout.
    """
    symbols = list(SPECIAL)
    seen = set(symbols)
    try:
        for number, line in enumerate(vocabulary.read_text(encoding="utf-8").split("\n"), 1):
            if not line.rstrip():
                continue
            symbol, _, count = line.rstrip().removesuffix(" #fairseq:overwrite").rpartition(" ")
            if not count.lstrip("-").isdigit() or (symbol in seen and not line.rstrip().endswith("#fairseq:overwrite")):
                raise ModelFormatError(
                    f"line {number}: a symbol and its count are expected, each symbol once", vocabulary
                )
            symbols.append(symbol)
            seen.add(symbol)
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFormatError(f"the vocabulary cannot be read ({error})", vocabulary) from error
    return [*symbols, "<mask>"] if with_mask and "<mask>" not in seen else symbols


def sentencepiece_tokenizer(
    model: Path, ids: Mapping[str, int], size: int, max_tokens: int, *, begin: bool
) -> tuple[Tokenizer, int]:
    """A tokenizer that gives the pieces of a SentencePiece model the numbers of `ids`, and how many numbers it added to
    `size` of them.

    Pieces that `ids` does not know get numbers of their own behind the others: their vectors must be that of <unk>.
    `begin` puts <s> before every text. Raises ModelFormatError where the file is no SentencePiece model.
    """
    with _readable(model):
        return _of_sentencepiece(_read(model), ids, size, max_tokens, begin)


def _of_sentencepiece(
    proto: Any, ids: Mapping[str, int], size: int, max_tokens: int, begin: bool
) -> tuple[Tokenizer, int]:
    normal, control = 1, (2, 3)  # piece types: NORMAL, UNKNOWN and CONTROL
    pieces = [(piece.piece, piece.score) for piece in proto.pieces if piece.type not in control]
    unknown = [piece for piece, _ in pieces if piece not in ids]
    number = {
        **{piece: ids[piece] for piece, _ in pieces if piece in ids},
        **{piece: size + row for row, piece in enumerate(unknown)},
    }
    taken = {place for _, place in number.items()}
    # Numbers that no piece has are held by strings that no text can contain.
    number |= {f"\x00{place}": place for place in range(size) if place not in taken}
    for place, name in enumerate(SPECIAL):
        number = {piece: at for piece, at in number.items() if at != place} | {name: place}
    if proto.trainer_spec.model_type == normal:
        scores = dict(pieces)
        ordered = sorted(number, key=lambda piece: number[piece])
        rules = tokenizers.Tokenizer(
            models.Unigram([(piece, scores.get(piece, -1e6)) for piece in ordered], SPECIAL.index("<unk>"))
        )
    else:
        merges = _merges(dict(pieces))
        rules = tokenizers.Tokenizer(models.BPE(number, merges, unk_token="<unk>", fuse_unk=True))
    steps = preprocessing()
    if proto.normalizer_spec.precompiled_charsmap:
        check_character_map(proto.normalizer_spec.precompiled_charsmap)
        steps.append(normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap))
    if proto.normalizer_spec.remove_extra_whitespaces:
        steps += [normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    rules.normalizer = normalizers.Sequence(steps)
    scheme = "always" if proto.normalizer_spec.add_dummy_prefix else "never"
    across = any("▁" in piece[1:] for piece, _ in pieces)
    rules.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=not across)
    rules.decoder = decoders.Metaspace(prepend_scheme=scheme)
    rules.add_special_tokens([name for name in (*SPECIAL, "<mask>") if name in number])
    rules.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>" if begin else "$A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return Tokenizer(rules, max_tokens, SPECIAL.index("<pad>")), len(unknown)


def _merges(scores: Mapping[str, float]) -> list[tuple[str, str]]:
    """The merges of a SentencePiece BPE model: every way to split a piece in two pieces, the best pieces first."""
    merges = [
        (piece[:cut], piece[cut:], score)
        for piece, score in scores.items()
        for cut in range(1, len(piece))
        if piece[:cut] in scores and piece[cut:] in scores
    ]
    return [
        (left, right)
        for left, right, _ in sorted(merges, key=lambda merge: (-merge[2], -scores[merge[0]], -scores[merge[1]]))
    ]


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Whatever a damaged file makes of the libraries, as one error."""
    try:
        yield
    except InterlinguaError:
        raise
    except Exception as error:
        raise ModelFormatError(f"no vocabulary can be made of this file ({error})", file) from error


def _read(model: Path) -> Any:
    try:
        from google.protobuf.message import DecodeError
        from sentencepiece import sentencepiece_model_pb2
    except ImportError as error:
        raise MissingDependency("reading a SentencePiece model", "train") from error
    proto: Any = sentencepiece_model_pb2.ModelProto()  # pyright: ignore[reportAttributeAccessIssue]
    try:
        proto.ParseFromString(model.read_bytes())
    except (OSError, DecodeError) as error:
        raise ModelFormatError(f"no SentencePiece model can be read here ({error})", model) from error
    if not proto.pieces or proto.trainer_spec.model_type not in (1, 2):
        raise ModelFormatError("this SentencePiece model is neither unigram nor BPE", model)
    return proto


def bpe_tokenizer(codes: Path, ids: Mapping[str, int], size: int, max_tokens: int) -> tuple[Tokenizer, int]:
    """The tokenizer of LASER's first release: fastBPE's codes over words and marks, pieces of a word but its last
    marked by @@.

    Words are split at whitespace and punctuation, not by Moses, jieba or MeCab as LASER's scripts do by language: text
    that is tokenised already gets exactly their pieces. Raises ModelFormatError where the file holds no codes.
    """
    with _readable(codes):
        return _of_codes(codes, ids, size, max_tokens)


def _of_codes(codes: Path, ids: Mapping[str, int], size: int, max_tokens: int) -> tuple[Tokenizer, int]:
    merges: list[tuple[str, str]] = []
    try:
        for number, line in enumerate(codes.read_text(encoding="utf-8").split("\n"), 1):
            parts = line.split(" ")
            if line.startswith("#version") or not line.strip():
                continue
            if len(parts) not in (2, 3):
                raise ModelFormatError(f"line {number}: two pieces (and their count) are expected", codes)
            merges.append((parts[0], parts[1]))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFormatError(f"the codes cannot be read ({error})", codes) from error
    number = {_inner(symbol): place for symbol, place in ids.items() if symbol not in SPECIAL}
    made = [piece for pair in merges for piece in (*pair, "".join(pair))]
    unknown = [piece for piece in dict.fromkeys(made) if piece not in number]
    number |= {piece: size + row for row, piece in enumerate(unknown)} | {
        name: place for place, name in enumerate(SPECIAL)
    }
    rules = tokenizers.Tokenizer(models.BPE(number, merges, unk_token="<unk>", end_of_word_suffix="</w>"))
    rules.normalizer = normalizers.Sequence([*preprocessing(), normalizers.Replace(Regex(r"\s+"), " ")])
    rules.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    rules.decoder = decoders.BPEDecoder(suffix="</w>")
    rules.add_special_tokens(list(SPECIAL))
    rules.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    return Tokenizer(rules, max_tokens, SPECIAL.index("<pad>")), len(unknown)


def _inner(symbol: str) -> str:
    """A symbol as the merges write it: th@@ is th, the is the</w>."""
    return symbol.removesuffix("@@") if symbol.endswith("@@") else symbol + "</w>"


def check(symbols: Sequence[str], rows: int, path: Path) -> None:
    """Raises ModelFormatError where vocabulary and weights do not belong together."""
    if len(symbols) != rows:
        raise ModelFormatError(
            f"the vocabulary has {len(symbols):,} symbols, the weights {rows:,}; they do not belong together", path
        )
