"""Text to subword ids: a vocabulary trained on the user's text, or a pretrained one."""

import io
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers

from interlingua import tokenizer_rules
from interlingua.errors import ConfigError, DataError, MissingDependency, ModelFormatError
from interlingua.machine import within
from interlingua.progress import log
from interlingua.shapes import Int32
from interlingua.tokenizer_rules import WORD, head, is_all

CHARACTERS = 8
"""Characters a token that are looked at first, twice what usual text has."""
MOST_CHARACTERS = 1 << 20
TOGETHER = 1 << 19
"""Characters tokenised at a time: until a token is a number, it takes up to 150 bytes."""
SMALLEST_VOCABULARY = 400
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", "<mask>")
LARGEST_ID = 1 << 24
"""Beyond any vocabulary there is; tables are made with a row an id."""
ROLES = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[UNK]": "<unk>", "[MASK]": "<mask>"}
"""BERT's names of the special pieces, and ours."""


class Tokenizer:
    """A subword vocabulary and its rules."""

    def __init__(self, rules: tokenizers.Tokenizer, max_tokens: int, pad: int = 0) -> None:
        self._rules, self.pad = rules, pad
        self._rules.no_padding()
        self.truncate(max_tokens)

    def truncate(self, max_tokens: int) -> None:
        """Cut longer texts to `max_tokens` ids, special tokens included."""
        self.max_tokens = max_tokens
        self._rules.enable_truncation(max_tokens)

    @property
    def vocabulary_size(self) -> int:
        return self._rules.get_vocab_size()

    def vocabulary(self) -> dict[str, int]:
        """Every piece and its id."""
        return self._rules.get_vocab()

    def rules(self) -> dict[str, Any]:
        """What tokenizer.json holds."""
        return json.loads(self._rules.to_str())

    def unknown(self, ids: Int32[np.ndarray, " T"]) -> int:
        """How many of some ids stand for what the vocabulary cannot spell."""
        numbers = [self._rules.token_to_id(token) for token in ("<unk>", "[UNK]")]
        return int(sum((ids == number).sum() for number in numbers if number is not None))

    @property
    def special(self) -> set[int]:
        """Ids that stand for no text: padding, beginning, end, mask."""
        return {number for number, token in self._rules.get_added_tokens_decoder().items() if token.special}

    @property
    def mask(self) -> int:
        """The id that stands for a hidden token. Raises ConfigError for a vocabulary without one."""
        for token in ("<mask>", "[MASK]"):
            if (number := self._rules.token_to_id(token)) is not None:
                return number
        raise ConfigError("this vocabulary has no mask token, so no hidden tokens can be learned")

    def pieces(self) -> list[str]:
        """Every piece by its id, written alike for all vocabularies: "▁" begins a word, and padding is <pad>,
        whatever its name was.
        """
        rules = json.loads(self._rules.to_str())
        model, stages = rules["model"]["type"], json.dumps([rules["pre_tokenizer"], rules["decoder"]])
        special = {
            number: token.content for number, token in self._rules.get_added_tokens_decoder().items() if token.special
        }
        by_id = [""] * (max(self._rules.get_vocab().values()) + 1)
        for piece, number in sorted(self._rules.get_vocab().items()):  # of two pieces with one id always the same
            if number in special or piece in ROLES:
                by_id[number] = ROLES.get(piece, piece)
            elif model == "WordPiece":
                by_id[number] = piece[2:] if piece.startswith("##") else "▁" + piece
            elif '"ByteLevel"' in stages:
                by_id[number] = tokenizers.decoders.ByteLevel().decode([piece]).replace(" ", "▁")
            else:
                by_id[number] = piece
        return by_id

    def normalized(self, piece: str) -> str:
        """A piece, written as `pieces` does, as this vocabulary's normaliser (lower-casing, for one) would leave it."""
        if self._rules.normalizer is None:
            return piece
        return piece[: piece.startswith("▁")] + self._rules.normalizer.normalize_str(
            piece.removeprefix("▁")
        ).strip().removeprefix("▁")

    def text(self, ids: Sequence[int]) -> str:
        """The text of some ids, special tokens left out."""
        return self._rules.decode(list(ids))

    @property
    def edges(self) -> tuple[int, int]:
        """The ids with which a text begins and ends. Raises ConfigError for a vocabulary without them."""
        for begin, end in (("<s>", "</s>"), ("[CLS]", "[SEP]")):
            first, last = self._rules.token_to_id(begin), self._rules.token_to_id(end)
            if first is not None and last is not None:
                return first, last
        raise ConfigError("this vocabulary does not mark where a text begins and ends")

    def pair_ids(
        self, pairs: Sequence[tuple[str, str]]
    ) -> list[tuple[Int32[np.ndarray, " T"], Int32[np.ndarray, " T"]]]:
        """The ids of two texts that are read as one, and on each id 0 or 1: the text it comes from. Raises DataError
        and ConfigError as `ids` does.
        """
        self._check([text for pair in pairs for text in pair])
        looked_at = ((one[: self._most], other[: self._most]) for one, other in pairs)
        with tokenizer_rules.at_work():
            return [
                (np.array(encoding.ids, np.int32), np.array(encoding.type_ids, np.int32))
                for some in within(looked_at, len(pairs), TOGETHER, lambda pair: len(pair[0]) + len(pair[1]))
                for encoding in self._rules.encode_batch(some)
            ]

    def ids(self, texts: Sequence[str]) -> list[Int32[np.ndarray, " _"]]:
        """The ids of every text, special tokens included. Raises DataError for text that is not Unicode (a lone
        surrogate), ConfigError for rules that cannot spell a text.

        Of a long text only so much is looked at as fills `max_tokens`: memory does not grow with its length.
        """
        self._check(texts)
        cut = self._first
        rows: list[Int32[np.ndarray, " _"]] = []
        with tokenizer_rules.at_work():
            for some in within((head(text, cut) for text in texts), len(texts), TOGETHER, len):
                for encoding in self._rules.encode_batch_fast(some):
                    text = texts[len(rows)]
                    whole = encoding if is_all(encoding, text, cut) else self._further(text)
                    rows.append(np.array(whole.ids, np.int32))
        return rows

    @property
    def _first(self) -> int:
        """Characters that are looked at first."""
        return CHARACTERS * self.max_tokens + WORD

    @property
    def _most(self) -> int:
        """Characters that are looked at where few of them make tokens: blanks, words without end."""
        return max(MOST_CHARACTERS, 16 * self._first)

    def _further(self, text: str) -> tokenizers.Encoding:
        """The encoding of a text whose beginning gave too few tokens: of twice as much of it, and twice again."""
        cut = self._first
        while True:
            cut = min(2 * cut, self._most)
            encoding = self._rules.encode_batch_fast([head(text, cut)])[0]
            if is_all(encoding, text, cut):
                return encoding
            if cut == self._most:
                log(
                    f"of a text of {len(text):,} characters the first {cut:,} make few tokens; the rest is not "
                    "looked at"
                )
                return encoding

    @staticmethod
    def _check(texts: Sequence[str]) -> None:
        for number, text in enumerate(texts, 1):
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise DataError(f"text {number} holds a lone surrogate, half a character: {text[:60]!a}") from error

    def check_rows(self, rows: int) -> None:
        """Raise ConfigError where there are ids that word embeddings of so many `rows` have no row for."""
        with tokenizer_rules.at_work():
            edges = self._rules.encode("", "").ids
        largest = max([*self._rules.get_vocab().values(), *edges, self.pad], default=0)
        if largest >= rows:
            raise ConfigError(
                f"the tokenizer has ids up to {largest:,} and the weights {rows:,} rows; they are of different models"
            )

    @property
    def library(self) -> tokenizers.Tokenizer:
        """What `tokenizer_rules` changes."""
        return self._rules

    def save(self, file: Path) -> None:
        """Write the vocabulary and its rules as tokenizer.json."""
        self._rules.save(str(file))

    @classmethod
    def load(cls, file: Path, max_tokens: int) -> "Tokenizer":
        """Read a tokenizer.json. Raises ModelFormatError where it cannot be read."""
        try:
            rules = tokenizer_rules.read(file)
        except ConfigError as error:
            raise ModelFormatError(f"not a readable tokenizer ({error.__cause__})", file) from error
        if rules.truncation and rules.truncation["direction"] != "right":
            raise ModelFormatError(
                "cuts long texts at their beginning, which is not supported here, only at their end", file
            )
        if (largest := max(rules.get_vocab().values(), default=0)) > LARGEST_ID:
            raise ModelFormatError(f"a piece has the id {largest}, and none can be beyond {LARGEST_ID}", file)
        if getattr(rules.model, "dropout", None):  # for training: the same text would get other ids each time
            rules.model.dropout = None
        known = [rules.token_to_id(token) for token in ("<pad>", "[PAD]")]
        pad = rules.padding["pad_id"] if rules.padding else next((number for number in known if number is not None), 0)
        return cls(rules, max_tokens, pad)


def train(texts: Iterable[str], vocabulary_size: int, max_tokens: int = 128, pad: int = 0) -> Tokenizer:
    """A unigram vocabulary of at most `vocabulary_size` pieces (Kudo 2018), the same for the same texts.

    Rare and unseen characters are spelled in bytes, so no text is lost. Texts that support fewer pieces give fewer,
    which is said. `pad` is the id of the padding, 0 or 1, where a body insists on one. Raises ConfigError where
    `vocabulary_size` leaves no room beside the 256 bytes or is beyond LARGEST_ID, and for another `pad`.
    """
    if pad not in (0, 1):
        raise ConfigError(f"a vocabulary can have its padding at id 0 or 1, not {pad}")
    special = SPECIAL if pad == 0 else (SPECIAL[1], SPECIAL[0], *SPECIAL[2:])
    if not SMALLEST_VOCABULARY <= vocabulary_size <= LARGEST_ID:
        raise ConfigError(
            f"a vocabulary of {vocabulary_size} pieces: from {SMALLEST_VOCABULARY} (256 are bytes) to {LARGEST_ID:,}"
        )
    pieces = _unigram([unicodedata.normalize("NFKC", text) for text in texts], vocabulary_size, special)
    if len(pieces) < vocabulary_size:
        log(f"the text supports a vocabulary of {len(pieces):,} pieces, not of {vocabulary_size:,}")
    rules = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, special.index("<unk>"), byte_fallback=True))
    space = tokenizers.normalizers.Replace(tokenizers.Regex(r"\s+"), " ")
    rules.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.NFKC(), space, tokenizers.normalizers.Strip()]
    )
    rules.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    rules.decoder = tokenizers.decoders.Sequence([tokenizers.decoders.ByteFallback(), tokenizers.decoders.Metaspace()])
    rules.add_special_tokens(list(special))
    rules.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[(token, special.index(token)) for token in ("<s>", "</s>")],
    )
    return Tokenizer(rules, max_tokens, pad)


def _unigram(texts: Sequence[str], size: int, special: Sequence[str]) -> list[tuple[str, float]]:
    """Pieces and their log probabilities. SentencePiece trains them, for the trainer of `tokenizers` gives other
    pieces every time.
    """
    try:
        import sentencepiece
    except ImportError as error:
        raise MissingDependency("training a vocabulary", "train") from error
    known = _alphabet(texts, (size - 261) // 2)
    if not known:
        raise DataError("there is no text to train a vocabulary on")
    texts = ["".join(character if character in known else " " for character in text) for text in texts]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, model_type="unigram", vocab_size=size,
        hard_vocab_limit=False,
        byte_fallback=True, character_coverage=1.0, normalization_rule_name="identity", num_threads=1, minloglevel=2,
        pad_id=special.index("<pad>"), bos_id=special.index("<s>"), eos_id=2, unk_id=3, control_symbols=["<mask>"],
        max_sentence_length=100_000, max_sentencepiece_length=16,
    )  # fmt: skip
    trained = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return [(trained.id_to_piece(row), _few_digits(trained.get_score(row))) for row in range(trained.get_piece_size())]


def _few_digits(score: float) -> float:
    """A float32 in as few digits as tell it: tokenizer.json then gives back the same number, and is the same file when
    it is written again.
    """
    return float(str(np.float32(score)))


def _alphabet(texts: Sequence[str], most: int) -> set[str]:
    """The characters that make up 99.95 % of the text, `most` at most; the others are left to the bytes."""
    counts = Counter(character for text in texts for character in text if not character.isspace())
    seen, known, enough = 0, set[str](), 0.9995 * counts.total()
    for character, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]:
        if seen >= enough:
            break
        known.add(character)
        seen += count
    return known
